//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"evenfall/adapters/discord/discordtest"
	"evenfall/adapters/telegram/telegramtest"
	"evenfall/bot/words"
)

// What nobody may find anywhere outside the two chats: every word that people write and every
// name has canary in it, and the numbers of people and chats are no others.
const (
	canary             = "CANARY"
	anaNumber          = 7391046258
	benNumber          = 7391046259
	groupNumber  int64 = -1007391046260
	groupsNumber       = 1007391046260
)

// witnessed is a process on both networks, and all that it can write to.
type witnessed struct {
	t    *testing.T
	home string // working folder, HOME, TMPDIR and data folder are in it
	networks
	process
	say func(key string) string
}

func dusk(t *testing.T) *witnessed {
	e := &witnessed{t: t, home: t.TempDir(), networks: pretend(t)}
	catalogue, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	e.say = func(key string) string { return catalogue.Say("en", key, nil) }
	e.telegram.Person(anaNumber, canary+"ana", "en")
	e.telegram.Person(benNumber, canary+"ben", "en")
	e.telegram.Group(groupNumber, anaNumber, benNumber)
	e.telegram.Seat(groupNumber)
	e.telegram.Open(anaNumber, benNumber)
	if err := os.Mkdir(filepath.Join(e.home, "tmp"), 0o777); err != nil {
		t.Fatal(err)
	}
	old := syscall.Umask(0) // the program closes its files by itself
	defer syscall.Umask(old)
	e.ended = make(chan error, 1)
	e.Cmd = exec.Command(mined(t))
	e.Dir = e.home
	e.Env = []string{"HOME=" + e.home, "TMPDIR=" + filepath.Join(e.home, "tmp"), "GOTRACEBACK=crash", "EVENFALL_LOG=debug", "EVENFALL_HTTP=:0",
		"EVENFALL_TELEGRAM_TOKEN=" + telegramtest.Token, "EVENFALL_TELEGRAM_API=" + e.telegram.URL,
		"EVENFALL_DISCORD_TOKEN=" + discordtest.Token, "EVENFALL_DISCORD_API=" + e.discord.URL, "EVENFALL_WEB=127.0.0.1:0"}
	e.Stdout, e.Stderr = sayer{&e.process, &e.out}, sayer{&e.process, &e.err}
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { e.ended <- e.Wait() }()
	t.Cleanup(func() {
		e.Process.Kill()
		if out, err := e.said(); t.Failed() {
			t.Logf("the room shows:\n%+v", e.telegram.Messages(groupNumber))
			t.Logf("it said:\n%s%s", out, err)
		}
	})
	return e
}

// press waits for a button in the group and presses it.
func (e *witnessed) press(who int64, label string) {
	e.t.Helper()
	var message string
	var button telegramtest.Button
	await(e.t, func() (ok bool) {
		message, button, ok = e.telegram.Key(groupNumber, label)
		return ok
	})
	if button.URL != "" {
		e.telegram.Follow(who, button.URL, groupNumber)
		return
	}
	if _, ok := e.telegram.Tap(who, groupNumber, message, button.Data); !ok {
		e.t.Fatalf("the tap on %s was never answered", label)
	}
}

// arrives waits until a chat shows a message with these words.
func (e *witnessed) arrives(chat int64, words string) {
	e.t.Helper()
	await(e.t, func() bool {
		return slices.ContainsFunc(e.telegram.Messages(chat), func(m telegramtest.Message) bool { return strings.Contains(m.Title+m.Text, words) })
	})
}

// told waits until the process has said something.
func (e *witnessed) told(want string) string {
	e.t.Helper()
	var all string
	await(e.t, func() bool {
		out, err := e.said()
		all = out + err
		return regexp.MustCompile(want).MatchString(all)
	})
	return regexp.MustCompile(want).FindString(all)
}

// TestCanary lets two people live an evening, with everything that can go wrong on the way:
// faults of both networks that quote what was sent, updates that cannot be read, panics that
// throw what people wrote, and in the end a crash with the fullest dump there is. Then nothing of
// theirs is found in anything that the process wrote, or what it wrote is sealed.
func TestCanary(t *testing.T) {
	e := dusk(t)
	e.told("evenfall is running")
	e.live()
	e.suffer()
	var pages strings.Builder
	_, address, _ := strings.Cut(e.told(`"status page","address":"[^"]+`), `"address":"`)
	w := watched{Server: &http.Server{Addr: address}}
	for _, path := range []string{"/metrics", "/readyz", "/healthz", "/" + canary} {
		_, body := w.ask(t, "GET", path, "")
		pages.WriteString(body)
	}
	e.modes()
	if err := e.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	<-e.ended
	out, err := e.said()
	if !strings.Contains(err, "goroutine ") {
		t.Errorf("there was no crash to look at:\n%s", err)
	}
	search(t, "the output", []byte(out+err), true)
	search(t, "the status page", []byte(pages.String()), true)
	e.files()
}

