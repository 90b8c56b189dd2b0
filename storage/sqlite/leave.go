package sqlite

import (
	"context"
	"errors"

	"evenfall/bot"
)

// Two databases do not commit together. The keys go first: made before the couple,
// shredded before the rows, see vault. What a crash leaves between the two, the next
// start finishes.

// welcome makes the keys of the batch's new couples, all at once.
func (w *writer) welcome(batch []*job) error {
	n := 0
	for _, j := range batch {
		if j.fresh != nil {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	id, err := w.keys.NewCouples(context.Background(), n)
	if err != nil {
		return err
	}
	for _, j := range batch {
		if j.fresh != nil {
			*j.fresh = id
			id++
		}
	}
	return nil
}

// part lets the keys go that a batch no longer wants: those of new couples that were
// refused, and the old shared ones of couples that somebody left. err is the batch's,
// and again says that its jobs are played once more. Otherwise the keys have changed for
// rows that have not: that is for the next start to finish, and nobody may go on before.
func (w *writer) part(batch []*job, err error, again bool) error {
	var errs []error
	for _, j := range batch {
		switch {
		case j.fresh == nil || *j.fresh == 0:
		case err == nil && j.err == nil:
			w.keys.Done(*j.fresh)
		default:
			errs = append(errs, w.keys.Shred(context.Background(), *j.fresh, bot.Both))
			w.keys.Done(*j.fresh)
		}
	}
	rotated, dropped := w.rotated, w.dropped
	w.rotated, w.dropped = nil, nil
	if err != nil {
		if !again && len(rotated)+len(dropped) > 0 {
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	}
	for _, id := range rotated {
		errs = append(errs, w.retire(id))
	}
	w.keys.Done(dropped...)
	return errors.Join(errs...)
}

// retire shreds the old keys of a couple whose rows are under the new ones, once
// nobody reads an older state of them.
func (w *writer) retire(id bot.CoupleID) error {
	w.turning.Lock()
	defer w.turning.Unlock()
	return w.keys.Retire(context.Background(), id)
}

// leave shreds the own keys of who is gone and gives the couple a new shared one.
// Errors: bot.ErrNone.
func (w *writer) leave(id bot.CoupleID, who bot.Who) error {
	if err := w.keys.Rotate(context.Background(), id, who); err != nil {
		return gone(err)
	}
	w.rotated = append(w.rotated, id)
	return nil
}

// drop forgets a couple with everything.
func (w *writer) drop(id bot.CoupleID) (refused, err error) {
	row, err := w.exists.one(int64(id))
	if err != nil {
		return nil, err
	}
	if row == nil {
		return bot.ErrNone, nil
	}
	if err := w.keys.Shred(context.Background(), id, bot.Both); err != nil {
		return nil, err
	}
	w.dropped = append(w.dropped, id)
	return nil, w.erase(w.dropCouple, int64(id))
}

// finish ends what a crash left half done between the two databases.
func (w *writer) finish(ctx context.Context) error {
	row, err := w.lastCouple.one()
	if err != nil {
		return err
	}
	if row != nil {
		if err := w.keys.Above(ctx, bot.CoupleID(number(row[0]))); err != nil {
			return err
		}
	}
	left, err := w.keys.Unfinished(ctx)
	if err != nil {
		return err
	}
	for _, id := range left {
		if err := w.transact([]*job{{apply: func(w *writer) (refused, err error) { return nil, w.mend(id) }}}); err != nil {
			return err
		}
		if err := w.wipe(); err != nil {
			return err
		}
		row, err := w.exists.one(int64(id))
		if err != nil {
			return err
		}
		if row != nil {
			err = w.keys.Retire(ctx, id)
		} else {
			err = w.keys.Shred(ctx, id, bot.Both)
			w.keys.Done(id)
		}
		if err != nil {
			return err
		}
	}
	if err := w.wipe(); err != nil {
		return err
	}
	return w.keys.Wipe(ctx)
}
