package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/bwmarrin/discordgo"

	"evenfall/bot"
)

// Codes of Discord's errors.
const (
	unknownChannel = 10003
	unknownMessage = 10008
	unknownUser    = 10013
	unknownGuild   = 10004
	slowMode       = 20016
	openingTooFast = 40003
	noAccess       = 50001
	cannotDM       = 50007
	noPermission   = 50013
	noMutualGuild  = 50278
	archivedThread = 50083
	lockedThread   = 160005
	banRest        = 10 * time.Minute // after a refusal that is not Discord's API but its gate
	slowRest       = 30 * time.Second
)

var gone = map[int]bool{
	unknownChannel: true, unknownUser: true, unknownGuild: true, noAccess: true, cannotDM: true,
	noPermission: true, noMutualGuild: true, archivedThread: true, lockedThread: true,
}

// Send sends, edits or deletes a message.
func (a *Adapter) Send(ctx context.Context, l bot.Letter) (string, error) {
	if l.Chat.Network != Network {
		return "", fmt.Errorf("discord: a letter for %s: %w", l.Chat.Network, bot.ErrRefused)
	}
	if a.nooks.shunned(l.Chat) {
		return "", bot.ErrGone
	}
	id, err := a.send(ctx, l)
	return id, a.judge(l.Chat, err)
}

func (a *Adapter) send(ctx context.Context, l bot.Letter) (string, error) {
	if l.Delete && l.Edit == "" {
		return "", nil
	}
	var b body
	if !l.Delete {
		var err error
		if b, err = a.body(ctx, l.Page); err != nil {
			return "", err
		}
	}
	channel, err := a.channel(ctx, l.Chat)
	if err != nil {
		return "", unprepared(err)
	}
	switch {
	case l.Edit != "" && (!snowflake(l.Edit) || b.file != nil):
		return "", bot.ErrRefused
	case l.Delete:
		raw, err := a.rest.call(ctx, http.MethodDelete, discordgo.EndpointChannelMessage(channel, l.Edit), "delete "+channel, nil)
		switch {
		case code(err) == unknownMessage:
			err = nil
		case err == nil && len(raw) > 0:
			err = errAnswer // a page of something in between, and no deletion
		}
		return "", err
	case l.Edit != "":
		raw, err := a.rest.call(ctx, http.MethodPatch, discordgo.EndpointChannelMessage(channel, l.Edit), "edit "+channel, b)
		if code(err) != unknownMessage {
			return made(raw, err)
		}
	}
	return a.post(ctx, channel, b.numbered(l))
}

// post makes a new message. Its nonce lets Discord recognise a second try.
func (a *Adapter) post(ctx context.Context, channel string, b body) (string, error) {
	return made(a.rest.call(ctx, http.MethodPost, discordgo.EndpointChannelMessages(channel), "post "+channel, b))
}

// errAnswer: Discord may have done it or not.
var errAnswer = errors.New("discord: the answer is not one of Discord's")

// made is the id of the message that an answer shows.
func made(raw []byte, err error) (string, error) {
	var message struct{ ID string }
	if err == nil && (json.Unmarshal(raw, &message) != nil || !snowflake(message.ID)) {
		err = errAnswer
	}
	return message.ID, err
}

// unprepared marks a letter that stayed here, because something before it failed.
func unprepared(err error) error {
	var later *bot.Later
	if errors.As(err, &later) || errors.Is(err, bot.ErrRefused) || errors.Is(err, bot.ErrUnsent) {
		return err
	}
	return fmt.Errorf("%w: %w", bot.ErrUnsent, err)
}

// judge turns Discord's errors into those of the contract.
func (a *Adapter) judge(chat bot.Chat, err error) error {
	var refused *apiError
	if err == nil {
		a.nooks.heard(chat)
		return nil
	}
	if !errors.As(err, &refused) {
		return err
	}
	switch {
	case gone[refused.code]:
		a.nooks.refused(chat)
		a.counts.add("chats gone")
		return fmt.Errorf("%w: %w", refused, bot.ErrGone)
	case refused.code == openingTooFast:
		a.nooks.tooFast()
		return &bot.Later{After: openRest}
	case refused.code == slowMode:
		return &bot.Later{After: slowRest}
	case refused.status == http.StatusForbidden && refused.code == 0:
		return &bot.Later{After: banRest}
	case refused.status == http.StatusBadRequest, refused.status == http.StatusForbidden,
		refused.status == http.StatusNotFound, refused.status == http.StatusRequestEntityTooLarge:
		return fmt.Errorf("%w: %w", refused, bot.ErrRefused)
	}
	return err
}

// code is the code of Discord's error in err, or 0.
func code(err error) int {
	var refused *apiError
	if errors.As(err, &refused) {
		return refused.code
	}
	return 0
}
