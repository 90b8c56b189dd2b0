package bot

import (
	"context"
)

// turn is one event on its way through the house.
type turn struct {
	b       *Bot
	in      Incoming
	way     way
	couple  Couple // as it was
	next    Couple // as it shall be
	who     Who
	visitor Partner
	change  Change
	letters []Letter
	lane    Lane // of its letters
}

// turn plays an event: find the flow, step, commit, post. The couple is locked.
func (b *Bot) turn(ctx context.Context, w way, in Incoming) (Answer, error) {
	t := &turn{b: b, in: in, way: w}
	flow, action, live, ok := b.heard(in)
	name := ""
	if flow != nil {
		name = flow.name()
	}
	rec := Record{}
	if w.id != 0 {
		var err error
		if rec, err = b.store.Load(ctx, w.id, name, Want{}); err != nil {
			return Answer{}, err
		}
	}
	t.couple = rec.Couple
	t.meet()
	if !ok && in.Kind == Said && in.Payload == "" && t.who != Nobody {
		if flow = b.listener(t.couple.Partner(t.who)); flow != nil {
			return t.run(ctx, flow, Action{}, false)
		}
	}
	if _, private := in.Chat.Private(); private && w.id == 0 && in.Kind == Said {
		flow = b.command["start"] // a stranger's first words
	}
	switch {
	case in.Kind == Gone:
		return Answer{}, t.gone(ctx)
	case in.Kind == Counted:
		return Answer{}, t.commit(ctx)
	case flow == nil && t.who == Nobody && in.Kind != Tapped:
		return Answer{}, nil // somebody else's talk
	case flow == nil:
		return t.answer(ctx, T("unknown"))
	case t.who == Nobody && (!flow.visitors() || t.couple.Seated() == Both):
		return t.answer(ctx, T("guest"))
	}
	return t.played(ctx, flow, action, live, rec)
}

// heard finds the flow that an event is for, and the button's action.
func (b *Bot) heard(in Incoming) (flow Conversation, a Action, live, ok bool) {
	switch {
	case in.Kind == Arrived:
		return b.command["start"], a, false, true
	case in.Kind == Called:
		return b.command[in.Command], a, false, true
	case in.Payload != "":
		a, ok := ParseAction(in.Payload)
		if !ok || b.byName[a.Flow] == nil {
			return nil, a, true, true
		}
		return b.byName[a.Flow], a, true, true
	}
	return nil, a, false, false
}

// listener is the flow that waits for a partner's words.
func (b *Bot) listener(p Partner) Conversation {
	if flow := b.byName[p.Focus]; flow != nil {
		return flow
	}
	for _, flow := range b.flows {
		if flow.hears() {
			return flow
		}
	}
	return nil
}

// meet finds out who did it, and notes what the event tells about chat and person.
func (t *turn) meet() {
	t.next = t.couple
	t.who = t.couple.Which(t.in.User)
	if (t.in.Members != 0 || t.in.Kind == Counted) && t.in.Chat == t.couple.Room {
		t.next.Members = t.in.Members
	}
	if t.who == Nobody {
		t.visitor = Partner{User: t.in.User, Name: t.in.Name, Language: t.b.words.Nearest(t.in.Locale), Open: t.in.Open}
	} else if t.in.Open {
		t.next.Partners[t.who.Index()].Open = true
	}
}

// run loads the flow's state and plays the event on it.
func (t *turn) run(ctx context.Context, flow Conversation, a Action, live bool) (Answer, error) {
	rec, err := t.b.store.Load(ctx, t.way.id, flow.name(), Want{})
	if err != nil {
		return Answer{}, err
	}
	return t.played(ctx, flow, a, live, rec)
}

// played steps the flow, then commits and posts what came of it.
func (t *turn) played(ctx context.Context, flow Conversation, a Action, live bool, rec Record) (Answer, error) {
	ev := t.event(a)
	out, err := t.step(ctx, flow, rec, ev, live)
	if err != nil {
		return Answer{}, err
	}
	if out.dead {
		return t.answer(ctx, T("stale"))
	}
	if err := t.apply(ctx, flow, out, ev); err != nil {
		return Answer{}, err
	}
	answer, err := t.answer(ctx, out.reply.Ack)
	if at := out.stage.Wake; err == nil && !at.IsZero() && !at.After(ev.At) {
		// It wants to go on at once. Should that fail, the next beat finds the alarm.
		if err := t.b.roused(ctx, Alarm{At: at, Couple: t.way.id, Flow: flow.name()}, Event{Kind: Woke}, Answers); err != nil {
			t.b.log.Error("an alarm that was due at once is left to the next beat", "flow", flow.name(), "error", err)
		}
	}
	return answer, err
}

// event is what the flow sees of what came in.
func (t *turn) event(a Action) Event {
	ev := Event{
		Kind: t.in.Kind, At: t.b.now().In(t.next.Location(Nobody)), Who: t.who, Visitor: t.visitor,
		Invited: t.way.invited, Elsewhere: t.way.elsewhere, Chat: t.in.Chat, Members: t.in.Members,
		Command: t.in.Command, Text: t.in.Text, Action: a,
	}
	if t.in.Kind == Called || t.in.Kind == Tapped {
		ev.Token = t.b.token()
	}
	return ev
}

// step plays a flow, again if it wants to read history first.
func (t *turn) step(ctx context.Context, flow Conversation, rec Record, ev Event, live bool) (played, error) {
	out, err := flow.play(Scene{Couple: t.next, Away: t.b.outages()}, rec.State, ev, live)
	if err != nil {
		return out, err
	}
	want := out.reply.Want
	if !want.some() {
		return out, nil
	}
	if t.way.id != 0 {
		if rec, err = t.b.store.Load(ctx, t.way.id, flow.name(), want); err != nil {
			return out, err
		}
	}
	if t.way.id != 0 && want.Own != Nobody {
		open, err := t.own(ctx, want.Own)
		if err != nil {
			return out, err
		}
		rec.Entries = append(rec.Entries, open...)
	}
	return flow.play(Scene{Couple: t.next, Days: rec.Days, Entries: rec.Entries, Loaded: true, Away: t.b.outages()}, rec.State, ev, live)
}
