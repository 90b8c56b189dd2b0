package adaptertest

import (
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"evenfall/bot"
)

// Want is what has to come of one mishap at one site.
type Want struct {
	Send     Verdict // what Send says of the letter; "" is done
	Copies   int     // of the letter in the chat, after it was sent again where that makes sense
	Ends     bool    // Run ends by itself, with one clear line
	Unticked bool    // the tap is not ticked
	Unset    bool    // the menu stays unset until the next start
	Ill      bool    // the check-up says that something is not well
	Once     bool    // the request is not made again
}

// Row is what has to come of each mishap at one site.
type Row func(Mishap) Want

// Matrix is every call of an adapter × every mishap.
type Matrix struct {
	Open   func(t *testing.T, h bot.Handler) Exposed
	Scenes []Scene
	Rows   map[string]Row // by "scene: site"
	// Final, which may be nil, reports whether two mishaps at one site end Run though
	// neither does alone.
	Final func(site string, x, y Mishap) bool
	Known []string // every site that the pretend network has: none may be left out
	// Requests are the names of the functions that make requests: every call of one in
	// the package under test has to go wrong somewhere.
	Requests []string
	// Apart are sites that are asked by chance, and so left out: by scene, "" for all
	// scenes that are not named.
	Apart map[string][]string
}

// cell is a scene with what goes wrong in it.
type cell struct {
	scene  Scene
	sites  []string
	mishap []Mishap
}

func (c cell) name() string {
	parts := []string{c.scene.Name}
	for i, s := range c.sites {
		parts = append(parts, s+": "+c.mishap[i].Name)
	}
	return strings.NewReplacer("/", "|", " ", "_").Replace(strings.Join(parts, ", "))
}

// Run plays every scene undisturbed to learn its sites, then every cell, then pairs of
// mishaps in one scene: the same reset twice, and a sample by a fixed seed
// (EVENFALL_FAULT_SEED has another), or, with EVENFALL_LONG set, all of them.
func (m Matrix) Run(t *testing.T) {
	sites := m.survey(t)
	if t.Failed() {
		return
	}
	var cells []cell
	for _, s := range m.Scenes {
		for _, site := range sites[s.Name] {
			for _, x := range Mishaps {
				cells = append(cells, cell{s, []string{site}, []Mishap{x}})
			}
		}
	}
	t.Logf("%d cells", len(cells))
	var met lines
	pairs := m.pairs(t, cells)
	t.Run("cells", func(t *testing.T) { m.all(t, cells, &met) })
	t.Run("pairs", func(t *testing.T) { m.all(t, pairs, &met) })
	if met.plays < len(cells)+len(pairs) {
		return // -run chose some
	}
	for _, where := range unmet(t, m.Requests, met.met) {
		t.Errorf("%s: no scene lets this request go wrong", where)
	}
}

// survey is the sites of every scene, seen in a run in which nothing goes wrong.
func (m Matrix) survey(t *testing.T) map[string][]string {
	sites, all := map[string][]string{}, map[string]bool{}
	for _, s := range m.Scenes {
		// No subtest: -run may choose some cells, and they need all of this.
		synctest.Test(t, func(t *testing.T) {
			p := m.begin(t, s, nil, 0, false)
			calls := p.finish()
			if len(p.verdicts) > 0 || p.final != nil || p.ill > 0 {
				t.Errorf("nothing went wrong, and yet: %v, %v, %d findings", p.verdicts, p.final, p.ill)
			}
			sites[s.Name] = slices.Sorted(maps.Keys(calls))
			for site := range calls {
				all[site] = true
			}
			m.listed(t, s, calls)
		})
		if t.Failed() {
			t.Fatalf("in the scene %q, undisturbed", s.Name)
		}
	}
	for _, site := range m.Known {
		if !all[site] {
			t.Errorf("no scene makes the request %q", site)
		}
	}
	for row := range m.Rows {
		if scene, site, _ := strings.Cut(row, ": "); !slices.Contains(sites[scene], site) {
			t.Errorf("there is a row for %q, and no such request", row)
		}
	}
	return sites
}

// listed wants a row for every site.
func (m Matrix) listed(t *testing.T, s Scene, calls map[string]int) {
	for site := range calls {
		if m.Rows[s.Name+": "+site] == nil {
			t.Errorf("nothing says what has to hold when %q goes wrong in the scene %q", site, s.Name)
		}
	}
}

// pairs of cells in the same scene. At one site their order matters, at two it does not.
func (m Matrix) pairs(t *testing.T, cells []cell) (out []cell) {
	var always []cell
	for i, x := range cells {
		for j, y := range cells {
			if x.scene.Name != y.scene.Name || j < i && x.sites[0] != y.sites[0] {
				continue
			}
			both := cell{x.scene, slices.Concat(x.sites, y.sites), slices.Concat(x.mishap, y.mishap)}
			if x.name() == y.name() && x.mishap[0].Name == "reset" {
				always = append(always, both)
			} else {
				out = append(out, both)
			}
		}
	}
	if os.Getenv("EVENFALL_LONG") != "" {
		return append(always, out...)
	}
	seed, err := strconv.ParseUint(os.Getenv("EVENFALL_FAULT_SEED"), 10, 64)
	if err != nil {
		seed = 1
	}
	t.Logf("a sample of %d pairs, seed %d", len(out), seed)
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return append(always, out[:min(len(out), 100)]...)
}

// all plays cells, each on a clock of its own, which moves when everybody waits. What is
// still at work when a play is over, or waits for good, ends the test in a panic.
func (m Matrix) all(t *testing.T, cells []cell, met *lines) {
	for _, c := range cells {
		t.Run(c.name(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { met.add(m.play(t, c)) })
		})
	}
}

func (m Matrix) begin(t *testing.T, s Scene, armed map[string][]Mishap, ends int, unset bool) *Play {
	p := &Play{T: t, heard: make(chan bot.Incoming, 1024), ends: ends, unset: unset}
	p.Exposed = m.Open(t, p.handle)
	p.Cast = p.Exposed.Cast()
	t.Cleanup(func() {
		if p.stop != nil {
			p.stop()
			<-p.ended
		}
	})
	if s.Set != nil {
		s.Set(p)
	}
	p.before = p.copies()
	apart, ok := m.Apart[s.Name]
	if !ok {
		apart = m.Apart[""]
	}
	p.Wire().Begin(armed, apart)
	s.Play(p)
	return p
}

// play plays one cell and looks at what came of it.
func (m Matrix) play(t *testing.T, c cell) *Wire {
	armed := map[string][]Mishap{}
	var wants []Want
	ends, unset := 0, false
	for i, site := range c.sites {
		armed[site] = append(armed[site], c.mishap[i])
		w := m.Rows[c.scene.Name+": "+site](c.mishap[i])
		wants, unset = append(wants, w), unset || w.Unset
		if w.Ends {
			ends++
		}
	}
	single := len(c.sites) == 1
	if !single && m.Final != nil && c.sites[0] == c.sites[1] && m.Final(c.sites[0], c.mishap[0], c.mishap[1]) {
		ends++
	}
	p := m.begin(t, c.scene, armed, ends, unset)
	if single && !p.Wire().Met(c.sites[0]) {
		t.Error("the mishap was never met")
	}
	calls := p.finish()
	m.listed(t, c.scene, calls)
	p.secrets()
	if single {
		p.exactly(wants[0], calls[c.sites[0]])
	} else {
		p.loosely(wants, c.mishap)
	}
	return p.Wire()
}
