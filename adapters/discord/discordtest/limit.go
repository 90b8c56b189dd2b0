package discordtest

import (
	"net/http"
	"strconv"
	"time"
)

// spend takes one request out of its bucket, tells how many are left, and refuses when there are none.
func (s *Server) spend(w http.ResponseWriter, route route, path string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bucket.most == 0 || route.op != "POST /channels/{channel_id}/messages" {
		return true
	}
	now := time.Now()
	if now.Sub(s.bucket.since[path]) >= s.bucket.span {
		s.bucket.since[path], s.bucket.used[path] = now, 0
	}
	after := s.bucket.since[path].Add(s.bucket.span).Sub(now).Seconds()
	h := w.Header()
	h.Set("X-RateLimit-Bucket", "post")
	h.Set("X-RateLimit-Limit", strconv.Itoa(s.bucket.most))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(max(0, s.bucket.most-s.bucket.used[path]-1)))
	h.Set("X-RateLimit-Reset-After", strconv.FormatFloat(after, 'f', 3, 64))
	if s.bucket.used[path]++; s.bucket.used[path] > s.bucket.most {
		tooMany(w, after, false, false)
		return false
	}
	return true
}

// bucket is a limit of new messages for each channel.
type bucket struct {
	most  int
	span  time.Duration
	since map[string]time.Time
	used  map[string]int
}

// Limit allows most new messages per channel and span.
func (s *Server) Limit(most int, span time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bucket = bucket{most, span, map[string]time.Time{}, map[string]int{}}
}

// crowded counts requests under the global limit: fifty, and fifty more each second. The mutex is held.
func (s *Server) crowded() bool {
	const most = 50
	now := time.Now()
	s.tokens = min(most, s.tokens+now.Sub(s.counted).Seconds()*most) - 1
	s.counted = now
	return s.tokens < 0
}
