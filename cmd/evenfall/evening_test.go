package main

import (
	"os"
	"strings"
	"testing"

	"evenfall/bot"
	"evenfall/bot/bottest"
	"evenfall/bot/flows"
	"evenfall/storage/memory"
	"evenfall/storage/sqlite"
)

// TestTheSameEvening plays the evening's scripts on every store and every network, with
// and without a restart between any two steps, and wants the same words each time.
func TestTheSameEvening(t *testing.T) {
	stores := map[string]func(t *testing.T) func() bot.Store{
		"memory": func(*testing.T) func() bot.Store {
			s := memory.New()
			return func() bot.Store { return s.Reopen() }
		},
		"sqlite": func(t *testing.T) func() bot.Store {
			folder := t.TempDir()
			return func() bot.Store {
				s, err := sqlite.Open(t.Context(), sqlite.Options{Folder: folder})
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
		},
	}
	worlds := []struct {
		name, script string
		networks     func(t *testing.T) []bottest.Network
	}{
		{"pretend", "evening", func(*testing.T) []bottest.Network { return []bottest.Network{bottest.NewPretend("left")} }},
		{"telegram", "evening", func(t *testing.T) []bottest.Network { return []bottest.Network{newTelegram(t)} }},
		{"discord", "evening", func(t *testing.T) []bottest.Network { return []bottest.Network{newDiscord(t)} }},
		{"telegram and discord", "evening-apart", func(t *testing.T) []bottest.Network {
			return []bottest.Network{newTelegram(t), newDiscord(t)}
		}},
		{"discord and telegram", "evening-apart", func(t *testing.T) []bottest.Network {
			return []bottest.Network{newDiscord(t), newTelegram(t)}
		}},
	}
	for name, open := range stores {
		for _, w := range worlds {
			for how, restless := range map[string]bool{"straight": false, "restarts": true} {
				t.Run(name+"/"+w.name+"/"+how, func(t *testing.T) {
					if strings.Contains(w.name, "discord") && restless && name == "memory" {
						return // a new session costs seconds; the store makes no difference to it
					}
					t.Parallel()
					script, err := os.ReadFile("../../bot/flows/testdata/" + w.script + ".txt")
					if err != nil {
						t.Fatal(err)
					}
					got := bottest.Play(t, bottest.World{Networks: w.networks(t), Flows: flows.All(), Open: open(t), Restless: restless}, string(script))
					if got != string(script) {
						t.Errorf("another evening: %s", bottest.Differ(string(script), got))
					}
				})
			}
		}
	}
}
