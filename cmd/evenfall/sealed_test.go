package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"evenfall/bot"
	"evenfall/bot/bottest"
	"evenfall/bot/flows"
	"evenfall/storage/sqlite"
)

// confidences are what a couple says, and how the moods of a board are called in its state.
var confidences = []string{"tar and oranges", "about the lighthouse", "tell him everything", "canary sings", `"answers"`, `"mood":4`, `"mood":2`}

// TestNothingStandsInTheClear lives evenings with notes and looks into every file of the house,
// each time before it ends, and when it is closed.
func TestNothingStandsInTheClear(t *testing.T) {
	const script = `clock 2026-03-02 19:30
given
ana writes /checkin
ana taps ✎ A line in the room
ana says the harbour smelled of tar and oranges
ana taps 🙂 in the room
restart
ben taps ✎ A line in the room
ben says nobody must know about the lighthouse
ben taps 😕 in the room
ana writes /streak
clock 23:00
clock 20:01
ana taps ✎ A line in the room
ana says tomorrow I will tell him everything
ana taps 😞 in the room
restart
ben taps ✎ A line in the room
ben says the canary sings at four
`
	house := &glass{T: t, folder: t.TempDir(), kept: map[string]bool{}}
	played := bottest.Play(t, bottest.World{Networks: []bottest.Network{bottest.NewPretend("left")}, Flows: flows.All(), Open: house.open}, script)
	house.look("closed")
	if strings.Count(played, "about the lighthouse") < 2 || house.looks != 4 || !house.logs {
		t.Errorf("%d looks, with logs: %v, at\n%s", house.looks, house.logs, played)
	}
	for _, words := range confidences {
		if !house.kept[words] {
			t.Errorf("%q was never kept: that was no trial", words)
		}
	}
}

// glass is a house that can be looked into.
type glass struct {
	*testing.T
	folder string
	looks  int
	logs   bool            // there was a log to look into
	kept   map[string]bool // which confidences came into the store
}

func (g *glass) open() bot.Store {
	s, err := sqlite.Open(g.Context(), sqlite.Options{Folder: g.folder})
	if err != nil {
		g.Fatal(err)
	}
	return pane{s, g}
}

// look reads every file.
func (g *glass) look(when string) {
	g.Helper()
	g.looks++
	files, err := filepath.Glob(filepath.Join(g.folder, "*"))
	if err != nil {
		g.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			g.Fatal(err)
		}
		g.logs = g.logs || strings.HasSuffix(file, "-wal") && len(data) > 0
		for _, words := range append([]string{"Good evening", `"partners"`, `"title"`, `"page"`}, confidences...) {
			if n := bytes.Count(data, []byte(words)); n > 0 {
				g.Errorf("%s: %q stands %d times in %s", when, words, n, filepath.Base(file))
			}
		}
	}
}

// pane is the store of such a house.
type pane struct {
	bot.Store
	*glass
}

func (p pane) Commit(ctx context.Context, ch bot.Change) (bot.Receipt, error) {
	for _, st := range ch.States {
		for _, words := range confidences {
			if bytes.Contains(st.JSON, []byte(words)) {
				p.kept[words] = true
			}
		}
	}
	return p.Store.Commit(ctx, ch)
}

func (p pane) Close() error {
	p.look("running")
	return p.Store.Close()
}