// live is the evening.
func (e *witnessed) live() {
	e.telegram.Say(anaNumber, groupNumber, "/start@"+telegramtest.Username)
	e.press(benNumber, e.say("join.in"))
	e.press(anaNumber, e.say("join.in"))
	for _, label := range []string{e.say("ask.skip"), "London, United Kingdom", "✓ 20:00", e.say("ask.skip"), "✓ English"} {
		e.press(anaNumber, label)
	}
	e.telegram.Say(anaNumber, groupNumber, "/checkin@"+telegramtest.Username)
	e.press(anaNumber, "🙂")
	e.press(anaNumber, e.say("checkin.note.button"))
	e.arrives(anaNumber, e.say("checkin.note.ask"))
	e.telegram.Say(anaNumber, anaNumber, canary+" a line of Ana's")
	e.arrives(anaNumber, e.say("checkin.note.kept"))
	e.press(benNumber, "😊")
	e.arrives(groupNumber, canary+" a line of Ana's")
}

// suffer is what goes wrong.
func (e *witnessed) suffer() {
	quoting := `can't use "` + canary + `"`
	e.telegram.Fail("sendMessage", benNumber, telegramtest.BadRequest(quoting), 1)
	e.telegram.Fail("sendMessage", anaNumber, telegramtest.Fault{Code: 500, Description: quoting}, 1)
	e.telegram.Start(anaNumber, canary)
	e.telegram.Say(benNumber, benNumber, "/streak "+canary)
	e.telegram.Say(benNumber, benNumber, "/ask "+canary)
	e.telegram.Fail("answerCallbackQuery", 0, telegramtest.BadRequest(quoting), 1)
	e.telegram.Update(`"message":{"message_id":1,"date":0,"chat":{"id":"` + canary + `"},"text":["` + canary + `"]}`)
	e.telegram.Say(anaNumber, anaNumber, "I want to die, "+canary)
	e.telegram.Say(anaNumber, anaNumber, canary+" bomb")
	e.telegram.Say(benNumber, benNumber, "/help")
	dora := e.discord.User(canary + "dora")
	at := e.discord.Guild(dora).Channel
	e.discord.AwaitReady()
	e.discord.Fault(discordtest.Fault{Op: "POST /channels/{channel_id}/messages", Status: 400, Code: 50035, Times: 2})
	e.discord.Slash(dora, at, "start", canary)
	e.discord.DM(dora, canary+" bomb")
	e.told(`"where":"handle","kind":"string"`)
	e.told(`"where":"send menu","kind":"string"`)
	e.told("the heartbeat panicked")
	e.told("an update could not be read")
	e.told("an event was put aside")
}

// modes looks at all that the process has made, while it is there.
func (e *witnessed) modes() {
	for _, missing := range secluded(e.Process.Pid) {
		e.t.Error(missing)
	}
	made := 0
	e.walk(func(path string, info fs.FileInfo) {
		if made++; info.Mode().Perm()&0o077 != 0 && info.Name() != "tmp" {
			e.t.Errorf("%s has the mode %s", info.Name(), info.Mode())
		}
	})
	if made < 8 {
		e.t.Errorf("only %d files were found", made)
	}
}

// files searches everything that is left on the disk. Numbers of people stand in the database,
// for the bot has to find them; words and tokens do not.
func (e *witnessed) files() {
	e.walk(func(path string, info fs.FileInfo) {
		search(e.t, "a name", []byte(info.Name()), true)
		if info.Name() == "core" || strings.HasPrefix(info.Name(), "core.") {
			e.t.Errorf("there is a core dump: %s", info.Name())
		}
		if info.IsDir() {
			return
		}
		content, err := os.ReadFile(path)
		if err != nil {
			e.t.Fatal(err)
		}
		search(e.t, info.Name(), content, !strings.HasPrefix(info.Name(), "evenfall.db"))
	})
}

func (e *witnessed) walk(visit func(path string, info fs.FileInfo)) {
	err := filepath.WalkDir(e.home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == e.home {
			return err
		}
		info, err := d.Info()
		if err == nil {
			visit(path, info)
		}
		return err
	})
	if err != nil {
		e.t.Fatal(err)
	}
}

// search looks for what must not be there; for numbers too, as they are written and as a crash
// writes them.
func search(t *testing.T, where string, content []byte, numbers bool) {
	t.Helper()
	secrets := []string{canary, telegramtest.Token, discordtest.Token}
	for _, n := range []int64{anaNumber, benNumber, groupsNumber} {
		if numbers {
			secrets = append(secrets, strconv.FormatInt(n, 10), fmt.Sprintf("0x%x", n), fmt.Sprintf("0x%x", uint64(-n)))
		}
	}
	for _, secret := range secrets {
		if at := bytes.Index(content, []byte(secret)); at >= 0 {
			t.Errorf("%s tells %s: …%q…", where, secret, content[max(0, at-200):min(len(content), at+100)])
		}
	}
}
