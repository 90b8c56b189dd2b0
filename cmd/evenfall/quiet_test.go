package main

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/cryptotest"
	"testing/synctest"
	"time"

	"evenfall/bot"
	"evenfall/bot/bottest"
	"evenfall/bot/flows"
	"evenfall/storage/sqlite"
	"evenfall/storage/vault"
)

// TestDangerLeavesTheFilesAlone: the files of a house where Ana wrote about danger, and followed
// what she was told, are the same, byte for byte, as those of a house where she did not. So are the log,
// the room, and all that Ben sees. A backup is a copy of these files.
func TestDangerLeavesTheFilesAlone(t *testing.T) {
	fresh := newHouse(t)
	plain := lived(t, fresh, "")
	for _, words := range []string{"", "he hit me again last night", "quiero morir", "he checks my phone"} {
		other := lived(t, fresh, words)
		if !slices.Equal(slices.Sorted(maps.Keys(plain)), slices.Sorted(maps.Keys(other))) {
			t.Errorf("%q: there are other files: %v", words, slices.Sorted(maps.Keys(other)))
		}
		for name, is := range plain {
			if !bytes.Equal(other[name], is) {
				t.Errorf("%q left a trace in %s", words, name)
			}
		}
	}
	if again := lived(t, fresh, "dinner was nice"); bytes.Equal(again[sqlite.File], plain[sqlite.File]) {
		t.Error("words that are kept leave no trace either: the comparison sees nothing")
	}
}

// newHouse is the files of a house that nobody has lived in: when they were made is written in them.
func newHouse(t *testing.T) map[string][]byte {
	folder := t.TempDir()
	store, err := sqlite.Open(t.Context(), sqlite.Options{Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return contents(t, folder)
}

func contents(t *testing.T, folder string) map[string][]byte {
	all := map[string][]byte{}
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if all[f.Name()], err = os.ReadFile(filepath.Join(folder, f.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// lived is everything but Ana's own chat that is left of an evening in which she answers and
// writes a line to Ben, then writes words, if there are any, and follows each button of
// what she is told.
func lived(t *testing.T, fresh map[string][]byte, words string) map[string][]byte {
	folder := t.TempDir()
	for name, is := range fresh {
		if err := os.WriteFile(filepath.Join(folder, name), is, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	left := map[string][]byte{}
	t.Run("evening", func(t *testing.T) {
		cryptotest.SetGlobalRandom(t, 1) // the same keys and nonces each time
		synctest.Test(t, func(t *testing.T) {
			store, err := sqlite.Open(t.Context(), sqlite.Options{Folder: folder})
			if err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			begun := time.Now()
			h := bottest.BeginNow(t, store, flows.All(), &log)
			ana, ben := bot.User{Network: "left", ID: "ana"}, bot.User{Network: "left", ID: "ben"}
			room := bot.Chat{Network: "left", ID: bottest.Room}
			settle := func() { time.Sleep(time.Second); synctest.Wait() }
			say := func(u bot.User, c bot.Chat, text string) { h.Net.Say(u, c, text); settle() }
			say(ana, room, "/checkin")
			board := h.Net.Messages(room)[0]
			h.Net.Tap(ana, room, board.ID, board.Buttons[0][1])
			settle()
			h.Net.Tap(ana, room, board.ID, board.Buttons[3][0])
			settle()
			say(ana, bot.Nook(ana), "a long day")
			danger(h, ana, words, settle)
			time.Sleep(time.Until(begun.Add(10 * time.Minute))) // however long that took
			if err := h.Beat(t.Context()); err != nil {
				t.Error(err)
			}
			h.Net.Tap(ben, room, board.ID, board.Buttons[0][2])
			settle()
			for _, c := range []bot.Chat{room, bot.Nook(ben)} {
				for _, m := range h.Net.Messages(c) {
					left["shown"] = append(left["shown"], m.Title+"\n"+m.Text+"\n"...)
				}
			}
			h.End()
			if err := store.Close(); err != nil {
				t.Error(err)
			}
			left["log"] = log.Bytes()
		})
	})
	maps.Copy(left, contents(t, folder))
	for _, name := range []string{sqlite.File, vault.File} {
		if len(left[name]) == 0 {
			t.Fatalf("there is no %s", name)
		}
	}
	return left
}

// danger writes words into the writer's nook and follows each button of the answers.
func danger(h *bottest.House, who bot.User, words string, settle func()) {
	if words == "" {
		return
	}
	nook := bot.Nook(who)
	before := len(h.Net.Messages(nook))
	h.Net.Say(who, nook, words)
	settle()
	for i := before; i < len(h.Net.Messages(nook)) && i < before+20; i++ {
		for _, row := range h.Net.Messages(nook)[i].Buttons {
			if p := row[0].Payload; !strings.Contains(p, "/send") && !strings.Contains(p, "/ask/") {
				h.Net.Tap(who, nook, h.Net.Messages(nook)[i].ID, row[0])
				settle()
			}
		}
	}
}
