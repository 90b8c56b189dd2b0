package telegram_test

import (
	"testing"

	"evenfall/adapters/adaptertest"
	"evenfall/adapters/telegram"
	"evenfall/adapters/telegram/telegramtest"
	"evenfall/bot"
)

func TestGuarded(t *testing.T) {
	adaptertest.Guarded(t, group(room), func(api string) bot.Adapter {
		a, err := telegram.New(telegram.Options{Token: telegramtest.Token, API: api})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { telegram.Rest(a) })
		return a
	})
}
