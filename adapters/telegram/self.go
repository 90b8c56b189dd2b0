package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

// self is what Telegram says about the bot.
type self struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
	Groups   bool   `json:"can_join_groups"`
	ReadsAll bool   `json:"can_read_all_group_messages"`
}

// self asks who the bot is, once.
func (a *Adapter) self(ctx context.Context) (self, error) {
	if me := a.me.Load(); me != nil {
		return *me, nil
	}
	a.whoami.Lock()
	defer a.whoami.Unlock()
	if me := a.me.Load(); me != nil {
		return *me, nil
	}
	var me self
	if err := a.wire.call(ctx, "getMe", nil, &me); err != nil {
		return me, err
	}
	if me.ID == 0 || me.Username == "" {
		return me, errors.New("telegram: getMe: the answer does not say who the bot is")
	}
	a.me.Store(&me)
	return me, nil
}

// errToken is final: nothing but a person can help.
var errToken = errors.New("telegram: Telegram does not know the token: copy it again from @BotFather (/mybots, API Token), or make a new one there with /revoke")

// rejected reports whether Telegram does not know the token.
func rejected(err error) bool {
	var no *refusal
	return errors.As(err, &no) && (no.code == 401 || no.code == 404)
}

// greet asks who the bot is until Telegram answers.
func (a *Adapter) greet(ctx context.Context) (self, error) {
	for try := 0; ; try++ {
		me, err := a.self(ctx)
		switch {
		case err == nil:
			return me, nil
		case rejected(err):
			return me, errToken
		case ctx.Err() != nil:
			return me, ctx.Err()
		}
		a.log.Warn("telegram: no connection yet, trying again", "reason", err)
		pause(ctx, backoff(try, a.retry, 30*time.Second, err))
	}
}

type menuLine struct {
	Command     string `json:"command"`
	Description string `json:"description"`
}

// menus brings the command menu of every language up to date. It asks first, so
// that a start without a change changes nothing.
func (a *Adapter) menus(ctx context.Context) {
	if len(a.commands) == 0 {
		return
	}
	languages := map[string]bool{"en": true}
	for _, c := range a.commands {
		for language := range c.Description {
			languages[language] = true
		}
	}
	for _, language := range slices.Sorted(maps.Keys(languages)) {
		for try := range 4 {
			err := a.menu(ctx, language)
			if err == nil || ctx.Err() != nil {
				break
			}
			a.log.Warn("telegram: the command menu could not be set", "language", language, "reason", err)
			pause(ctx, backoff(try, 5*a.retry, time.Minute, err))
		}
	}
}

func (a *Adapter) menu(ctx context.Context, language string) error {
	var want, have []menuLine
	for _, c := range a.commands {
		text := c.Description[language]
		if text == "" {
			text = c.Description["en"]
		}
		want = append(want, menuLine{c.Name, cut(plain(text), 256)})
	}
	params := tgbotapi.Params{}
	if language != "en" { // English is for everyone whose language there is not
		code, _, _ := strings.Cut(language, "-")
		params["language_code"] = code
	}
	if err := a.wire.call(ctx, "getMyCommands", params, &have); err != nil {
		return err
	}
	if slices.Equal(want, have) {
		return nil
	}
	raw, err := json.Marshal(want)
	if err != nil {
		return fmt.Errorf("telegram: menu: %w", err)
	}
	params["commands"] = string(raw)
	return a.wire.call(ctx, "setMyCommands", params, nil)
}
