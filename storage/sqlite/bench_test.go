package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"evenfall/bot"
)

// chunk is how many of each the benchmarks time in turn, so that both meet the
// same moods of the machine.
const chunk = 64

// town is a house with many couples.
type town struct {
	*Store
	ids  []bot.CoupleID
	taps atomic.Int64
}

// words is a state as the check-in has it, never the same twice: SQLite writes
// nothing when nothing changes.
func words(n int64) []byte {
	return fmt.Appendf(nil, `{"round":%d,"wake":"2026-11-23T12:00:00+01:00","date":20779,"mood":[4,0],"near":[3,0],"load":[0,0],"sent":true}`, n)
}

func newTown(b *testing.B, couples int) *town {
	b.Helper()
	v := &town{Store: open(b, b.TempDir())}
	var all sync.WaitGroup
	v.ids = make([]bot.CoupleID, couples)
	for n := range couples {
		all.Go(func() {
			r, err := v.Commit(b.Context(), bot.Change{Couple: &bot.Couple{
				Partners: [2]bot.Partner{{User: person(2 * n), Name: "Ana", Language: "es", Open: true}, {User: person(2*n + 1), Name: "Ben", Open: true}},
				Room:     place(n), Members: 2, Adder: person(2 * n), Language: "en", Zone: "Europe/Madrid", Evening: 1200, Ready: true,
			}, States: []bot.State{{Flow: "checkin", JSON: words(0), Wake: time.Unix(2e9, 0)}}})
			if err != nil {
				b.Error(err)
			}
			v.ids[n] = r.ID
		})
	}
	all.Wait()
	return v
}

func person(n int) bot.User { return bot.User{Network: "telegram", ID: fmt.Sprint(700000000 + n)} }
func place(n int) bot.Chat  { return bot.Chat{Network: "telegram", ID: fmt.Sprint(-1009000000 - n)} }

// tap is what one tap of couple n costs the store: find, load, step, commit.
func (v *town) tap(ctx context.Context, n int) (bot.Letter, error) {
	n %= len(v.ids)
	f, err := v.Find(ctx, person(2*n), place(n), nil, time.Unix(1e9, 0))
	if err != nil {
		return bot.Letter{}, err
	}
	rec, err := v.Load(ctx, f.ByUser, "checkin", bot.Want{})
	if err != nil {
		return bot.Letter{}, err
	}
	var state map[string]any
	if err := json.Unmarshal(rec.State, &state); err != nil {
		return bot.Letter{}, err
	}
	l := bot.Letter{Couple: f.ByUser, Chat: rec.Couple.Room, Flow: "checkin", Round: 12, Slot: "prompt", Page: evening}
	r, err := v.Commit(ctx, bot.Change{ID: f.ByUser, Letters: []bot.Letter{l},
		States: []bot.State{{Flow: "checkin", JSON: words(v.taps.Add(1)), Wake: time.Unix(2e9, 0)}}})
	if err == nil {
		l.ID = r.Letters[0]
	}
	return l, err
}

// settled is a tap with its letter sent as an edit of the prompt.
func (v *town) settled(ctx context.Context, n int) error {
	l, err := v.tap(ctx, n)
	if err != nil {
		return err
	}
	l.Edit = "4711"
	return v.Settle(ctx, []bot.Outcome{{Letter: l, Message: "4711", Done: true}})
}

// evening is a page as long as a real prompt.
var evening = func() bot.Page {
	p := bot.Page{Title: "Good evening", Text: "How are you? · Pressure from outside? · How close do you feel?\n●○"}
	for _, verb := range []string{"mood", "load", "near"} {
		var row []bot.Key
		for i := range 5 {
			row = append(row, bot.Key{Label: "😊", Payload: fmt.Sprintf("checkin/12/%s/%d", verb, i)})
		}
		p.Buttons = append(p.Buttons, row)
	}
	return p
}()

// bare is the least that a durable answer can cost: one upsert, one commit, one
// connection, nothing else.
type bare struct {
	mu                    sync.Mutex
	begin, upsert, commit *stmt
	writes                int64
}

func newBare(b *testing.B) *bare {
	b.Helper()
	s := open(b, b.TempDir())
	c := s.queue.w.conn
	if _, err := c.once(`CREATE TABLE bare (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT`); err != nil {
		b.Fatal(err)
	}
	x := &bare{begin: s.queue.w.begin, commit: s.queue.w.commit}
	if err := c.prepare(map[**stmt]string{
		&x.upsert: `INSERT INTO bare (id, body) VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body`}); err != nil {
		b.Fatal(err)
	}
	return x
}

func (x *bare) write(n int) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if _, err := x.begin.exec(); err != nil {
		return err
	}
	x.writes++
	if _, err := x.upsert.exec(int64(n%1000), words(x.writes)); err != nil {
		return err
	}
	_, err := x.commit.exec()
	return err
}

// BenchmarkBare is the bar that BenchmarkTap is measured against.
func BenchmarkBare(b *testing.B) {
	x := newBare(b)
	for n := 0; b.Loop(); n++ {
		if err := x.write(n); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTap reports how many taps go into the time of one bare write: alone,
// with the letter settled too, and for 64 people at once.
func BenchmarkTap(b *testing.B) {
	for _, c := range []struct {
		name   string
		people int
		settle bool
	}{{"alone", 1, false}, {"settled", 1, true}, {"crowd", 64, false}, {"crowdSettled", 64, true}} {
		b.Run(c.name, func(b *testing.B) {
			v := newTown(b, 1000)
			x := newBare(b)
			tap := func(n int) error {
				_, err := v.tap(b.Context(), n)
				return err
			}
			if c.settle {
				tap = func(n int) error { return v.settled(b.Context(), n) }
			}
			var mine, theirs time.Duration
			size := chunk * c.people
			rounds := 0
			for b.Loop() {
				mine += spend(b, c.people, size, tap)
				theirs += spend(b, 1, chunk, x.write)
				rounds++
			}
			each := float64(mine) / float64(rounds*size)
			b.ReportMetric(float64(theirs)/float64(rounds*chunk)/each, "taps/bare")
			b.ReportMetric(1e9/each, "taps/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// spend is how long so many people take for so many calls.
func spend(b *testing.B, people, calls int, call func(n int) error) time.Duration {
	b.Helper()
	var next atomic.Int64
	var all sync.WaitGroup
	start := time.Now()
	for range people {
		all.Go(func() {
			for n := next.Add(1); n <= int64(calls); n = next.Add(1) {
				if err := call(int(n) * 7); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	return time.Since(start)
}
