package telegram

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"evenfall/bot"
)

const noPreview = `{"is_disabled":true}` // a preview would tell the linked site

// Send sends, edits or deletes a letter and returns the number of its message.
// An edit of a message that is no longer there sends a new one.
func (a *Adapter) Send(ctx context.Context, l bot.Letter) (string, error) {
	params, err := a.params(ctx, l)
	if err != nil {
		return "", err
	}
	switch {
	case l.Delete:
		return l.Edit, sorted(a.remove(ctx, l.Lane, params))
	case l.Edit != "":
		err := a.deliver(ctx, l.Lane, "editMessageText", params, nil)
		var no *refusal
		switch {
		case err == nil, errors.As(err, &no) && no.unchanged():
			return l.Edit, nil
		case no == nil || !no.vanished():
			return "", sorted(err)
		}
		delete(params, "message_id")
	}
	var sent struct {
		ID int64 `json:"message_id"`
	}
	method := "sendMessage"
	if l.Page.File != nil {
		method = "sendDocument"
		err = a.paced(ctx, l.Lane, params, func() error { return a.wire.upload(ctx, method, params, l.Page.File, &sent) })
	} else {
		err = a.deliver(ctx, l.Lane, method, params, &sent)
	}
	if err != nil {
		return "", sorted(err)
	}
	if sent.ID <= 0 {
		return "", errors.New("telegram: " + method + ": the message has no number")
	}
	return strconv.FormatInt(sent.ID, 10), nil
}

// deliver makes a letter's request when it is its turn.
func (a *Adapter) deliver(ctx context.Context, lane bot.Lane, method string, params tgbotapi.Params, out any) error {
	return a.paced(ctx, lane, params, func() error { return a.wire.deliver(ctx, method, params, out) })
}

func (a *Adapter) paced(ctx context.Context, lane bot.Lane, params tgbotapi.Params, request func() error) error {
	if a.pace == nil {
		return request()
	}
	return a.pace.send(ctx, params["chat_id"], lane, request)
}

func (a *Adapter) remove(ctx context.Context, lane bot.Lane, params tgbotapi.Params) error {
	err := a.deliver(ctx, lane, "deleteMessage", params, nil)
	var no *refusal
	if errors.As(err, &no) && no.code == 400 && no.says("message to delete not found", "message_id_invalid") {
		return nil
	}
	return err
}

// params is what Telegram is told about a letter.
func (a *Adapter) params(ctx context.Context, l bot.Letter) (tgbotapi.Params, error) {
	id := l.Chat.ID
	user, private := l.Chat.Private()
	if private {
		id = user.ID
	}
	if n, err := strconv.ParseInt(id, 10, 64); err != nil || n == 0 || private && n < 0 {
		return nil, refused("the chat has no number")
	}
	params := tgbotapi.Params{"chat_id": id}
	if l.Edit != "" {
		if n, err := strconv.ParseInt(l.Edit, 10, 64); err != nil || n <= 0 {
			return nil, refused("the message has no number")
		}
		params["message_id"] = l.Edit
	}
	if l.Delete {
		if l.Edit == "" {
			return nil, refused("no message to delete")
		}
		return params, nil
	}
	if l.Page.File != nil && l.Edit != "" {
		return nil, refused("a file belongs to a message of its own")
	}
	if err := say(params, l.Page); err != nil {
		return nil, err
	}
	return params, a.dress(ctx, params, l, private)
}

// say adds the words: a message's, or those under a file.
func say(params tgbotapi.Params, p bot.Page) error {
	words, looks := "text", "entities"
	if p.File != nil {
		words, looks = "caption", "caption_entities"
	} else {
		params["link_preview_options"] = noPreview
	}
	text, entities := body(p)
	if text == "" {
		return refused("nothing to say")
	}
	params[words] = text
	if entities != nil {
		params[looks] = encode(entities)
	}
	return nil
}

// dress adds the keyboard. An edit without one takes the old one away.
func (a *Adapter) dress(ctx context.Context, params tgbotapi.Params, l bot.Letter, private bool) error {
	if len(l.Page.Buttons) == 0 {
		return nil
	}
	username := ""
	if leads(l.Page) {
		me, err := a.self(ctx)
		if err != nil {
			return unprepared(err)
		}
		username = me.Username
	}
	k, err := keys(l.Page, private, username)
	if err != nil {
		return refused(err.Error())
	}
	params["reply_markup"] = encode(k)
	return nil
}

// unprepared is what it means for a letter that a question before it failed: it stayed
// here, and nothing is said about its chat.
func unprepared(err error) error {
	var no *refusal
	if errors.As(err, &no) && (no.code == 429 || no.after > 0) {
		return fmt.Errorf("%w (%w)", &bot.Later{After: no.rest()}, err)
	}
	return fmt.Errorf("%w (%w)", bot.ErrUnsent, err)
}

// leads reports whether a page may have links to the bot itself.
func leads(p bot.Page) bool {
	for _, row := range p.Buttons {
		for _, k := range row {
			if k.Link != "" || k.Words {
				return true
			}
		}
	}
	return false
}

func refused(why string) error { return fmt.Errorf("%w (telegram: %s)", bot.ErrRefused, why) }
