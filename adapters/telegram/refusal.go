package telegram

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"evenfall/bot"
)

// refusal is Telegram saying no.
type refusal struct {
	method string
	code   int
	words  string // without what it quotes
	after  int    // seconds until it may be tried again
	moved  int64  // the chat's new number
}

// quoted is what Telegram repeats of a request in its error texts: it may be an
// address with an invitation in it. An apostrophe within a word is no quotation.
var quoted = regexp.MustCompile(`"[^"]*"|\B'[^']*'|https?://\S+`)

func (e *refusal) Error() string {
	words := e.words
	if len(words) > 200 {
		words = words[:200]
	}
	return fmt.Sprintf("telegram: %s: %d %s", e.method, e.code, strings.ToValidUTF8(words, ""))
}

func (e *refusal) says(parts ...string) bool {
	words := strings.ToLower(e.words)
	for _, p := range parts {
		if strings.Contains(words, p) {
			return true
		}
	}
	return false
}

func (e *refusal) unchanged() bool { return e.says("message is not modified") }

// vanished: the message cannot be changed any more, so its content goes into a new one.
func (e *refusal) vanished() bool {
	return e.code == 400 && e.says("message to edit not found", "message can't be edited", "message_id_invalid", "message not found")
}

// longestRest is how long Telegram's word is taken for when to try again. To ask once an
// hour hurts nobody, and a number without sense must not silence a chat for good.
const longestRest = time.Hour

// rest is how long Telegram wants to be left alone.
func (e *refusal) rest() time.Duration {
	return time.Duration(min(max(e.after, 1), int(longestRest/time.Second))) * time.Second
}

// gone: the chat will never take a message again.
func (e *refusal) gone() bool {
	return e.code == 403 || e.code == 400 && e.says("chat not found", "group chat was deactivated",
		"user is deactivated", "peer_id_invalid", "user not found")
}

// sorted is an error of a request in the terms of bot.Adapter.
func sorted(err error) error {
	var no *refusal
	if !errors.As(err, &no) {
		return err
	}
	switch {
	case no.moved != 0:
		to := bot.Chat{Network: network, ID: strconv.FormatInt(no.moved, 10)}
		return fmt.Errorf("%w (%w)", &bot.MovedError{To: to}, err)
	case no.code == 429 || no.after > 0:
		return fmt.Errorf("%w (%w)", &bot.Later{After: no.rest()}, err)
	case no.gone():
		return fmt.Errorf("%w (%w)", bot.ErrGone, err)
	case no.code == 400:
		return fmt.Errorf("%w (%w)", bot.ErrRefused, err)
	}
	return err
}
