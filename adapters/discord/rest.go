package discord

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/bwmarrin/discordgo"
	"golang.org/x/time/rate"

	"evenfall/adapters/outgoing"
	"evenfall/bot"
)

const (
	restTimeout = 20 * time.Second
	longestWait = 2 * time.Second // for a rate limit before the letter goes back to the post office
	longestRest = time.Hour       // a number without sense must not silence a chat for good
	mostBuckets = 4096
	free        = "" // the bucket of answers to interactions: outside all limits but their own
)

// rest calls Discord's HTTP API through discordgo, without its sleeping and retrying.
type rest struct {
	session *discordgo.Session
	global  *rate.Limiter
	breaker *breaker
	stop    func(error)

	mu      sync.Mutex
	buckets *discordgo.RateLimiter
	known   map[string]bool // keys in buckets: discordgo never drops any
}

func newRest(token string, base *url.URL, next http.RoundTripper, a *Adapter) (*rest, error) {
	session, err := newSession(token)
	if err != nil {
		return nil, err
	}
	r := &rest{
		session: session,
		global:  rate.NewLimiter(45, 4), // Discord allows 50 in any second
		breaker: &breaker{now: func() time.Time { return a.now() }},
		stop:    a.stop,
		buckets: discordgo.NewRatelimiter(),
		known:   map[string]bool{},
	}
	session.Client = newClient(&transport{base: base, next: next, breaker: r.breaker})
	return r, nil
}

// newClient follows no redirect: the API has none, and another host is none of its business.
func newClient(t *transport) *http.Client {
	return &http.Client{Timeout: restTimeout, Transport: t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// newSession is a discordgo session with everything off that acts on its own.
func newSession(token string) (*discordgo.Session, error) {
	s, err := discordgo.New("Bot " + token)
	if err != nil {
		return nil, err
	}
	s.LogLevel = -1 // below LogError: its lines hold tokens
	s.StateEnabled = false
	s.ShouldReconnectOnError = false
	s.ShouldReconnectVoiceOnSessionError = false
	s.ShouldRetryOnRateLimit = false
	s.MaxRestRetries = 0
	s.Compress = false
	s.UserAgent = "DiscordBot (https://discord.com, 1) Evenfall"
	return s, nil
}

// apiError is an answer that is not a success. It holds nothing of the request.
type apiError struct {
	status, code int
}

func (e *apiError) Error() string {
	return fmt.Sprintf("discord: HTTP %d, code %d", e.status, e.code)
}

// call makes one request. bucket is the route with its channel, or free. Errors:
// *bot.Later, *apiError, bot.ErrUnsent; any other error means nobody knows.
func (r *rest) call(ctx context.Context, method, address, bucket string, body any) ([]byte, error) {
	b, err := r.lock(ctx, bucket)
	if err != nil {
		return nil, err
	}
	kind, data, err := encode(body)
	if err != nil {
		b.Unlock()
		return nil, fmt.Errorf("discord: %w", err)
	}
	var status int
	ctx, watch := outgoing.Follow(context.WithValue(ctx, statusKey{}, &status))
	answer, err := r.session.RequestWithLockedBucket(method, address, kind, data, b, 0, discordgo.WithContext(ctx))
	if err == nil {
		return answer, nil
	}
	if err = r.redact(err, status, bucket); watch.Unsent() {
		err = fmt.Errorf("%w: %w", bot.ErrUnsent, err)
	}
	return nil, err
}

// encode writes the body of a request: JSON, or a form if a file goes along.
func encode(of any) (kind string, data []byte, err error) {
	kind = "application/json"
	if of == nil {
		return kind, nil, nil
	}
	if b, ok := of.(body); ok && b.file != nil {
		f := &discordgo.File{Name: b.file.Name, ContentType: b.file.Type, Reader: bytes.NewReader(b.file.Data)}
		return discordgo.MultipartBodyWithJSON(b, []*discordgo.File{f})
	}
	data, err = json.Marshal(of)
	return kind, data, err
}

// lock waits for the limits and locks the bucket; the request unlocks it.
func (r *rest) lock(ctx context.Context, key string) (*discordgo.Bucket, error) {
	if key == free {
		b := discordgo.NewRatelimiter().GetBucket("")
		b.Lock()
		return b, nil
	}
	if wait := r.breaker.wait(); wait > 0 {
		return nil, &bot.Later{After: wait}
	}
	limiter, b := r.bucket(key)
	for {
		b.Lock()
		wait := limiter.GetWaitTime(b, 1)
		if wait == 0 {
			break
		}
		b.Unlock()
		if wait > longestWait {
			return nil, &bot.Later{After: wait}
		}
		if err := sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
	if err := r.global.Wait(ctx); err != nil {
		b.Unlock()
		return nil, &bot.Later{After: time.Second}
	}
	b.Remaining--
	return b, nil
}

func (r *rest) bucket(key string) (*discordgo.RateLimiter, *discordgo.Bucket) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.known[key] && len(r.known) >= mostBuckets {
		r.buckets = discordgo.NewRatelimiter()
		clear(r.known)
	}
	r.known[key] = true
	return r.buckets, r.buckets.GetBucket(key)
}

// redact makes an error of our own: discordgo's hold the request with its token,
// and net/http's the address, which may be an interaction's with its token.
func (r *rest) redact(err error, status int, bucket string) error {
	var limited *discordgo.RateLimitError
	var failed *discordgo.RESTError
	var broken *url.Error
	switch {
	case errors.As(err, &limited):
		return &bot.Later{After: min(max(limited.RetryAfter, 100*time.Millisecond), longestRest)}
	case status == http.StatusUnauthorized:
		if bucket != free { // there it is the interaction's token that is over
			r.stop(ErrToken)
		}
		return &apiError{status: status}
	case errors.As(err, &failed):
		e := &apiError{status: status}
		if failed.Message != nil {
			e.code = failed.Message.Code
		}
		return e
	case status >= 300:
		return &apiError{status: status}
	case errors.As(err, &broken):
		return fmt.Errorf("discord: no answer: %w", broken.Err)
	case status != 0:
		return errors.New("discord: the answer broke off")
	}
	return errors.New("discord: no answer")
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
