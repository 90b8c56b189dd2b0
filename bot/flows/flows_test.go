package flows_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"evenfall/bot"
	"evenfall/bot/bottest"
	"evenfall/bot/flows"
	"evenfall/storage/memory"
)

var update = flag.Bool("update", false, "write what the bot says into the scripts")

// TestScripts plays every conversation in testdata, plainly and with a restart of
// the process between any two lines.
func TestScripts(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatal("there are no scripts")
	}
	for _, name := range names {
		script, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			for _, restless := range []bool{false, true} {
				got := bottest.Play(t, world(string(script), restless), string(script))
				if got == string(script) {
					continue
				}
				if *update && !restless {
					if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
					script = []byte(got)
					continue
				}
				t.Errorf("%s (restarts: %v): the conversation went another way (go test ./bot/flows -update shows it):\n%s", name, restless, bottest.Differ(string(script), got))
			}
		})
	}
}

// world is one network, or two for a script about partners on different ones.
func world(script string, restless bool) bottest.World {
	store := memory.New()
	w := bottest.World{
		Networks: []bottest.Network{bottest.NewPretend("left")},
		Flows:    flows.All(),
		Open:     func() bot.Store { return store.Reopen() },
		Restless: restless,
	}
	if strings.HasPrefix(script, "# two networks") {
		w.Networks = append(w.Networks, bottest.NewPretend("right"))
	}
	return w
}
