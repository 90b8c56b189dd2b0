package sqlite

import (
	"errors"
	"runtime"
	"sync"
	"testing"

	"evenfall/bot"
	"evenfall/rituals"
)

// gather lets changes pile up behind a closed gate and returns once all wait; let
// opens the gate and returns what became of them.
func gather(t *testing.T, s *Store, changes []bot.Change) (let func() []error) {
	t.Helper()
	s.queue.gate <- struct{}{}
	errs := make([]error, len(changes))
	var all sync.WaitGroup
	for i, ch := range changes {
		all.Go(func() { _, errs[i] = s.Commit(t.Context(), ch) })
	}
	for waiting := 0; waiting < len(changes); runtime.Gosched() {
		s.queue.mu.Lock()
		waiting = len(s.queue.waiting)
		s.queue.mu.Unlock()
	}
	return func() []error {
		<-s.queue.gate
		all.Wait()
		return errs
	}
}

func TestBatch(t *testing.T) {
	s := open(t, t.TempDir())
	id := seat(t, s, 0)
	changes := make([]bot.Change, most+50)
	for i := range changes {
		changes[i] = bot.Change{ID: id, Days: []rituals.Day{{Date: rituals.Date(i)}}}
	}
	let := gather(t, s, changes)
	batch := s.queue.take()
	if len(batch) != most {
		t.Errorf("a batch of %d, want %d", len(batch), most)
	}
	s.queue.write(batch)
	if err := errors.Join(let()...); err != nil {
		t.Fatal(err)
	}
	rec, err := s.Load(t.Context(), id, "", bot.Want{Days: true})
	if err != nil || len(rec.Days) != len(changes) {
		t.Errorf("%d of %d days, %v", len(rec.Days), len(changes), err)
	}
}

// TestClosedBehind closes the queue between a commit and the moment its owner looks:
// what is durable must not be called refused.
func TestClosedBehind(t *testing.T) {
	s := open(t, t.TempDir())
	for range 40 {
		q := newQueue(s.queue.w)
		err := q.do(t.Context(), job{
			apply: func(*writer) (refused, err error) { return nil, nil },
			kept:  func() { close(q.closed) },
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestPoison puts one change that no table takes among good ones.
func TestPoison(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	var ids []bot.CoupleID
	var changes []bot.Change
	for n := range 5 {
		ids = append(ids, seat(t, s, n))
		changes = append(changes, bot.Change{ID: ids[n], Letters: []bot.Letter{{Chat: place(n)}},
			States: []bot.State{{Flow: "f", JSON: []byte(`{"n":1}`)}}})
	}
	changes[2].Invite = &bot.Invite{Hash: []byte("short")}
	changes[4].ID = 404
	errs := gather(t, s, changes)()
	for n, err := range errs {
		rec, load := s.Load(t.Context(), ids[n], "f", bot.Want{})
		if load != nil {
			t.Fatal(load)
		}
		good := n != 2 && n != 4
		if (err == nil) != good || (rec.State != nil) != good {
			t.Errorf("change %d: %v, state %s", n, err, rec.State)
		}
	}
	if !errors.Is(errs[4], bot.ErrNone) {
		t.Errorf("a couple that is not there: %v", errs[4])
	}
	letters, err := s.Waiting(t.Context(), 0, 10)
	if err != nil || len(letters) != 3 {
		t.Errorf("%d letters, %v", len(letters), err)
	}
	if err := s.Close(); err != nil { // the numbers, too, go on
		t.Fatal(err)
	}
	r, err := open(t, folder).Commit(t.Context(), bot.Change{ID: ids[0], Letters: make([]bot.Letter, 1)})
	if err != nil || r.Letters[0] <= letters[2].ID {
		t.Errorf("letter %d came after %d, %v", r.Letters, letters[2].ID, err)
	}
}

// TestLettersAcrossBlocks takes numbers beyond the block that was set aside.
func TestLettersAcrossBlocks(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	id := seat(t, s, 0)
	var last int64
	send := func() {
		t.Helper()
		r, err := s.Commit(t.Context(), bot.Change{ID: id, Letters: make([]bot.Letter, 3)})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range r.Letters {
			if n <= last {
				t.Errorf("letter %d came after %d", n, last)
			}
			last = n
		}
	}
	send()
	s.queue.w.next = s.queue.w.ceiling - 1
	send()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, folder)
	send()
}
