package bot

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"
)

// apply turns a reply into the change to commit.
func (t *turn) apply(ctx context.Context, flow Conversation, out played, ev Event) error {
	arranged := out.reply.Set != nil || out.reply.Leave != Nobody || out.reply.Forget == Both
	if out.reply.Set != nil {
		id := t.next.ID
		t.next = *out.reply.Set
		t.next.ID = id
	}
	left := t.next
	if out.reply.Leave != Nobody {
		left.Room = t.couple.Room // what is said on leaving is said where they still are
		t.leave(out.reply.Leave)
	}
	if out.reply.Forget != Nobody {
		if err := t.forget(ctx, out.reply.Forget); err != nil {
			return err
		}
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
	t.change.States = append(t.change.States, State{Flow: flow.name(), JSON: out.state, Wake: out.stage.Wake, Open: out.stage.Open})
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
	ch.ID, ch.Seen = t.way.id, t.b.seen(t.in)
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
	if ch.Delete || ch.Reset || ch.Forget != Nobody {
		t.b.post.drop(ch.ID)
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
