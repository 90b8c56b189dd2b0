package main

import (
	"bytes"
	"errors"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

// Whatever way a token takes into the log, it does not come out.
func TestBlank(t *testing.T) {
	const (
		mine   = "7000001:CANARY-a-token_of-mine"
		gate   = "odd~CANARY/token" // no shape that could be known
		theirs = "8123456789:CANARYotherTokenCANARYotherTokenCA"
	)
	var out bytes.Buffer
	log := newLog(newBlank(&out, mine, gate, ""), &out, "debug")
	log.Info("message with "+mine, "attribute", mine, gate, "as a key")
	log.With("with", gate).WithGroup("group").Warn("grouped", "error", errors.New("Post https://x/bot"+mine+"/getMe: EOF"))
	log.Error("deep", "struct", struct{ Header map[string][]string }{map[string][]string{"Authorization": {"Bot " + gate}}})
	log.Debug("escaped https://x/?t=odd~CANARY%2Ftoken /bot8123:CANARYxyz/getMe " + theirs)
	if strings.Contains(out.String(), "CANARY") {
		t.Errorf("a token came through:\n%s", out.String())
	}
	if n := strings.Count(out.String(), "[token]"); n < 8 {
		t.Errorf("%d tokens were blanked, all else must stay:\n%s", n, out.String())
	}
}

// A stack tells where, and not with which numbers.
func TestBlankStack(t *testing.T) {
	var out bytes.Buffer
	log := newLog(newBlank(&out), &out, "debug")
	func(chat int64, words string, _ [3]int) {
		log.Error("a step failed", "stack", string(debug.Stack()), "chat (not told)", "f(x)")
	}(7391046258, "words", [3]int{1, 2, 3})
	text := out.String()
	if regexp.MustCompile(`0x[0-9a-f]+[,)}?]`).MatchString(text) {
		t.Errorf("arguments were told:\n%s", text)
	}
	for _, want := range []string{"TestBlankStack", "log_test.go:", "chat (not told)", "f(x)"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %s any more:\n%s", want, text)
		}
	}
}

func TestLevels(t *testing.T) {
	for _, test := range []struct {
		least string
		lines int
	}{{"debug", 4}, {"info", 3}, {"warn", 2}, {"error", 1}} {
		var out bytes.Buffer
		log := newLog(&out, &out, test.least)
		log.Debug("d")
		log.Info("i")
		log.Warn("w")
		log.Error("e")
		if n := strings.Count(out.String(), "\n"); n != test.lines || !strings.HasPrefix(out.String(), "{") {
			t.Errorf("%s: %d lines, want %d of JSON:\n%s", test.least, n, test.lines, out.String())
		}
	}
}

func TestCheckClock(t *testing.T) {
	now := time.Now()
	for name, test := range map[string]struct {
		at time.Time
		ok bool
	}{
		"now":   {now, true},
		"unset": {time.Date(1970, 1, 1, 0, 0, 7, 0, time.UTC), false},
		"far":   {time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC), false},
	} {
		if found := checkClock(test.at); found[0].OK != test.ok {
			t.Errorf("%s: %+v", name, found[0])
		}
	}
}

func TestJump(t *testing.T) {
	now := time.Now()
	if d := jump(now, now.Add(time.Minute), time.Minute); d != 0 {
		t.Errorf("a steady clock jumped by %s", d)
	}
	if d := jump(now, now.Add(-time.Hour), time.Second); d != -time.Hour-time.Second {
		t.Errorf("a clock that was set back by an hour jumped by %s", d)
	}
}

func TestNearest(t *testing.T) {
	for given, want := range map[string]string{
		"EVENFALL_TELGRAM_TOKEN":      "EVENFALL_TELEGRAM_TOKEN",
		"EVENFALL_DISCORD_TOKENFILE":  "EVENFALL_DISCORD_TOKEN_FILE",
		"EVENFALL_DB":                 "EVENFALL_WEB",
		"EVENFALL_DATADIR":            "EVENFALL_DATA",
		"EVENFALL_LOGLEVEL":           "EVENFALL_LOG",
		"EVENFALL_TELEGRAM_API_TOKEN": "EVENFALL_TELEGRAM_TOKEN",
	} {
		if got := nearest(given, names); got != want {
			t.Errorf("nearest to %s is %s, want %s", given, got, want)
		}
	}
}
