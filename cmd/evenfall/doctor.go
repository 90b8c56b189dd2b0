package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"evenfall/adapters/discord"
	"evenfall/adapters/telegram"
)

// finding is one line of the doctor's: what was looked at, and what to do when it is
// not well, or would be better otherwise.
type finding struct {
	OK   bool
	Line string
	Fix  string
}

func well(format string, a ...any) finding { return finding{OK: true, Line: fmt.Sprintf(format, a...)} }

func ill(fix, format string, a ...any) finding {
	return finding{Line: fmt.Sprintf(format, a...), Fix: fix}
}

// doctor looks at everything that a start depends on, and changes nothing. It returns
// the exit code.
func doctor(s settings, wrong []string, w io.Writer) int {
	ctx := context.Background()
	code := exitClean
	for _, part := range []func(context.Context) []finding{
		func(context.Context) []finding { return checkSettings(s, wrong) },
		func(context.Context) []finding { return checkFolder(s.Data) },
		func(context.Context) []finding { return checkRoom(s.Data) },
		func(ctx context.Context) []finding { return checkData(ctx, s.Data) },
		func(ctx context.Context) []finding { return []finding{checkMaster(ctx, s)} },
		checkTime,
		func(ctx context.Context) []finding { return checkTelegram(ctx, s) },
		func(ctx context.Context) []finding { return checkDiscord(ctx, s) },
	} {
		for _, f := range part(ctx) {
			tell(w, f)
			if !f.OK {
				code = exitFailure
			}
		}
	}
	return code
}

func tell(w io.Writer, f finding) {
	line := "✗ " + oneLine(f.Line)
	if f.OK {
		line = "✓ " + oneLine(f.Line)
	}
	if f.Fix != "" {
		line += "\n  → " + oneLine(f.Fix)
	}
	fmt.Fprintln(w, line)
}

func checkSettings(s settings, wrong []string) (found []finding) {
	for _, line := range wrong {
		found = append(found, ill("the settings are listed by evenfall --help", "settings: %s", line))
	}
	if s.idle() {
		found = append(found, ill("set EVENFALL_TELEGRAM_TOKEN or EVENFALL_DISCORD_TOKEN, or do not switch EVENFALL_WEB off", "settings: nothing is switched on"))
	}
	for _, f := range []struct{ name, file string }{
		{"EVENFALL_TELEGRAM_TOKEN_FILE", s.TelegramTokenFile}, {"EVENFALL_DISCORD_TOKEN_FILE", s.DiscordTokenFile},
	} {
		if info, err := os.Stat(f.file); f.file != "" && err == nil && info.Mode().Perm()&0o077 != 0 {
			found = append(found, ill("chmod 600 "+f.file, "settings: others on this computer can read the file of %s", f.name))
		}
	}
	if len(found) > 0 {
		return found
	}
	on := []string{}
	for name, is := range map[string]bool{"Telegram": s.TelegramToken != "", "Discord": s.DiscordToken != "", "the page on " + s.Web: s.Web != off} {
		if is {
			on = append(on, name)
		}
	}
	return []finding{well("settings: no mistake in them; switched on: %s", sorted(on))}
}

func checkTelegram(ctx context.Context, s settings) (found []finding) {
	if s.TelegramToken == "" {
		return []finding{well("Telegram: off, there is no token")}
	}
	a, err := telegram.New(telegram.Options{Token: s.TelegramToken, API: s.TelegramAPI, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return []finding{ill("copy the token again from @BotFather: /mybots, your bot, API Token", "Telegram: not asked, for the settings are wrong")}
	}
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	for _, f := range a.Check(ctx) {
		found = append(found, named("Telegram", finding(f)))
	}
	return found
}

func checkDiscord(ctx context.Context, s settings) (found []finding) {
	if s.DiscordToken == "" {
		return []finding{well("Discord: off, there is no token")}
	}
	a, err := discord.New(discord.Options{Token: s.DiscordToken, API: s.DiscordAPI, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return []finding{ill("copy the token again from the Bot page of https://discord.com/developers/applications", "Discord: not asked, for the settings are wrong")}
	}
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	for _, f := range a.Check(ctx) {
		found = append(found, named("Discord", finding(f)))
	}
	return found
}

// named says which network a finding is about, where it does not begin with it.
func named(network string, f finding) finding {
	if !strings.HasPrefix(f.Line, network) {
		f.Line = network + ": " + f.Line
	}
	return f
}
