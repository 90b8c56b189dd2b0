package storagetest

import (
	"crypto/sha256"
	"errors"
	"reflect"
	"time"

	"evenfall/bot"
)

func (h house) newCouple() {
	a, b := h.seat(0), h.seat(1)
	if a <= 0 || b <= 0 || a == b {
		h.Fatalf("couples got the numbers %d and %d", a, b)
	}
	same(h, "first by user and second by room", h.find(user(0), room(1)), bot.Found{ByUser: a, ByChat: b})
	same(h, "second by user", h.find(user(3), bot.Chat{}), bot.Found{ByUser: b})
	same(h, "strangers", h.find(user(9), room(9)), bot.Found{})
	discord := bot.User{Network: "discord", ID: user(0).ID}
	same(h, "same ids on another network", h.find(discord, bot.Chat{Network: "discord", ID: room(0).ID}), bot.Found{})
	same(h, "nobody, nowhere", h.find(bot.User{}, bot.Chat{}), bot.Found{})
	r := h.load(a, "checkin", bot.Want{Days: true, Entries: []string{"mood"}})
	if r.State != nil || r.Days != nil || r.Entries != nil {
		h.Fatalf("a new couple has a past: %+v", r)
	}
}

// full has something in every field; roundTrip fails when a new field is forgotten here.
func full() bot.Couple {
	p := func(n int) bot.Partner {
		return bot.Partner{User: user(n), Name: "Zoë 🌙", Language: "es", Zone: "Asia/Tokyo", Country: "ES", Open: true,
			Off: map[string]bool{bot.KindNudge: true}, Rest: 20779, Hide: true, Focus: "boundary"}
	}
	return bot.Couple{Partners: [2]bot.Partner{p(0), p(1)}, Room: room(0), Members: 3, Adder: user(1), Language: "en",
		Zone: "America/Nuuk", Types: []string{"distance", "parents"}, Evening: 1290, Free: 65, Rest: 20780, Ready: true}
}

func (h house) roundTrip() {
	c := full()
	c.ID = h.commit(bot.Change{Couple: &c}).ID
	fields(h, "Couple", reflect.ValueOf(c))
	same(h, "a full couple", h.load(c.ID, "", bot.Want{}).Couple, c)
	empty := bot.Couple{}
	empty.ID = h.commit(bot.Change{Couple: &bot.Couple{}}).ID
	same(h, "an empty couple", h.load(empty.ID, "", bot.Want{}).Couple, empty)
	c.Partners[1].Name = "Bo"
	h.commit(bot.Change{ID: c.ID, Couple: &c})
	same(h, "a changed couple", h.load(c.ID, "", bot.Want{}).Couple, c)
}

// fields fails for each field that is zero.
func fields(h house, path string, v reflect.Value) {
	h.Helper()
	for i := range v.NumField() {
		name, f := path+"."+v.Type().Field(i).Name, v.Field(i)
		if f.Kind() == reflect.Array {
			f = f.Index(1)
		}
		if f.IsZero() {
			h.Errorf("the suite's couple lacks %s", name)
		} else if f.Kind() == reflect.Struct {
			fields(h, name, f)
		}
	}
}

func (h house) copies() {
	c, state := full(), []byte(`{"round":1}`)
	id := h.commit(bot.Change{Couple: &c, States: []bot.State{{Flow: "checkin", JSON: state}}}).ID
	c.Partners[0].Off[bot.KindIdea], c.Types[0], state[0] = true, "changed", '!'
	h.load(id, "checkin", bot.Want{})
	r := h.load(id, "checkin", bot.Want{})
	apart(h, "Couple", reflect.ValueOf(r.Couple), reflect.ValueOf(h.load(id, "checkin", bot.Want{}).Couple))
	r.Couple.Partners[0].Off[bot.KindIdea], r.Couple.Types[0], r.State[0] = true, "changed", '!'
	again := h.load(id, "checkin", bot.Want{})
	want := full()
	want.ID = id
	same(h, "the couple", again.Couple, want)
	same(h, "the state", string(again.State), `{"round":1}`)
}

// apart fails for every map and slice that two couples share.
func apart(h house, path string, a, b reflect.Value) {
	h.Helper()
	switch a.Kind() {
	case reflect.Map, reflect.Slice, reflect.Pointer:
		if a.Pointer() == b.Pointer() {
			h.Errorf("two readers share %s", path)
		}
	case reflect.Struct:
		for i := range a.NumField() {
			apart(h, path+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i))
		}
	case reflect.Array:
		for i := range a.Len() {
			apart(h, path, a.Index(i), b.Index(i))
		}
	}
}

func hash(token string) []byte { h := sha256.Sum256([]byte(token)); return h[:] }

// invited is the couple that an invitation leads to.
func (h house) invited(token string, now time.Time) bot.CoupleID {
	h.Helper()
	f, err := h.s.Find(h.Context(), user(77), room(77), hash(token), now)
	if err != nil {
		h.Fatalf("Find: %v", err)
	}
	return f.ByInvite
}

