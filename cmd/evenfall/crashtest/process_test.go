//go:build crash

package crashtest

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"evenfall/adapters/telegram/telegramtest"
)

// liveness is how long anything may take on a machine that is busy with other things.
const liveness = time.Minute

// process is one run of the program.
type process struct {
	*exec.Cmd
	mu    sync.Mutex
	said  bytes.Buffer
	ended chan error
}

func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.Write(b)
}

// launch starts the program on a data folder. wrap is what
// runs it, if not the system itself.
func launch(t testing.TB, program, folder, api string, c clock, wrap ...string) *process {
	t.Helper()
	words := append(wrap, program)
	p := &process{Cmd: exec.Command(words[0], words[1:]...), ended: make(chan error, 1)}
	p.Env = []string{"HOME=" + folder, "PATH=" + os.Getenv("PATH"), "EVENFALL_DATA=" + folder, "EVENFALL_LOG=warn",
		"EVENFALL_TELEGRAM_TOKEN=" + telegramtest.Token, "EVENFALL_TELEGRAM_API=" + api, "CRASHTEST_CLOCK=" + c.file}
	p.Stdout, p.Stderr = p, p
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- p.Wait() }()
	t.Cleanup(func() { p.Process.Kill() })
	return p
}

// end ends the process with a signal, waits for it, and returns what it has said. That
// it ended before is an error, and so is a word that nobody but the two may read.
func (p *process) end(t testing.TB, signal syscall.Signal) string {
	t.Helper()
	select {
	case err := <-p.ended:
		t.Fatalf("the program ended by itself, %v:\n%s", err, p.said.String())
	default:
	}
	if err := p.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-p.ended:
		if signal != syscall.SIGKILL && err != nil {
			t.Errorf("the program ended with %v:\n%s", err, p.said.String())
		}
	case <-time.After(liveness):
		t.Fatalf("the program does not end:\n%s", p.said.String())
	}
	said := p.said.String()
	for _, secret := range []string{telegramtest.Token, canary} {
		if strings.Contains(said, secret) {
			t.Errorf("the program has told %q:\n%s", secret, said)
		}
	}
	return said
}
