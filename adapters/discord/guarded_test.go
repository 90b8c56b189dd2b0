package discord

import (
	"testing"

	"evenfall/adapters/adaptertest"
	"evenfall/bot"
)

func TestGuarded(t *testing.T) {
	adaptertest.Guarded(t, bot.Chat{Network: Network, ID: "1300000000000000001"}, func(api string) bot.Adapter {
		a, err := New(Options{Token: "a-token", API: api})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(a.own.CloseIdleConnections)
		return a
	})
}
