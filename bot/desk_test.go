package bot_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"evenfall/bot"
	"evenfall/bot/bottest"
	"evenfall/bot/flows"
	"evenfall/bot/words"
	"evenfall/storage/memory"
)

// silent is a network that answers nothing until its gate opens.
type silent struct {
	*bottest.Pretend
	gate chan struct{}
}

func (s silent) Send(ctx context.Context, l bot.Letter) (string, error) {
	<-s.gate
	return s.Pretend.Send(ctx, l)
}

// TestNetworksApart: a network that answers nobody any more holds up no other.
func TestNetworksApart(t *testing.T) {
	store := memory.New()
	c := bottest.Couple("left")
	change := bot.Change{Couple: &c}
	for i := range 200 {
		change.Letters = append(change.Letters, bot.Letter{Chat: bot.Chat{Network: "left", ID: fmt.Sprint(i)}, Lane: bot.Lane(i % 2), Page: bot.Page{Text: "words"}})
	}
	for lane := range bot.Lane(2) {
		change.Letters = append(change.Letters, bot.Letter{Chat: bot.Chat{Network: "right", ID: fmt.Sprint(lane)}, Lane: lane, Page: bot.Page{Text: "words"}})
	}
	if _, err := store.Commit(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	catalogue, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		left, right := silent{bottest.NewPretend("left"), make(chan struct{})}, bottest.NewPretend("right")
		b := bot.New(bot.Options{Store: store, Adapters: []bot.Adapter{left, right}, Flows: flows.All(), Words: catalogue,
			Now: time.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- b.Run(ctx) }()
		synctest.Wait()
		for _, id := range []string{"0", "1"} {
			if shown := right.Messages(bot.Chat{Network: "right", ID: id}); len(shown) != 1 {
				t.Errorf("a letter waits behind those of another network: %v", shown)
			}
		}
		close(left.gate)
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