func (h house) invitation() {
	id := h.seat(0)
	h.commit(bot.Change{ID: id, Invite: &bot.Invite{Hash: hash("a"), Expires: noon.Add(time.Hour)}})
	same(h, "fresh", h.invited("a", noon), id)
	same(h, "in the last second", h.invited("a", noon.Add(time.Hour-time.Second)), id)
	same(h, "run out", h.invited("a", noon.Add(time.Hour)), 0)
	same(h, "another token", h.invited("b", noon), 0)
}

func (h house) invitationEnds() {
	id, other := h.seat(0), h.seat(1)
	give := func(token string) {
		h.commit(bot.Change{ID: id, Invite: &bot.Invite{Hash: hash(token), Expires: noon.Add(time.Hour)}})
	}
	h.commit(bot.Change{ID: other, Invite: &bot.Invite{Hash: hash("other"), Expires: noon.Add(time.Hour)}})
	give("a")
	give("b")
	same(h, "replaced", h.invited("a", noon), 0)
	same(h, "the new one", h.invited("b", noon), id)
	h.commit(bot.Change{ID: id, Invited: true})
	same(h, "used", h.invited("b", noon), 0)
	give("c")
	h.commit(bot.Change{ID: id, Reset: true})
	same(h, "reset", h.invited("c", noon), 0)
	give("d")
	h.commit(bot.Change{ID: id, Reset: true, Invited: true, Invite: &bot.Invite{Hash: hash("e"), Expires: noon.Add(time.Hour)}})
	same(h, "reset and given anew", h.invited("e", noon), id)
	same(h, "another couple's", h.invited("other", noon), other)
}

func (h house) none() {
	c := pair(0)
	h.refuse(bot.Change{}, bot.ErrNone)
	h.refuse(bot.Change{Delete: true, Couple: &c}, bot.ErrNone)
	for _, ch := range []bot.Change{
		{}, {Couple: &c}, {Delete: true}, {Reset: true}, {Forget: bot.Both}, {Invited: true},
		{States: []bot.State{{Flow: "checkin", JSON: []byte("{}"), Wake: noon}}},
		{Letters: []bot.Letter{{Chat: room(0)}}}, {Entries: []bot.Entry{{Kind: "mood"}}},
		{Invite: &bot.Invite{Hash: hash("a"), Expires: noon.Add(time.Hour)}},
	} {
		ch.ID = 404
		h.refuse(ch, bot.ErrNone)
	}
	if _, err := h.s.Load(h.Context(), 404, "checkin", bot.Want{}); !errors.Is(err, bot.ErrNone) {
		h.Fatalf("Load: %v, want ErrNone", err)
	}
	same(h, "letters of nobody", h.letters(), nil)
	same(h, "alarms of nobody", h.due(bot.Alarm{}, 10), nil)
	same(h, "a couple after all", h.find(user(0), room(0)), bot.Found{})
}

func (h house) userTaken() {
	h.seat(0)
	second := h.seat(1)
	thief := pair(2)
	thief.Partners[1].User = user(0)
	h.refuse(bot.Change{Couple: &thief}, bot.ErrTaken)
	h.refuse(bot.Change{ID: second, Couple: &thief}, bot.ErrTaken)
	twice := pair(2)
	twice.Partners[1].User = twice.Partners[0].User
	h.refuse(bot.Change{Couple: &twice}, bot.ErrTaken)
	same(h, "who was first stays", h.find(user(4), room(2)), bot.Found{})
}

func (h house) roomTaken() {
	first, second := h.seat(0), h.seat(1)
	thief := pair(2)
	thief.Room = room(0)
	h.refuse(bot.Change{Couple: &thief}, bot.ErrTaken)
	h.refuse(bot.Change{ID: second, Couple: &thief}, bot.ErrTaken)
	same(h, "who was first stays", h.find(user(3), room(0)), bot.Found{ByUser: second, ByChat: first})
}

func (h house) freed() {
	first := h.seat(0)
	c := pair(0)
	c.Partners[1], c.Room = bot.Partner{}, bot.Chat{}
	h.commit(bot.Change{ID: first, Couple: &c})
	same(h, "one left", h.find(user(1), room(0)), bot.Found{})
	same(h, "one stayed", h.find(user(0), room(0)), bot.Found{ByUser: first})
	next := pair(1)
	next.Partners[0].User, next.Room = user(1), room(0)
	second := h.commit(bot.Change{Couple: &next}).ID
	same(h, "in a new couple", h.find(user(1), room(0)), bot.Found{ByUser: second, ByChat: second})
	swapped := pair(0)
	swapped.Partners[0], swapped.Partners[1], swapped.Room = bot.Partner{}, bot.Partner{User: user(0)}, bot.Chat{}
	h.commit(bot.Change{ID: first, Couple: &swapped})
	same(h, "on the other seat", h.find(user(0), bot.Chat{}), bot.Found{ByUser: first})
	h.commit(bot.Change{ID: first, States: []bot.State{{Flow: "f", JSON: []byte("{}")}}})
	same(h, "after a change without people", h.find(user(0), bot.Chat{}), bot.Found{ByUser: first})
}
