package telegramtest

import (
	"testing"
	"time"
)

// The limits are of every span, not only of those that begin with a full second.
func TestRates(t *testing.T) {
	r := &rates{chats: map[int64][]time.Time{}}
	start := time.Date(2026, 3, 2, 20, 0, 0, 0, time.UTC)
	next := int64(1000)
	some := func(n int, at time.Duration) (passed int) {
		for range n {
			next++
			if r.wait(next, start.Add(at)) == 0 {
				passed++
			}
		}
		return passed
	}
	if n := some(20, 900*time.Millisecond); n != 20 {
		t.Errorf("%d of the first twenty passed", n)
	}
	if n := some(20, 1100*time.Millisecond); n != 10 {
		t.Errorf("%d more passed a fifth of a second later, want 10", n)
	}
	if n := some(40, 1900*time.Millisecond); n != 20 {
		t.Errorf("%d passed a second after the first, want their 20 places", n)
	}
	for _, c := range []struct {
		chat int64
		at   time.Duration
		want int
	}{
		{1, 10 * time.Second, 0}, {1, 10*time.Second + 999*time.Millisecond, 1}, {1, 11 * time.Second, 0},
	} {
		if n := r.wait(c.chat, start.Add(c.at)); n != c.want {
			t.Errorf("chat %d has to wait %d s at %v, want %d", c.chat, n, c.at, c.want)
		}
	}
	for i := range time.Duration(20) {
		at := start.Add(time.Minute + i*time.Second)
		if r.wait(-1, at) != 0 || r.wait(2, at.Add(time.Millisecond)) != 0 {
			t.Fatalf("message %d of twenty is refused", i+1)
		}
	}
	at := start.Add(time.Minute + 20*time.Second)
	if n := r.wait(-1, at); n != 40 {
		t.Errorf("after twenty messages a group waits %d s, want 40", n)
	}
	if n := r.wait(2, at.Add(time.Millisecond)); n != 0 {
		t.Errorf("after twenty messages a person waits %d s", n)
	}
	if n := r.wait(-1, start.Add(2*time.Minute)); n != 0 {
		t.Errorf("a minute after the first a group still waits %d s", n)
	}
}
