package simulation

import (
	"container/heap"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"evenfall/bot"
	"evenfall/bot/words"
)

// world is everything outside the house, and the house.
type world struct {
	testing.TB
	dice
	size
	folder string
	words  *words.Catalogue
	log    *leaks
	house  *house // nil = nobody is at home; only the driver changes it

	mu       sync.Mutex // guards the rest, and all that chats, couples and people hold
	agenda   agenda
	poke     chan struct{}
	offset   time.Duration // of the wall clock from the bubble's
	couples  []*couple
	chats    map[bot.Chat]*chat
	places   []*chat // the same, in order
	letters  map[int64]*traced
	spans    []down
	outages  []down      // of networks
	deaths   []down      // when the program died, or could not write
	jumps    []time.Time // when the wall clock was set, by the wall
	away     map[string]time.Time
	said     map[string]string
	rings    map[*chat]int // since both last answered
	count    int           // of all that happened: what is later has the higher number
	calm     bool
	crashes  int
	happened []happening
	verdict  verdict
}

// size is how big a world is.
type size struct{ couples, days int }

// down is a time without a house, by the wall clock: from the last moment that it lived to
// its first beat again. No to = it is down.
type down struct{ from, to time.Time }

// errand is something that happens at an instant of the bubble.
type errand struct {
	at     time.Time
	number int
	do     func()
}

type agenda []errand

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	return a[i].at.Before(a[j].at) || a[i].at.Equal(a[j].at) && a[i].number < a[j].number
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(errand)) }
func (a *agenda) Pop() any {
	last := len(*a) - 1
	e := (*a)[last]
	(*a)[last] = errand{}
	*a = (*a)[:last]
	return e
}

// in plans something. The mutex is held.
func (w *world) in(d time.Duration, do func()) {
	w.count++
	heap.Push(&w.agenda, errand{time.Now().Add(d), w.count, do})
	select {
	case w.poke <- struct{}{}:
	default:
	}
}

// wall is the clock on the wall. The mutex is held.
func (w *world) wall() time.Time { return time.Now().Add(w.offset).UTC() }

// now is the clock on the wall, as the bot reads it.
func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.wall()
}

// live lets the world go on, from one thing that happens to the next. What happens runs
// here, one after another: two things at once would not end the same way twice.
func (w *world) live(until time.Time) {
	for {
		w.mu.Lock()
		next := until
		if len(w.agenda) > 0 && w.agenda[0].at.Before(until) {
			next = w.agenda[0].at
		}
		if wait := time.Until(next); wait > 0 {
			w.mu.Unlock()
			timer := time.NewTimer(wait)
			select {
			case <-timer.C:
			case <-w.poke:
				timer.Stop()
			}
			continue
		}
		if next.Equal(until) || w.verdict.enough() {
			w.mu.Unlock()
			return
		}
		e := heap.Pop(&w.agenda).(errand)
		w.mu.Unlock()
		e.do()
		synctest.Wait() // what it set off is over, but for what takes time
	}
}

// play lives through a world and judges it.
func (w *world) play() {
	start := time.Now()
	w.found()
	w.up()
	w.every(5*time.Minute, w.minute)
	w.every(10*24*time.Hour, w.review)
	w.weather()
	w.live(start.Add(time.Duration(w.days) * 24 * time.Hour))
	w.mu.Lock()
	w.calm = true
	w.mu.Unlock()
	w.up()
	w.live(time.Now().Add(4 * 24 * time.Hour))
	w.last()
}

// every does something again and again.
func (w *world) every(d time.Duration, do func()) {
	var again func()
	again = func() {
		do()
		w.mu.Lock()
		defer w.mu.Unlock()
		w.in(d, again)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.in(d, again)
}

// found makes the people.
func (w *world) found() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for n := range w.size.couples {
		w.couples = append(w.couples, w.newCouple(n))
	}
}

// newWorld makes a world that has not begun. Its clocks show the first of January 2026.
func newWorld(t testing.TB, seed uint64, s size, folder string) *world {
	catalogue, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{TB: t, dice: dice(seed), size: s, folder: folder, words: catalogue, log: &leaks{}, poke: make(chan struct{}, 1),
		chats: map[bot.Chat]*chat{}, letters: map[int64]*traced{}, away: map[string]time.Time{},
		said: map[string]string{}, rings: map[*chat]int{}, verdict: verdict{seen: map[string]int{}}}
	w.outages = []down{{to: time.Date(2026, 1, 1, 0, 10, 0, 0, time.UTC)}} // before the beginning
	w.offset = time.Until(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	return w
}
