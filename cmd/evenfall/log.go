package main

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"regexp"

	"github.com/mattn/go-isatty"
)

// newLog writes to w: text when a person looks on, JSON otherwise. seen is where w
// ends up.
func newLog(w, seen io.Writer, least string) *slog.Logger {
	at, err := level(least)
	if err != nil {
		at = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: at}
	if f, ok := seen.(*os.File); ok && isatty.IsTerminal(f.Fd()) {
		return slog.New(slog.NewTextHandler(w, o))
	}
	return slog.New(slog.NewJSONHandler(w, o))
}

// level is one of the four names that EVENFALL_LOG takes.
func level(name string) (slog.Level, error) {
	switch name {
	case "debug":
		return slog.LevelDebug, nil
	case "info":
		return slog.LevelInfo, nil
	case "warn":
		return slog.LevelWarn, nil
	case "error":
		return slog.LevelError, nil
	}
	return 0, fmt.Errorf("%q is not one of debug, info, warn, error", name)
}

// blank is the last defence against a token in the output, and against numbers of people in
// stacks: it stands below the log's handler, where messages, attributes, errors and whatever else are only bytes.
// The adapters let no token get this far; it must hold on the day that one does.
type blank struct {
	w       io.Writer
	secrets [][]byte
}

// shape is what looks like a token of Telegram or Discord, of this bot or another.
var shape = regexp.MustCompile(`bot[0-9]+(:|%3A)[A-Za-z0-9_-]+|[0-9]{6,}(:|%3A)[A-Za-z0-9_-]{30,}|[A-Za-z0-9_-]{22,}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}`)

var blanked = []byte("[token]")

// arguments are what a stack tells of each call: numbers, and among them those of people and chats.
var arguments = regexp.MustCompile(`\((?:[{}]|0x[0-9a-f]+\??|_|\.\.\.|, )+\)`)

func newBlank(w io.Writer, secrets ...string) *blank {
	b := &blank{w: w}
	for _, s := range secrets {
		if s != "" {
			b.secrets = append(b.secrets, []byte(s), []byte(url.QueryEscape(s)))
		}
	}
	return b
}

// Write expects a whole line, as slog's handlers and complain write it.
func (b *blank) Write(p []byte) (int, error) {
	clean := p
	for _, s := range b.secrets {
		clean = bytes.ReplaceAll(clean, s, blanked)
	}
	clean = shape.ReplaceAll(clean, blanked)
	clean = arguments.ReplaceAll(clean, []byte("(…)"))
	if _, err := b.w.Write(clean); err != nil {
		return 0, err
	}
	return len(p), nil
}
