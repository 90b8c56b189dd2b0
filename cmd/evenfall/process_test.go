package main

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"modernc.org/sqlite"

	"evenfall/adapters/discord/discordtest"
	"evenfall/adapters/telegram/telegramtest"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"evenfall": main}) }

// liveness is how long anything may take on a machine that is busy with other things.
const liveness = 2 * time.Minute

// canaries are what no output may hold.
var canaries = []string{telegramtest.Token, discordtest.Token, "CANARY"}

// TestProcess runs the scripts in testdata: evenfall as a process, with pretend
// networks and a pretend operator.
func TestProcess(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Values["stage"] = &stage{t: t}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"run": runs, "start": starts, "await": awaits, "signal": signals, "press": presses, "hang": hangs,
			"telegram": telegrams, "discord": discords, "says": says, "answers": answers,
			"taken": taken, "sql": sqls, "damage": damages, "closed": closed, "limit": limits, "ends": ends,
		},
	})
}

// stage is what one script plays on.
type stage struct {
	t        *testing.T
	process  *process
	telegram *telegramtest.Server
	discord  *discordtest.Server
}

func on(ts *testscript.TestScript) *stage { return ts.Value("stage").(*stage) }

// process is a running evenfall and all it has said.
type process struct {
	*exec.Cmd
	mu       sync.Mutex
	out, err bytes.Buffer
	ended    chan error
}

// sayer takes down one of the two outputs.
type sayer struct {
	p  *process
	to *bytes.Buffer
}

func (s sayer) Write(b []byte) (int, error) {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	return s.to.Write(b)
}

func (p *process) said() (out, err string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String(), p.err.String()
}

// launch starts evenfall with words like those of a shell: NAME=value … arguments.
func launch(ts *testscript.TestScript, words []string) *process {
	path, err := exec.LookPath("evenfall")
	ts.Check(err)
	env := []string{"HOME=" + ts.Getenv("WORK"), "PATH=" + os.Getenv("PATH"), "TMPDIR=" + ts.Getenv("TMPDIR"), "EVENFALL_DATA=data"}
	for len(words) > 0 && regexp.MustCompile(`^[A-Z_]+=`).MatchString(words[0]) {
		env, words = append(env, words[0]), words[1:]
	}
	p := &process{Cmd: exec.Command(path, words...), ended: make(chan error, 1)}
	p.Env, p.Dir = env, ts.MkAbs(".")
	p.Stdout, p.Stderr = sayer{p, &p.out}, sayer{p, &p.err}
	ts.Check(p.Start())
	go func() { p.ended <- p.Wait() }()
	ts.Defer(func() { p.Process.Kill() })
	return p
}

// end waits for the process, and leaves what it said in the files out and err.
func (p *process) end(ts *testscript.TestScript, code string) {
	select {
	case <-p.ended:
	case <-time.After(liveness):
		out, err := p.said()
		ts.Fatalf("evenfall does not end\n%s\n%s", out, err)
	}
	out, err := p.said()
	ts.Check(os.WriteFile(ts.MkAbs("out"), []byte(out), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("err"), []byte(err), 0o600))
	ts.Logf("[out]\n%s[err]\n%s", out, err)
	for _, c := range canaries {
		if strings.Contains(out+err, c) {
			ts.Fatalf("a token was told")
		}
	}
	if got := strconv.Itoa(p.ProcessState.ExitCode()); got != code {
		ts.Fatalf("evenfall ended with %s, not with %s", got, code)
	}
}

// runs is "run CODE [NAME=value …] [argument …]".
func runs(ts *testscript.TestScript, _ bool, args []string) { launch(ts, args[1:]).end(ts, args[0]) }

// starts is "start [NAME=value …] [argument …]": it goes on in the background.
func starts(ts *testscript.TestScript, _ bool, args []string) { on(ts).process = launch(ts, args) }

// awaits waits until the process in the background has said something.
func awaits(ts *testscript.TestScript, _ bool, args []string) {
	want := regexp.MustCompile(args[0])
	for end := time.Now().Add(liveness); ; time.Sleep(5 * time.Millisecond) {
		out, err := on(ts).process.said()
		if want.MatchString(out + err) {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("evenfall never says %q:\n%s\n%s", args[0], out, err)
		}
	}
}

// signals is "signal SIGNAL CODE".
func signals(ts *testscript.TestScript, _ bool, args []string) {
	signal := map[string]syscall.Signal{"TERM": syscall.SIGTERM, "INT": syscall.SIGINT, "KILL": syscall.SIGKILL}[args[0]]
	p := on(ts).process
	ts.Check(p.Process.Signal(signal))
	p.end(ts, args[1])
}

