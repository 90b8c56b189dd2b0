package bot_test

import (
	"context"
	"testing"
	"time"

	"evenfall/bot"
)

// TestDisguised: whoever cannot be told from others cannot act, not even where nobody sits yet.
func TestDisguised(t *testing.T) {
	h, _ := evening(t)
	group := bot.Chat{Network: "left", ID: "a new group"}
	for name, in := range map[string]bot.Incoming{
		"begins":         {Kind: bot.Called, Command: "start"},
		"says yes":       {Kind: bot.Called, Command: "start", Text: "yes"},
		"takes a seat":   {Kind: bot.Tapped, Payload: "join/0/in"},
		"asks for help":  {Kind: bot.Tapped, Payload: "/help"},
		"asks for lines": {Kind: bot.Called, Command: "support"},
		"writes":         {Kind: bot.Said, Text: "he hit me again last night"},
	} {
		in.User.Network, in.Chat, in.Members = "left", group, 2
		if toast := h.Net.Tell(in); toast != "" {
			t.Errorf("%s: is told %q", name, toast)
		}
		h.Settle(t)
		if got := h.Net.Messages(group); len(got) > 0 {
			t.Errorf("%s: the group shows %v", name, got)
		}
		found, err := h.Store.Find(context.Background(), in.User, group, nil, time.Time{})
		if err != nil || found != (bot.Found{}) {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
}
