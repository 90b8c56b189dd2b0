//go:build crash

package crashtest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"evenfall/adapters/telegram/telegramtest"

	_ "modernc.org/sqlite"
)

// TestPowerCut crashes one recorded evening at each of its calls, in the long form ten
// evenings. Nothing that a person saw ticked may be lost.
func TestPowerCut(t *testing.T) {
	program := build(t)
	evenings := 1
	if long() {
		evenings = 10
	}
	for seed := range evenings {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			cuts := []cut{kill, lost, torn}
			if long() {
				cuts = append(cuts, torn, torn)
			}
			found := crashes(t, record(t, program, uint64(seed)), uint64(seed), cuts...)
			for _, what := range found[kill] {
				t.Error("kill: ", what)
			}
			for _, what := range append(found[lost], found[torn]...) {
				t.Error("power cut: ", what)
			}
		})
	}
}

// TestPowerCutIsSeen takes the care out of the store. A kill shows nothing of it; the power
// cuts must.
func TestPowerCutIsSeen(t *testing.T) {
	for _, level := range []string{"NORMAL", "OFF"} {
		t.Run(level, func(t *testing.T) {
			program := build(t, patch{"storage/internal/dbfile/dbfile.go", "_synchronous=FULL", "_synchronous=" + level})
			found := crashes(t, record(t, program, 0), 0, kill, lost)
			if len(found[kill]) > 0 {
				t.Errorf("a kill loses nothing, and yet: %v", found[kill])
			}
			if len(found[lost]) == 0 {
				t.Errorf("with synchronous=%s no power cut has lost anything: the proof is blind", level)
			}
			t.Logf("%d power cuts were seen", len(found[lost]))
		})
	}
}

// recorded is one evening: what the program did, and what people did.
type recorded struct {
	calls  []call
	homes  map[int64]*home
	tapped map[string]press // by query
	toasts map[string]string
}

// record lets two couples join and live an evening while the program's calls are
// written down. People do one thing after another and wait for each tick.
func record(t *testing.T, program string, seed uint64) recorded {
	t.Helper()
	srv := telegramtest.New(t)
	w := newWitness(t, srv.URL)
	folder, trace := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "trace")
	at := func(hour, minute int) time.Time {
		day := time.Now().AddDate(0, 0, 2)
		return time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 3, 0, time.UTC)
	}
	c := newClock(t, at(18, 0))
	p := launch(t, program, folder, w.URL, c, strace(trace)...)
	rng := rand.New(rand.NewPCG(seed, 2))
	var couples []*couple
	for n := range 2 {
		couples = append(couples, newCouple(n, seed, srv, w))
	}
	wait := func(what string, done func() bool) {
		t.Helper()
		for end := time.Now().Add(liveness); !done(); time.Sleep(2 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%s: never\n%s", what, p.said.String())
			}
		}
	}
	for _, c := range couples {
		wait("joining", func() bool {
			c.people[0].act()
			c.people[1].act()
			return c.view().has("join.closing.title")
		})
	}
	c.forward(t, at(20, 30)) // in London it may be an hour later
	for _, c := range couples {
		wait("the evening", func() bool { return c.view().has("checkin.title") })
		for n := range 4 {
			for _, who := range c.people {
				m := c.view()[0]
				if verb := []string{"mood", "load", "close"}[rng.IntN(3)]; verb != "mood" || who.at == 0 {
					who.tap(c.room, m, verb+"/"+strconv.Itoa(1+(n+rng.IntN(4))%5))
				}
				who.write(m, evening(m))
			}
		}
	}
	for _, c := range couples {
		for _, who := range c.people {
			who.tap(c.room, c.view()[0], "mood/"+strconv.Itoa(1+rng.IntN(5)))
		}
		wait("the reveal", func() bool { return c.view().has("checkin.both.title") })
		c.people[0].tap(c.room, c.view()[0], "heart/1")
	}
	couples[1].leave.Store(true)
	couples[1].people[0].goes()
	couples[0].people[0].tap(couples[0].room, couples[0].view()[0], "heart/2")
	stop(t, p)
	return read(t, trace, folder, couples, w.record())
}

func evening(m telegramtest.Message) int {
	round, _, _ := board(m)
	return round
}

// stop ends a program that runs under strace.
func stop(t *testing.T, p *process) {
	t.Helper()
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", p.Process.Pid, p.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(children)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-p.ended; err != nil {
		t.Fatalf("%v\n%s", err, p.said.String())
	}
}

// read puts the trace and the people's record together.
func read(t *testing.T, trace, folder string, couples []*couple, lines []line) recorded {
	t.Helper()
	x := judge(t, couples, lines)
	r := recorded{readTrace(t, trace, folder), x.homes, x.presses, map[string]string{}}
	told := map[string]bool{}
	for _, c := range r.calls {
		told[c.query] = true
	}
	for _, l := range lines {
		if l.what == ticked {
			r.toasts[l.query] = l.text
			if !told[l.query] {
				t.Fatalf("the tick of tap %s is not in the trace", l.query)
			}
		}
	}
	if len(r.toasts) < 20 {
		t.Fatalf("only %d ticks: that was no evening", len(r.toasts))
	}
	return r
}

// crashes rebuilds the folder at every call as each of these cuts leaves it, and returns
// what is wrong with the images.
func crashes(t *testing.T, r recorded, seed uint64, cuts ...cut) map[cut][]string {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 3))
	d, owed := newDisk(), &promise{recorded: r, evenings: map[int64]*owing{}}
	g := gallery{t: t, found: map[cut][]string{}, last: map[picture]func() error{}}
	g.all.SetLimit(runtime.GOMAXPROCS(0))
	for i, c := range append(r.calls, call{name: "end"}) {
		if c.name == "tick" {
			owed.ticked(c.query)
			continue
		}
		if len(g.last) > 64 {
			g.look()
		}
		for _, how := range cuts {
			image, owes := d.image(how, rng), owed.clone()
			g.last[picture{sum(image), how}] = func() error {
				if err := owes.kept(t, image); err != nil {
					return fmt.Errorf("before call %d of %d: %w", i, len(r.calls), err)
				}
				return nil
			}
		}
		d.do(c)
	}
	g.look()
	t.Logf("%d calls, %d ticks, %d images", len(r.calls), len(r.toasts), g.images)
	return g.found
}

// gallery holds images that are still to be looked at: each once, with the latest promise.
type gallery struct {
	t      *testing.T
	last   map[picture]func() error
	all    errgroup.Group
	mu     sync.Mutex
	found  map[cut][]string
	images int
}

type picture struct {
	sum uint64
	how cut
}

func (g *gallery) look() {
	for p, kept := range g.last {
		g.images++
		g.all.Go(func() error {
			if err := kept(); err != nil {
				g.mu.Lock()
				defer g.mu.Unlock()
				g.found[p.how] = append(g.found[p.how], err.Error())
			}
			return nil
		})
	}
	g.all.Wait()
	clear(g.last)
}
