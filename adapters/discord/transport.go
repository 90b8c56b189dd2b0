package discord

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

const largestAnswer = 2 << 20 // bytes; two hundred servers are a twentieth of it

// statusKey is the context key of a *int that takes the status of the answer.
type statusKey struct{}

// transport sends requests to the API address of the settings: discordgo fixed its
// own when the program started. It counts answers that lead to a ban.
type transport struct {
	base    *url.URL
	next    http.RoundTripper
	breaker *breaker
	ctx     context.Context // ends requests that discordgo makes without a context; may be nil
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	if t.ctx != nil {
		ctx = t.ctx
	}
	req = req.Clone(ctx)
	req.URL.Scheme, req.URL.Host, req.Host = t.base.Scheme, t.base.Host, ""
	req.URL.Path = strings.TrimSuffix(t.base.Path, "/") + req.URL.Path
	req.GetBody = nil // no silent second sending of a POST
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if status, ok := ctx.Value(statusKey{}).(*int); ok {
		*status = resp.StatusCode
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, largestAnswer), resp.Body}
	switch resp.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		t.breaker.invalid()
	case http.StatusTooManyRequests:
		if resp.Header.Get("X-RateLimit-Scope") != "shared" {
			t.breaker.invalid()
		}
		tooMany(resp)
	}
	return resp, nil
}

// tooMany gives a 429 of a proxy, which has no JSON, the body that discordgo reads. And it
// tells discordgo when all routes have to rest: it looks for how long in a header that Discord
// sends with the refusals of one route only.
func tooMany(resp *http.Response) {
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	var said struct {
		After *float64 `json:"retry_after"`
	}
	if json.Unmarshal(body, &said) != nil || said.After == nil {
		after, err := strconv.ParseFloat(resp.Header.Get("Retry-After"), 64)
		if err != nil {
			after = 60
		}
		said.After = &after
		body, _ = json.Marshal(map[string]any{"message": "", "retry_after": after})
	}
	if resp.Header.Get("X-RateLimit-Global") != "" {
		resp.Header.Set("X-RateLimit-Reset-After", strconv.FormatFloat(min(*said.After, longestRest.Seconds()), 'f', 3, 64))
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
}
