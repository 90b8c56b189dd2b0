package storagetest

import (
	"fmt"
	"time"

	"evenfall/bot"
)

func (h house) states() {
	id, other := h.seat(0), h.seat(1)
	h.commit(bot.Change{ID: id, States: []bot.State{{Flow: "checkin", JSON: []byte(`{"a":1}`)}, {Flow: "season", JSON: []byte(`{"b":1}`)}}})
	h.commit(bot.Change{ID: id, States: []bot.State{{Flow: "checkin", JSON: []byte(`{"a":2}`)}}})
	same(h, "changed", string(h.load(id, "checkin", bot.Want{}).State), `{"a":2}`)
	same(h, "untouched", string(h.load(id, "season", bot.Want{}).State), `{"b":1}`)
	if s := h.load(id, "heated", bot.Want{}).State; s != nil {
		h.Fatalf("a flow that never ran has the state %q", s)
	}
	if s := h.load(other, "checkin", bot.Want{}).State; s != nil {
		h.Fatalf("another couple has the state %q", s)
	}
}

// wake sets a flow's alarm; zero = none.
func (h house) wake(id bot.CoupleID, flow string, at time.Time) bot.Alarm {
	h.Helper()
	h.commit(bot.Change{ID: id, States: []bot.State{{Flow: flow, JSON: []byte(`{}`), Wake: at}}})
	return bot.Alarm{At: at, Couple: id, Flow: flow}
}

func (h house) alarms() {
	one, two := h.seat(0), h.seat(1)
	late := h.wake(two, "checkin", noon.Add(-time.Minute))
	first := h.wake(two, "season", noon.Add(-time.Hour))
	b := h.wake(one, "b", noon.Add(-time.Minute))
	a := h.wake(one, "a", noon.Add(-time.Minute))
	now := h.wake(one, "now", noon)
	h.wake(one, "future", noon.Add(time.Second))
	h.wake(one, "never", time.Time{})
	same(h, "by time, couple, flow", h.due(bot.Alarm{}, 10), []bot.Alarm{first, a, b, late, now})
	h.wake(one, "a", time.Time{})
	h.wake(one, "b", noon.Add(time.Hour))
	moved := h.wake(two, "season", noon.Add(-time.Second))
	same(h, "after changes", h.due(bot.Alarm{}, 10), []bot.Alarm{late, moved, now})
	early := h.wake(one, "never", noon.Add(-2*time.Hour))
	same(h, "set after all", h.due(bot.Alarm{}, 1), []bot.Alarm{early})
	zone := time.FixedZone("", 3600)
	h.wake(one, "never", noon.Add(-3*time.Hour+time.Millisecond).In(zone))
	if got := h.due(bot.Alarm{}, 1)[0].At; !got.Equal(noon.Add(-3 * time.Hour)) {
		h.Fatalf("an alarm in another zone came as %s", got)
	}
}

func (h house) pages() {
	id, other := h.seat(0), h.seat(1)
	var want []bot.Alarm
	for i := range 7 {
		at := noon.Add(time.Duration(i/3) * time.Second).Add(-time.Hour)
		want = append(want, h.wake(id, fmt.Sprintf("f%d", i), at))
	}
	want = append(want, h.wake(other, "a", want[6].At))
	var got []bot.Alarm
	var after bot.Alarm
	for range 4 {
		page := h.due(after, 3)
		if len(page) == 0 {
			break
		}
		got = append(got, page...)
		after = page[len(page)-1]
	}
	same(h, "page by page", got, want)
	same(h, "after one that is gone", h.due(bot.Alarm{At: want[1].At, Couple: id, Flow: "f1x"}, 1), want[2:3])
	same(h, "no room", h.due(bot.Alarm{}, 0), nil)
}
