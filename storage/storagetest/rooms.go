package storagetest

import (
	"errors"

	"evenfall/bot"
)

func (h house) move() {
	id := h.seat(0)
	other := h.seat(1)
	l := h.sent(h.letter(id, "prompt"), "m1")
	waiting := h.send(h.letter(id, "extra"))
	guest := h.send(h.letter(other, "")) // to a room that is not theirs
	nook := bot.Letter{Couple: id, Chat: bot.Nook(user(0)), Slot: "a"}
	h.sent(nook, "m2")
	to := bot.Chat{Network: "telegram", ID: "-1009999"}
	for range 2 { // networks repeat themselves
		if err := h.s.Move(h.Context(), room(0), to); err != nil {
			h.Fatalf("Move: %v", err)
		}
		same(h, "the new room", h.find(user(0), to), bot.Found{ByUser: id, ByChat: id})
	}
	same(h, "the old room", h.find(bot.User{}, room(0)), bot.Found{})
	same(h, "another room", h.find(bot.User{}, room(1)), bot.Found{ByChat: other})
	want := pair(0)
	want.ID, want.Room = id, to
	same(h, "the couple", h.load(id, "", bot.Want{}).Couple, want)
	same(h, "the old place", h.message(l), "")
	l.Chat, waiting.Chat, guest.Chat = to, to, to
	same(h, "the new place", h.message(l), "m1")
	same(h, "the nook", h.message(nook), "m2")
	same(h, "the letters", h.letters(), []bot.Letter{waiting, guest})
	if err := h.s.Move(h.Context(), room(8), room(9)); err != nil {
		h.Fatalf("Move of a chat nobody knows: %v", err)
	}
}

func (h house) moveTaken() {
	first, second := h.seat(0), h.seat(1)
	waiting := h.send(h.letter(first, "prompt"))
	if err := h.s.Move(h.Context(), room(0), room(1)); !errors.Is(err, bot.ErrTaken) {
		h.Fatalf("Move into another couple's room: %v, want ErrTaken", err)
	}
	same(h, "the first stays", h.find(user(0), room(0)), bot.Found{ByUser: first, ByChat: first})
	same(h, "the second stays", h.find(user(2), room(1)), bot.Found{ByUser: second, ByChat: second})
	same(h, "the letter stays", h.letters(), []bot.Letter{waiting})
	empty := h.commit(bot.Change{Couple: &bot.Couple{Room: room(2)}}).ID
	if err := h.s.Move(h.Context(), room(0), room(2)); err != nil {
		h.Fatalf("Move into a room where nobody sits: %v", err)
	}
	same(h, "the room is theirs", h.find(user(0), room(2)), bot.Found{ByUser: first, ByChat: first})
	h.refuse(bot.Change{ID: empty}, bot.ErrNone)
}

func (h house) closed() {
	id := h.seat(0)
	if err := h.s.Close(); err != nil {
		h.Fatalf("Close: %v", err)
	}
	ctx := h.Context()
	_, find := h.s.Find(ctx, user(0), room(0), nil, noon)
	_, load := h.s.Load(ctx, id, "checkin", bot.Want{})
	_, commit := h.s.Commit(ctx, bot.Change{ID: id, Invited: true})
	_, due := h.s.Due(ctx, noon, bot.Alarm{}, 1)
	_, waiting := h.s.Waiting(ctx, 0, 1)
	_, posted := h.s.Posted(ctx, h.letter(id, "a"))
	settle := h.s.Settle(ctx, []bot.Outcome{{Letter: h.letter(id, "a")}})
	move := h.s.Move(ctx, room(0), room(1))
	for i, err := range []error{find, load, commit, due, waiting, posted, settle, move} {
		if err == nil || errors.Is(err, bot.ErrNone) {
			h.Errorf("call %d on a closed store: %v", i, err)
		}
	}
}
