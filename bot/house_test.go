package bot_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestHouse holds the walls of the house: who may know whom. See doc.go.
func TestHouse(t *testing.T) {
	walls := []struct{ room, never string }{
		{"evenfall/bot", "evenfall/adapters/ evenfall/storage/ evenfall/bot/flows database/sql net/http"},
		{"evenfall/bot/flows", "evenfall/adapters/ evenfall/storage/ database/sql net/http"},
		{"evenfall/bot/words", "evenfall/adapters/ evenfall/storage/ evenfall/rituals database/sql net/http"},
		{"evenfall/rituals", "evenfall/bot evenfall/adapters/ evenfall/storage/ database/sql net/http"},
		{"evenfall/rituals/safety", "evenfall/bot evenfall/adapters/ evenfall/storage/ database/sql net/http"},
		{"evenfall/adapters/telegram", "evenfall/adapters/discord evenfall/adapters/web evenfall/storage/ evenfall/bot/flows database/sql"},
		{"evenfall/adapters/discord", "evenfall/adapters/telegram evenfall/adapters/web evenfall/storage/ evenfall/bot/flows database/sql"},
		{"evenfall/adapters/web", "evenfall/adapters/telegram evenfall/adapters/discord evenfall/storage/ evenfall/bot/flows database/sql"},
		{"evenfall/storage/sqlite", "evenfall/adapters/ evenfall/bot/flows"},
		{"evenfall/storage/memory", "evenfall/adapters/ evenfall/bot/flows database/sql"},
	}
	for _, w := range walls {
		out, err := exec.Command("go", "list", "-deps", w.room).CombinedOutput()
		if err != nil {
			t.Fatalf("go list -deps %s: %v\n%s", w.room, err, out)
		}
		for _, dep := range strings.Fields(string(out)) {
			for _, never := range strings.Fields(w.never) {
				if dep == never || strings.HasSuffix(never, "/") && strings.HasPrefix(dep, never) || strings.HasPrefix(dep, never+"/") && never != "evenfall/bot/flows" {
					t.Errorf("%s must not know %s", w.room, dep)
				}
			}
		}
	}
}
