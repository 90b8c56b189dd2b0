package telegramtest

import (
	"slices"
	"time"
)

// Telegram's published limits of messages and edits, each over any such span of time.
const (
	allMost   = 30 // over all chats
	allSpan   = time.Second
	chatMost  = 1 // Telegram lets short bursts pass, but does not say which: here none does
	chatSpan  = time.Second
	groupMost = 20
	groupSpan = time.Minute
)

// rates is what arrived lately.
type rates struct {
	all            []time.Time // the last second, oldest first
	chats          map[int64][]time.Time
	passed, denied int
}

// Limits makes the server answer 429 to what is sent or edited faster than Telegram
// allows: one a second in a chat, twenty a minute in a group, thirty a second in all.
func (s *Server) Limits() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rates = &rates{chats: map[int64][]time.Time{}}
}

// Denied counts what the limits refused.
func (s *Server) Denied() int {
	_, denied := s.Passed()
	return denied
}

// Passed counts what the limits let pass and what they refused.
func (s *Server) Passed() (passed, denied int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rates == nil {
		return 0, 0
	}
	return s.rates.passed, s.rates.denied
}

// wait is for how many seconds a chat may not be sent to; 0 = it may, and is counted.
// What is refused does not count.
func (r *rates) wait(chat int64, now time.Time) int {
	r.all = since(r.all, now.Add(-allSpan))
	span := chatSpan
	if chat < 0 {
		span = groupSpan
	}
	own := since(r.chats[chat], now.Add(-span))
	wait := max(full(r.all, allMost, allSpan, now), full(since(own, now.Add(-chatSpan)), chatMost, chatSpan, now))
	if chat < 0 {
		wait = max(wait, full(own, groupMost, groupSpan, now))
	}
	if wait > 0 {
		r.denied++
		return int((wait + time.Second - 1) / time.Second)
	}
	r.passed++
	r.all, r.chats[chat] = append(r.all, now), append(own, now)
	return 0
}

// since is what of a list came after an instant.
func since(list []time.Time, from time.Time) []time.Time {
	i := slices.IndexFunc(list, func(t time.Time) bool { return t.After(from) })
	if i < 0 {
		return nil
	}
	return list[i:]
}

// full is how long it takes until a list has room again; 0 = it has.
func full(list []time.Time, most int, span time.Duration, now time.Time) time.Duration {
	if len(list) < most {
		return 0
	}
	return max(1, list[len(list)-most].Add(span).Sub(now))
}
