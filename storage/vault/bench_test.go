package vault

import (
	"strings"
	"testing"

	"evenfall/bot"
)

func BenchmarkSeal(b *testing.B) {
	v := open(b, b.TempDir())
	id := couple(b, v)
	text := []byte(strings.Repeat("x", 200))
	for b.Loop() {
		if _, err := v.Seal(id, bot.Both, mood, text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	v := open(b, b.TempDir())
	id := couple(b, v)
	sealed := seal(b, v, id, bot.Both, mood, strings.Repeat("x", 200))
	for b.Loop() {
		if _, err := v.Open(id, mood, sealed); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkColdOpen opens a text of a couple whose keys are not in the cache.
func BenchmarkColdOpen(b *testing.B) {
	v := open(b, b.TempDir())
	id := couple(b, v)
	sealed := seal(b, v, id, bot.Both, mood, strings.Repeat("x", 200))
	for b.Loop() {
		v.cache.drop(id)
		if _, err := v.Open(id, mood, sealed); err != nil {
			b.Fatal(err)
		}
	}
}
