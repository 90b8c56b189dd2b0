package bot

import (
	"context"
	"time"
)

const supportCommand = "support"

type held struct{}

func (b *Bot) guard(ctx context.Context, in Incoming) (Answer, bool, error) {
	return Answer{}, false, nil
}

// whisper sends a letter that is kept nowhere.
func (b *Bot) whisper(ctx context.Context, l Letter) {
	adapter := b.adapters[l.Chat.Network]
	if adapter == nil {
		return
	}
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	if _, err := adapter.Send(ctx, l); err != nil {
		b.log.Warn("a whisper did not get through", "network", l.Chat.Network)
	}
}
