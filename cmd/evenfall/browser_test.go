//go:build browser

package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"evenfall/adapters/web/webtest"
)

// program builds and starts the real binary with nothing set but where its data lie,
// and returns the one address it prints.
func program(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "evenfall")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(binary)
	cmd.Env = append(unset(), "EVENFALL_DATA="+filepath.Join(t.TempDir(), "data"), "EVENFALL_WEB=127.0.0.1:0")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("the program ended with %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// shot keeps a picture if EVENFALL_PICTURES names a folder.
func shot(p *webtest.Page, name string) {
	if folder := os.Getenv("EVENFALL_PICTURES"); folder != "" {
		p.Screenshot(filepath.Join(folder, name+".png"))
	}
}

// TestSevenEvenings is the whole of it in a real browser: two people join, set the
// evening up, and live seven evenings; nothing shows of an answer before both are in.
func TestSevenEvenings(t *testing.T) {
	p := webtest.Open(t, program(t))
	p.Look(false, true)
	p.WaitRoom("Before we begin")
	shot(p, "notice")
	p.Tap("ana", "I'm in – I'm 18 or older")
	p.Tap("ben", "I'm in – I'm 18 or older")
	p.WaitRoom("What fits the two of you?")
	p.Tap("ana", "Skip")
	p.WaitRoom("Where do your evenings take place?")
	p.Say("ana", "Europe/Madrid")
	p.WaitRoom("When shall the evening begin?")
	p.Tap("ben", "✓ 20:00")
	p.WaitRoom("Any days without an evening?")
	p.Tap("ben", "Skip")
	p.WaitRoom("Which language shall I speak")
	p.Tap("ana", "✓ English")
	p.WaitRoom("All set")
	shot(p, "joined")

	evening(t, p, "1 evening together")
	p.Tap("ben", "♡ I'm with you")
	p.WaitRoom("Ben: ♡ I'm with you")
	shot(p, "evening") // the picture in README.md
	for _, streak := range []string{"2", "3", "4", "5", "6", "7"} {
		evening(t, p, streak+" evenings together")
	}
	p.Say("ana", "/streak")
	p.WaitRoom("7")
	shot(p, "seven")
	takeAlong(t, p)
}

// takeAlong asks for a copy in the room; it comes as two files that Ana alone can save.
func takeAlong(t *testing.T, p *webtest.Page) {
	t.Helper()
	p.Say("ana", "/export")
	p.WaitNook("ana", "for programs")
	var names, links []string
	p.Eval(&names, `() => [...document.querySelectorAll('#log-ana .file a')].map((a) => a.download)`)
	p.Eval(&links, `() => [...document.querySelectorAll('.file a')].map((a) => a.href)`)
	if len(names) != 2 || !strings.HasSuffix(names[0], ".html") || !strings.HasSuffix(names[1], ".json") || len(links) != 2 {
		t.Fatalf("the files are called %q, and there are %d links", names, len(links))
	}
	data, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(links[1], "data:application/json;base64,"))
	var got struct {
		Format  string
		Streak  struct{ Total int }
		Entries []any
	}
	if err != nil || json.Unmarshal(data, &got) != nil || got.Format != "evenfall" || got.Streak.Total != 7 || len(got.Entries) != 14 {
		t.Errorf("the copy is %+v, %v", got, err)
	}
	shot(p, "export")
}

// evening moves the clock to the next one; both tap; the streak is shown.
func evening(t *testing.T, p *webtest.Page, streak string) {
	t.Helper()
	if said := p.Forward("evening"); said != "" {
		t.Fatalf("the clock says %q", said)
	}
	p.WaitRoom("Good evening, you two")
	hidden := strings.Count(p.Room(), "Ana: 😊 good")
	if toast := p.Tap("ana", "😊"); !strings.Contains(toast, "Sealed until you have both answered") {
		t.Errorf("Ana is told %q", toast)
	}
	p.WaitRoom("●○")
	if streak == "1 evening together" {
		shot(p, "sealed")
	}
	if strings.Count(p.Room(), "Ana: 😊 good") != hidden || strings.Contains(p.Nook("ben"), "😊 good") || strings.Contains(p.Toast("ben"), "😊 good") {
		t.Error("Ana's answer shows before Ben has given his")
	}
	p.Tap("ben", "🙂")
	p.WaitRoom(streak)
	p.WaitGone("●○")
	if got := strings.Count(p.Room(), "Ana: 😊 good"); got != hidden+1 {
		t.Errorf("the reveal shows Ana's answer %d times, want %d", got, hidden+1)
	}
}
