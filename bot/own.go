package bot

import "context"

// own is what of a state is a partner's own.
func (f Flow[S, P]) own(state []byte, who Who) ([]Entry, error) {
	if f.Own == nil || state == nil {
		return nil, nil
	}
	s, err := f.thaw(state)
	if err != nil {
		return nil, err
	}
	return f.Own(s, who), nil
}

// forget is a state without what a partner said; no Flow when that is nothing.
func (f Flow[S, P]) forget(state []byte, who Who) (State, error) {
	if f.Forget == nil || state == nil {
		return State{}, nil
	}
	s, err := f.thaw(state)
	if err != nil {
		return State{}, err
	}
	s = f.Forget(s, who)
	out, err := f.freeze(s)
	stage := P(&s).stage()
	return State{Flow: f.Name, JSON: out, Wake: stage.Wake, Open: stage.Open}, err
}

// own is what a partner said in conversations that are still open.
func (t *turn) own(ctx context.Context, who Who) (all []Entry, err error) {
	for _, flow := range t.b.flows {
		rec, err := t.b.store.Load(ctx, t.way.id, flow.name(), Want{})
		if err != nil {
			return nil, err
		}
		entries, err := flow.own(rec.State, who)
		if err != nil {
			return nil, err
		}
		all = append(all, entries...)
	}
	return all, nil
}

// forget erases what one partner said, in every conversation and in history; or, for Both,
// all that the two have been through. People, room and settings stay.
func (t *turn) forget(ctx context.Context, who Who) error {
	t.change.Forget = who
	if who == Both {
		t.change.Reset = true
		return nil
	}
	for _, flow := range t.b.flows {
		rec, err := t.b.store.Load(ctx, t.way.id, flow.name(), Want{})
		if err != nil {
			return err
		}
		state, err := flow.forget(rec.State, who)
		if err != nil {
			return err
		}
		if state.Flow != "" {
			t.change.States = append(t.change.States, state)
		}
	}
	return nil
}
