package bot

import (
	"context"
	"strings"
)

// way is where an event belongs.
type way struct {
	id        CoupleID // 0 = a couple that is not there yet
	empty     CoupleID // a couple without people that has to make room for id in its chat
	invited   bool
	elsewhere bool // the person sits in another couple
}

const tokenLength = 22 // characters of Event.Token

// route finds the couple that an event is about. In a nook that is the person's own,
// or the one whose invitation they bring; in a group it is the group's, or the person's own
// if that has no room yet.
func (b *Bot) route(ctx context.Context, in Incoming) (way, error) {
	var invite []byte
	if in.Kind == Called && in.Command == "start" {
		if token, _, _ := strings.Cut(in.Text, " "); len(token) == tokenLength {
			invite = seal(token)
		}
	}
	found, err := b.store.Find(ctx, in.User, in.Chat, invite, b.now())
	if err != nil {
		return way{}, err
	}
	if _, private := in.Chat.Private(); private {
		w := way{id: found.ByUser}
		if found.ByInvite != 0 && found.ByInvite != found.ByUser {
			w = way{id: found.ByInvite, invited: true, elsewhere: found.ByUser != 0}
		}
		return w, nil
	}
	if found.ByUser == 0 || found.ByUser == found.ByChat {
		return way{id: found.ByChat}, nil
	}
	return b.visit(ctx, in, found)
}

// visit routes a seated person in a chat that is not their couple's room.
func (b *Bot) visit(ctx context.Context, in Incoming, found Found) (way, error) {
	there := way{id: found.ByChat, elsewhere: true}
	if in.Kind != Called || in.Command != "start" {
		return there, nil
	}
	own, err := b.store.Load(ctx, found.ByUser, "", Want{})
	if err != nil {
		return way{}, err
	}
	if own.Couple.Room.ID != "" {
		return there, nil
	}
	if found.ByChat == 0 {
		return way{id: found.ByUser}, nil
	}
	chat, err := b.store.Load(ctx, found.ByChat, "", Want{})
	if err != nil {
		return way{}, err
	}
	if chat.Couple.Seated() != Nobody {
		return there, nil
	}
	return way{id: found.ByUser, empty: found.ByChat}, nil
}
