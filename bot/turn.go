package bot

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"
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
	return t.answer(ctx, out.reply.Ack)
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
	out, err := flow.play(Scene{Couple: t.next}, rec.State, ev, live)
	if err != nil {
		return out, err
	}
	want := out.reply.Want
	if !want.Days && len(want.Entries) == 0 {
		return out, nil
	}
	if t.way.id != 0 {
		if rec, err = t.b.store.Load(ctx, t.way.id, flow.name(), want); err != nil {
			return out, err
		}
	}
	return flow.play(Scene{Couple: t.next, Days: rec.Days, Entries: rec.Entries, Loaded: true}, rec.State, ev, live)
}

// apply turns a reply into the change to commit.
func (t *turn) apply(ctx context.Context, flow Conversation, out played, ev Event) error {
	arranged := out.reply.Set != nil || out.reply.Leave != Nobody
	if out.reply.Set != nil {
		id := t.next.ID
		t.next = *out.reply.Set
		t.next.ID = id
	}
	left := t.next
	if out.reply.Leave != Nobody {
		t.leave(out.reply.Leave)
	}
	t.collect(flow, out, left)
	if out.reply.Used {
		t.change.Invited = true
	}
	if !out.reply.Invite.IsZero() {
		t.change.Invite = &Invite{Hash: seal(ev.Token), Expires: out.reply.Invite}
	}
	t.focus(flow.name(), out)
	if !arranged {
		return nil
	}
	for _, other := range t.b.flows {
		if other.settled() && other.name() != flow.name() {
			if err := t.arrange(ctx, other, ev.At); err != nil {
				return err
			}
		}
	}
	return nil
}

// arrange tells a flow that people or settings changed.
func (t *turn) arrange(ctx context.Context, flow Conversation, at time.Time) error {
	rec := Record{}
	if t.way.id != 0 && !t.change.Reset {
		var err error
		if rec, err = t.b.store.Load(ctx, t.way.id, flow.name(), Want{}); err != nil {
			return err
		}
	}
	ev := Event{Kind: Arranged, At: at.In(t.next.Location(Nobody))}
	out, err := t.step(ctx, flow, rec, ev, false)
	if err != nil {
		return err
	}
	t.collect(flow, out, t.next)
	return nil
}

// collect gathers what one flow's step asked for.
func (t *turn) collect(flow Conversation, out played, seen Couple) {
	t.change.States = append(t.change.States, State{Flow: flow.name(), JSON: out.state, Wake: out.stage.Wake})
	t.change.Days = append(t.change.Days, out.reply.Days...)
	t.change.Entries = append(t.change.Entries, out.reply.Keep...)
	for _, say := range out.reply.Says {
		t.letters = append(t.letters, t.address(say, seen, flow.name(), out.stage.Round)...)
	}
}

// leave takes partners out, and everything that was under way with them.
func (t *turn) leave(who Who) {
	for _, p := range Each {
		if who.Has(p) {
			t.next.Partners[p.Index()] = Partner{}
		}
	}
	t.change.Reset, t.change.Forget = true, who
	t.change.Delete = t.next.Seated() == Nobody
}

// focus remembers which flow asked whom for words last.
func (t *turn) focus(name string, out played) {
	for _, p := range Each {
		partner := &t.next.Partners[p.Index()]
		switch {
		case out.stage.Listen.Has(p) && (p == t.who || !out.before.Listen.Has(p)):
			partner.Focus = name
		case !out.stage.Listen.Has(p) && partner.Focus == name:
			partner.Focus = ""
		}
	}
}

// gone notes that the bot cannot write to a chat any more.
func (t *turn) gone(ctx context.Context) error {
	if user, private := t.in.Chat.Private(); private {
		if who := t.couple.Which(user); who != Nobody {
			t.next.Partners[who.Index()].Open = false
		}
	} else if t.in.Chat == t.couple.Room {
		t.next.Room, t.next.Members = Chat{}, 0
	}
	if t.way.id == 0 || reflect.DeepEqual(t.next, t.couple) {
		return nil
	}
	if t.next.Seated() == Nobody {
		t.change.Delete = true
	}
	return t.commit(ctx)
}

// answer commits, posts, and tells the person who did it.
func (t *turn) answer(ctx context.Context, ack Text) (Answer, error) {
	lang := t.b.locale(t.in)
	if t.who != Nobody {
		lang = t.couple.Tongue(t.who)
	}
	toast := t.b.put(lang, ack)
	_, private := t.in.Chat.Private()
	open := private || t.who != Nobody && t.next.Partner(t.who).Open
	if open && toast != "" && (t.in.Quiet || private && t.in.Kind != Tapped) {
		t.letters = append(t.letters, Letter{Chat: Nook(t.in.User), Page: Page{Text: toast}})
		toast = ""
	}
	if err := t.commit(ctx); err != nil {
		return Answer{}, err
	}
	return Answer{Toast: toast}, nil
}

// commit makes the turn durable, and only then lets its letters go.
func (t *turn) commit(ctx context.Context) error {
	ch := t.change
	ch.ID = t.way.id
	if !reflect.DeepEqual(t.next, t.couple) {
		ch.Couple = &t.next
	}
	if ch.ID == 0 && (ch.Couple == nil || t.next.Seated() == Nobody && t.next.Room.ID == "") {
		return t.whisper(ctx) // a stranger looked in: nothing is kept
	}
	if t.way.empty != 0 {
		if _, err := t.b.store.Commit(ctx, Change{ID: t.way.empty, Delete: true}); err != nil && !errors.Is(err, ErrNone) {
			return err
		}
	}
	if !ch.Delete {
		ch.Letters = t.letters
	}
	if ch.Couple == nil && len(ch.States)+len(ch.Letters) == 0 && !ch.Delete {
		return nil
	}
	if ch.Couple != nil || ch.Delete {
		defer t.b.seatings.Add(1)
	}
	receipt, err := t.b.store.Commit(ctx, ch)
	if err != nil {
		return fmt.Errorf("bot: commit: %w", err)
	}
	if ch.Delete {
		return t.whisper(ctx)
	}
	for i := range t.letters {
		t.letters[i].Couple, t.letters[i].ID = receipt.ID, receipt.Letters[i]
	}
	t.b.post.put(t.letters)
	return nil
}

// whisper sends letters that are not to be kept: to strangers, and to the last who left.
func (t *turn) whisper(ctx context.Context) error {
	for _, l := range t.letters {
		t.b.whisper(ctx, l)
	}
	return nil
}
