package flows_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"evenfall/bot"
	"evenfall/bot/bottest"
)

// scripted are the moments that the scripts name, each between two of its lines:
//
//	# moment: one has agreed
//
// The neighbours live in their house too. What buttons they show, all scripts tell.
func (all *album) scripted(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatal("there are no scripts")
	}
	for _, name := range names {
		script, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		name = strings.TrimSuffix(filepath.Base(name), ".txt")
		t.Run(name, func(t *testing.T) { all.play(t, name, string(script)) })
	}
}

func (all *album) play(t *testing.T, name, script string) {
	m := begun(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)).neighbours(t)
	w, shown := world(script, false), (*all)[0].shown
	w.Open = func() bot.Store { return m.store.Reopen() }
	var mu sync.Mutex
	for _, n := range w.Networks {
		n.(*bottest.Pretend).Fail(func(l bot.Letter) error {
			mu.Lock()
			defer mu.Unlock()
			eachButton(l, func(payload string) { shown[payload] = true })
			return nil
		})
	}
	w.Remark = func(comment string, at time.Time) {
		title, ok := strings.CutPrefix(comment, "moment: ")
		if !ok {
			return
		}
		next := m.wakes(t, at.Sub(m.at)) // also what the clock has leapt over
		if at.Sub(m.at) >= 24*time.Hour {
			next = next.invitation("nia's", "late")
		}
		next.members = next.couple(next.ours()).Members
		all.add(fmt.Sprintf("%s: %s", name, title), next)
	}
	bottest.Play(t, w, script)
	maps.Copy(shown, m.shown)
}
