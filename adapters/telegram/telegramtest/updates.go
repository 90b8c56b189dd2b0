package telegramtest

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// How long Telegram keeps what the bot has not fetched.
const (
	tapLife     = 150 * time.Second
	messageLife = 24 * time.Hour
)

type queued struct {
	id      int64
	raw     json.RawMessage
	expires time.Time
}

type query struct {
	at       time.Time
	answered bool
	toast    string
}

// poll is the receiver that waits, and what the last one asked.
type poll struct {
	number int
	offset int64
	ended  time.Time
}

// push queues an update of a kind. Call it with the lock held.
func (s *Server) push(kind string, body any) {
	life := messageLife
	if kind == "callback_query" {
		life = tapLife
	}
	if s.allowed != nil && !slices.Contains(s.allowed, kind) {
		return
	}
	id := s.update
	raw := s.sound("Update", object{"update_id": id, kind: body})
	s.enqueue(raw, life)
}

func (s *Server) enqueue(raw json.RawMessage, life time.Duration) {
	s.queue = append(s.queue, queued{s.update, raw, s.now().Add(life)})
	s.update++
	s.touch()
}

// Update queues any JSON as an update, however odd: members is what stands beside
// update_id, `"poll":{}`.
func (s *Server) Update(members string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enqueue(json.RawMessage(`{"update_id":`+strconv.FormatInt(s.update, 10)+`,`+members+`}`), messageLife)
}

// Renumber makes the next updates begin at id, as Telegram does after an idle week.
func (s *Server) Renumber(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.update = id
}

// Repeat hands the updates of the last answer out once more, confirmed or not.
func (s *Server) Repeat() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.repeat = append(s.repeat, s.last...)
	s.touch()
}

// Reverse turns the order of the next answer over.
func (s *Server) Reverse() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reversed = true
}

// Waiting is how many updates the bot has not confirmed yet.
func (s *Server) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	return len(s.queue)
}

// Drained waits until every update is confirmed, and reports whether that came.
func (s *Server) Drained() bool {
	return s.until(func() bool { s.expire(); return len(s.queue) == 0 })
}

func (s *Server) expire() {
	now := s.now()
	s.queue = slices.DeleteFunc(s.queue, func(q queued) bool { return !q.expires.After(now) })
}

func (s *Server) getUpdates(ctx context.Context, form url.Values) answer {
	offset, limit, wait := number(form, "offset"), 100, number(form, "timeout")
	if n := number(form, "limit"); n > 0 {
		limit = int(n)
	}
	s.mu.Lock()
	if s.webhook != "" {
		s.mu.Unlock()
		return failure(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
	}
	_ = json.Unmarshal([]byte(form.Get("allowed_updates")), &s.allowed)
	s.confirm(offset)
	if offset == s.poll.offset && time.Since(s.poll.ended) < 500*time.Millisecond {
		limit = 1 // as Telegram does to receivers that ask the same again at once
	}
	s.poll.number++
	me := s.poll.number
	s.poll.offset = offset
	s.touch()
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.poll.ended = time.Now()
		s.mu.Unlock()
	}()
	return s.wait(ctx, me, limit, time.Duration(wait)*time.Second)
}

// wait answers a poll when there is something, or when its time is over.
func (s *Server) wait(ctx context.Context, me, limit int, d time.Duration) answer {
	over := time.NewTimer(d)
	defer over.Stop()
	for {
		s.mu.Lock()
		if me != s.poll.number {
			s.mu.Unlock()
			return failure(409, Conflict().Description)
		}
		if f := s.fault("getUpdates", ""); f != nil && f.Code != 0 && !f.HTML {
			s.mu.Unlock()
			return failure(f.Code, f.Description)
		}
		s.expire()
		batch := s.batch(limit)
		changed := s.changed
		s.mu.Unlock()
		if len(batch) > 0 {
			return success(batch)
		}
		select {
		case <-changed:
		case <-over.C:
			return success([]any{})
		case <-ctx.Done():
			return success([]any{})
		case <-s.stop:
			return success([]any{})
		}
	}
}

func (s *Server) confirm(offset int64) {
	if offset <= s.update { // an offset in the future confirms nothing
		s.queue = slices.DeleteFunc(s.queue, func(q queued) bool { return q.id < offset })
	}
}

func (s *Server) batch(limit int) (raw []json.RawMessage) {
	out := append(slices.Clone(s.repeat), s.queue...)
	if len(out) > limit {
		out = out[:limit]
	}
	if len(out) == 0 {
		return nil
	}
	s.repeat = nil
	s.last = slices.Clone(out)
	if s.reversed {
		slices.Reverse(out)
		s.reversed = false
	}
	for _, q := range out {
		raw = append(raw, q.raw)
	}
	return raw
}
