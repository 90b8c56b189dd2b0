package flows

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"evenfall/bot"
	"evenfall/bot/bottest"
	"evenfall/rituals"
	"evenfall/storage/memory"
)

// kept is everything the house holds, to be searched.
func kept(t *testing.T, h *bottest.House) string {
	t.Helper()
	h.Settle(t)
	var all strings.Builder
	for key, value := range h.Store.(*memory.Store).Dump() {
		all.WriteString(key + " " + value + "\n")
	}
	return all.String()
}

func want(t *testing.T, all string, there bool, words ...string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(all, w) != there {
			t.Errorf("%q is kept: %v, want %v:\n%s", w, !there, there, all)
		}
	}
}

// forgets says all of the words to /forget in a nook.
func forgets(h *bottest.House, u bot.User, words ...string) {
	for _, w := range append([]string{"/forget"}, words...) {
		h.Net.Say(u, bot.Nook(u), w)
	}
}

var (
	anas = []string{"ana shared this", "ana kept this", "ana tonight"}
	bens = []string{"ben shared this", "ben kept this", "ben was alone", "ben tonight"}
)

// TestForgetMine: nothing of one partner's is left anywhere, everything of the other's is, and
// nobody is told.
func TestForgetMine(t *testing.T) {
	h := lived(t)
	h.Net.Say(private, bot.Nook(private), "/settings")
	h.Net.Say(private, bot.Nook(private), "my place")
	h.Net.Say(private, bot.Nook(private), "United States") // several places are offered
	want(t, kept(t, h), true, append(anas, bens...)...)
	want(t, kept(t, h), true, `"found":`)
	said := len(h.Net.Messages(common)) + len(h.Net.Messages(bot.Nook(seen)))
	forgets(h, private, "1", "yes, erase mine")
	all := kept(t, h)
	want(t, all, false, append(anas, `"found":`)...)
	want(t, all, true, bens...)
	rec, err := h.Store.Load(context.Background(), h.ID, "checkin", bot.Want{Days: true, Own: bot.One})
	if err != nil || len(rec.Days) != 3 || rituals.Fold(rec.Days).Total != 2 {
		t.Errorf("days %v, %v", rec.Days, err)
	}
	for _, e := range rec.Entries {
		if e.Who == bot.One {
			t.Errorf("an entry of hers is left: %v", e)
		}
	}
	if n := len(h.Net.Messages(common)) + len(h.Net.Messages(bot.Nook(seen))); n != said {
		t.Errorf("%d messages came where he reads", n-said)
	}
}

// TestForgetOurs: one yes erases nothing, however often; with the second nothing is left but people
// and settings.
func TestForgetOurs(t *testing.T) {
	h := lived(t)
	for range 3 {
		forgets(h, private, "2", "yes, erase ours")
	}
	want(t, kept(t, h), true, append(anas, bens...)...)
	forgets(h, seen, "2", "yes, erase ours")
	all := kept(t, h)
	want(t, all, false, append(anas, bens...)...)
	rec, err := h.Store.Load(context.Background(), h.ID, "checkin", bot.Want{Days: true, Own: bot.Both})
	if err != nil || len(rec.Days)+len(rec.Entries) != 0 || rec.Couple.Seated() != bot.Both || !rec.Couple.Ready {
		t.Errorf("%+v, %v", rec, err)
	}
	want(t, all, true, `"next":`) // the evenings go on
}

// TestForgetWaiting: what was still on its way is not sent any more.
func TestForgetWaiting(t *testing.T) {
	for name, words := range map[string][]string{"mine": {"/forget", "1", "yes, erase mine"}, "by leaving": {"/leave 1"}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := lived(t)
				var tries atomic.Int32
				h.Net.Fail(func(l bot.Letter) error {
					if l.Chat == common {
						tries.Add(1)
						return bot.ErrUnsent
					}
					return nil
				})
				tap(t, h, seen, "mood", "2") // the reveal cannot get out
				want(t, kept(t, h), true, `"Chat":{"Network":"left","ID":"room"}`)
				for _, w := range words {
					h.Net.Say(private, bot.Nook(private), w)
				}
				want(t, kept(t, h), false, append(anas, `"Chat":{"Network":"left","ID":"room"}`)...)
				before := tries.Load()
				time.Sleep(time.Hour)
				if after := tries.Load(); after != before {
					t.Errorf("it was tried %d times more", after-before)
				}
			})
		})
	}
}

// TestForgetUnsure: only who was asked whether they are sure can say yes, and only once.
func TestForgetUnsure(t *testing.T) {
	h := lived(t)
	nook := bot.Nook(private)
	yes := bot.Key{Payload: "forget/0/yes/mine:forget"}
	h.Net.Tap(private, nook, "", yes)
	forgets(h, private)
	h.Net.Tap(private, nook, "", yes)
	forgets(h, private, "2")
	h.Net.Tap(private, nook, "", yes)
	forgets(h, private, "1", "keep everything")
	h.Net.Tap(private, nook, "", yes)
	h.Net.Tap(seen, bot.Nook(seen), "", bot.Key{Payload: "forget/0/too"})
	h.Net.Tap(seen, bot.Nook(seen), "", bot.Key{Payload: "forget/0/yes/ours:ask"})
	want(t, kept(t, h), true, append(anas, bens...)...)
}
