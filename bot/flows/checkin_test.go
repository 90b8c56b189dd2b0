package flows_test

import (
	"context"
	"io"
	"strings"
	"sync"
	"testing"

	"evenfall/bot"
	"evenfall/bot/bottest"
	"evenfall/bot/flows"
	"evenfall/rituals"
	"evenfall/storage/memory"
)

var (
	ana  = bot.User{Network: "left", ID: "ana"}
	ben  = bot.User{Network: "left", ID: "ben"}
	room = bot.Chat{Network: "left", ID: bottest.Room}
)

// TestBothAtOnce: two taps at the same moment make one reveal, one ring, one mark.
func TestBothAtOnce(t *testing.T) {
	times := 1000
	if testing.Short() {
		times = 50
	}
	for range times {
		bothAtOnce(t)
	}
}

func bothAtOnce(t *testing.T) {
	store := memory.New()
	h := bottest.Begin(t, store, flows.All(), io.Discard)
	defer h.End()
	h.Net.Say(ana, room, "/checkin")
	h.Settle(t)
	board := h.Net.Messages(room)[0]
	var taps sync.WaitGroup
	for _, u := range []bot.User{ana, ben} {
		for range 2 { // and each of them twice: networks repeat
			taps.Go(func() { h.Net.Tap(u, room, board.ID, board.Buttons[0][4]) })
		}
	}
	taps.Wait()
	h.Settle(t)
	rings, reveals := 0, 0
	for _, m := range h.Net.Messages(room) {
		rings += strings.Count(m.Text, "✨")
		reveals += strings.Count(m.Text, "Ana: 😊")
	}
	rec, err := store.Load(context.Background(), h.ID, "checkin", bot.Want{Days: true, Entries: []string{"mood"}})
	if err != nil {
		t.Fatal(err)
	}
	if rings != 1 || reveals != 1 || len(rec.Days) != 1 || rec.Days[0].Mark != rituals.Together || len(rec.Entries) != 2 {
		t.Fatalf("rings %d, reveals %d, days %v, entries %d", rings, reveals, rec.Days, len(rec.Entries))
	}
}