// ends is "ends CODE": the process in the background ends by itself.
func ends(ts *testscript.TestScript, _ bool, args []string) { on(ts).process.end(ts, args[0]) }

// presses is "press": Control-C, and nobody waits.
func presses(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(on(ts).process.Process.Signal(os.Interrupt))
}

// hangs lets the pretend Telegram answer no message any more, and waits until one is
// under way.
func hangs(ts *testscript.TestScript, _ bool, _ []string) {
	tg := on(ts).telegram
	tg.Fail("sendMessage", 0, telegramtest.Hung(), 1000)
	before := tg.Calls("sendMessage")
	tg.Start(ana, "")
	if !tg.Await(func() bool { return tg.Calls("sendMessage") > before }) {
		ts.Fatalf("no message was sent")
	}
}

// telegrams starts a pretend Telegram. With words it is set as people set it who
// read no instructions.
func telegrams(ts *testscript.TestScript, _ bool, args []string) {
	s := on(ts)
	if s.telegram == nil {
		s.telegram = telegramtest.New(s.t)
		s.telegram.Person(ana, "Ana", "en")
		s.telegram.Person(ben, "Ben", "en")
		s.telegram.Group(lounge, ana, ben)
		s.telegram.Seat(lounge)
		ts.Setenv("TELEGRAM", "EVENFALL_TELEGRAM_API="+s.telegram.URL)
		ts.Setenv("TELEGRAM_TOKEN", telegramtest.Token)
	}
	if len(args) > 0 {
		s.telegram.Settings(args[0] == "nosy", args[0] == "shy", "")
	}
}

// discords starts a pretend Discord; "discord lacking" puts the bot into a server
// where it may do nothing.
func discords(ts *testscript.TestScript, _ bool, args []string) {
	s := on(ts)
	if s.discord == nil {
		s.discord = discordtest.New(s.t)
		ts.Setenv("DISCORD", "EVENFALL_DISCORD_API="+s.discord.URL)
		ts.Setenv("DISCORD_TOKEN", discordtest.Token)
	}
	if len(args) > 0 {
		s.discord.Permissions(s.discord.Guild(s.discord.User("Ana")).ID, "0")
	}
}

// The people of the pretend Telegram, and the group that they share.
const ana, ben, lounge = 1001, 1002, -500

// says is "says COMMAND [room]": Ana says it to the bot on Telegram, in private or in the room.
func says(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) == 1 {
		on(ts).telegram.Start(ana, "")
		return
	}
	on(ts).telegram.Say(ana, lounge, args[0]+"@"+telegramtest.Username)
}

// answers is "answers N [room]": Ana sees so many messages of the bot there, and Telegram has
// nothing more to give it.
func answers(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	where := int64(ana)
	if len(args) > 1 {
		where = lounge
	}
	tg := on(ts).telegram
	if !tg.Await(func() bool { return len(tg.Messages(where)) >= want }) || !tg.Drained() {
		ts.Fatalf("Ana never had %d answers", want)
	}
	if n := len(tg.Messages(where)); n != want {
		ts.Fatalf("Ana had %d answers, not %d", n, want)
	}
}

// taken takes a port and names its address $TAKEN.
func taken(ts *testscript.TestScript, _ bool, _ []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	ts.Setenv("TAKEN", l.Addr().String())
}

// sqls is "sql FILE STATEMENT".
func sqls(ts *testscript.TestScript, _ bool, args []string) {
	if _, err := sqlite.OFDLocking(true); err != nil && !errors.Is(err, sqlite.ErrOFDLockingUnavailable) {
		ts.Fatalf("%v", err) // stores of the same test will want it, and only the first lock can have it
	}
	db, err := sql.Open("sqlite", "file:"+ts.MkAbs(args[0])+"?mode=rw")
	ts.Check(err)
	defer db.Close()
	_, err = db.Exec(args[1])
	ts.Check(err)
}

// damages is "damage FILE": it writes over all but the first page.
func damages(ts *testscript.TestScript, _ bool, args []string) {
	file := ts.MkAbs(args[0])
	content, err := os.ReadFile(file)
	ts.Check(err)
	for i := 4096; i < len(content); i++ {
		content[i] = 0xee
	}
	ts.Check(os.WriteFile(file, content, 0o600))
}

// closed is "closed PATH …": only the owner may do anything with them.
func closed(ts *testscript.TestScript, _ bool, args []string) {
	var errs []error
	for _, name := range args {
		info, err := os.Stat(ts.MkAbs(name))
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			err = fmt.Errorf("%s has the mode %s", name, info.Mode())
		}
		errs = append(errs, err)
	}
	ts.Check(errors.Join(errs...))
}
