package telegram

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"evenfall/adapters/outgoing"
	"evenfall/bot"
)

const (
	callTime  = 15 * time.Second // for everything but the long poll
	longest   = time.Minute      // a caller's own deadline within it is left alone
	bodyLimit = 32 << 20         // a hundred updates are far below it
	inFlight  = 200              // Telegram holds back a bot with more than 1000
)

// wire makes requests. The library builds and reads them; it never learns the token.
type wire struct {
	root  *url.URL
	base  string // the same with places for the library's (empty) token and the method
	token string
	trip  http.RoundTripper
	most  time.Duration // for one request, when the caller has no deadline of its own
}

func newWire(base, token string, trip http.RoundTripper) (*wire, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.Contains(base, "%") || u.RawQuery != "" {
		return nil, errors.New("telegram: the address of the Bot API must look like " + DefaultAPI)
	}
	if trip == nil {
		trip = &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         outgoing.NewGuard(u).DialContext,
			TLSHandshakeTimeout: 10 * time.Second,
			// HTTP/1.1 with kept connections costs two thirds of Go's HTTP/2.
			TLSNextProto:        map[string]func(string, *tls.Conn) http.RoundTripper{},
			MaxConnsPerHost:     inFlight,
			MaxIdleConnsPerHost: inFlight,
			IdleConnTimeout:     90 * time.Second,
		}
	}
	return &wire{root: u, base: base + "/bot%s/%s", token: token, trip: trip, most: callTime}, nil
}

// call makes one request and reads its result into out, which may be nil, or a
// *json.RawMessage to take it as it is.
// Its errors are *refusal when Telegram said no, and free of the token always.
func (w *wire) call(ctx context.Context, method string, params tgbotapi.Params, out any) error {
	return w.callFor(ctx, w.most, method, params, out)
}

// deliver is call for a letter: its error is bot.ErrUnsent when the request never left.
func (w *wire) deliver(ctx context.Context, method string, params tgbotapi.Params, out any) error {
	ctx, watch := outgoing.Follow(ctx)
	err := w.call(ctx, method, params, out)
	if err != nil && watch.Unsent() {
		return fmt.Errorf("%w (%w)", bot.ErrUnsent, err)
	}
	return err
}

func (w *wire) callFor(ctx context.Context, d time.Duration, method string, params tgbotapi.Params, out any) error {
	ctx, cancel := bounded(ctx, d)
	defer cancel()
	if out == nil {
		return w.clean(method, w.tell(ctx, method, params))
	}
	// The library has no contexts: a client of this one call carries it.
	api := tgbotapi.BotAPI{Client: &oneCall{w, ctx}}
	api.SetAPIEndpoint(w.base)
	resp, err := api.MakeRequest(method, params)
	if err != nil {
		return w.clean(method, err)
	}
	if raw, ok := out.(*json.RawMessage); ok {
		*raw = resp.Result
		return nil
	}
	if err := json.Unmarshal(resp.Result, out); err != nil {
		// Not the decoder's own words: they may quote the answer.
		return fmt.Errorf("telegram: %s: the result could not be read (%T)", method, err)
	}
	return nil
}

// bounded gives a request an end, unless its caller has a near one.
func bounded(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= longest {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, d)
}

// tell makes a request whose result nobody looks at: ticks and edits, two for every
// tap. By hand one costs a
// third of what it costs through the library (BenchmarkCall).
func (w *wire) tell(ctx context.Context, method string, params tgbotapi.Params) error {
	form := make([]byte, 0, 512)
	for name, value := range params {
		if len(form) > 0 {
			form = append(form, '&')
		}
		form = append(append(append(form, name...), '='), url.QueryEscape(value)...)
	}
	body, err := w.post(ctx, method, formType, form)
	if err != nil || bytes.HasPrefix(body, good) {
		return err
	}
	_, err = result(body)
	return err
}

// post makes a request with a form and reads the answer.
func (w *wire) post(ctx context.Context, method string, kind []string, form []byte) ([]byte, error) {
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(form)), nil }
	first, _ := open()
	u := *w.root
	u.Path += "/bot" + w.token + "/" + method
	return w.fetch((&http.Request{
		Method: http.MethodPost, URL: &u, Host: u.Host, ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": kind},
		Body:   first, GetBody: open, ContentLength: int64(len(form)),
	}).WithContext(ctx))
}

// result is what an answer brings, or the refusal that it is.
func result(body []byte) (json.RawMessage, error) {
	var resp tgbotapi.APIResponse
	if err := json.Unmarshal(body, &resp); err != nil || resp.Ok {
		return resp.Result, err
	}
	no := &tgbotapi.Error{Code: resp.ErrorCode, Message: resp.Description}
	if resp.Parameters != nil {
		no.ResponseParameters = *resp.Parameters
	}
	return nil, no
}

var (
	good     = []byte(`{"ok":true,`)
	formType = []string{"application/x-www-form-urlencoded"}
)

// clean makes an error of the library ours, without the token and without content.
func (w *wire) clean(method string, err error) error {
	if err == nil {
		return nil
	}
	var no *tgbotapi.Error
	if errors.As(err, &no) {
		return &refusal{
			method: method, code: no.Code, words: quoted.ReplaceAllString(strings.ReplaceAll(no.Message, w.token, "…"), "…"),
			after: no.RetryAfter, moved: no.MigrateToChatID,
		}
	}
	for _, known := range []error{outgoing.ErrAddress, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, known) {
			return fmt.Errorf("telegram: %s: %w", method, known)
		}
	}
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return errors.New("telegram: " + method + ": Telegram cannot be reached")
	}
	text := strings.ReplaceAll(err.Error(), w.token, "…")
	return fmt.Errorf("telegram: %s: no answer: %s", method, text)
}

// oneCall is the library's HTTP client for one request.
type oneCall struct {
	*wire
	ctx context.Context
}

// Do adds the token to the address.
func (c *oneCall) Do(req *http.Request) (*http.Response, error) {
	req = req.WithContext(c.ctx)
	u := *req.URL
	u.Path = strings.Replace(u.Path, "/bot/", "/bot"+c.token+"/", 1)
	req.URL = &u
	body, err := c.fetch(req)
	return &http.Response{Body: io.NopCloser(bytes.NewReader(body))}, err
}

// fetch reads the whole answer within bounds, so that the connection can be used again.
func (w *wire) fetch(req *http.Request) ([]byte, error) {
	resp, err := w.trip.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := read(resp)
	if err != nil {
		return nil, err
	}
	if len(body) > 0 && body[0] == '{' {
		return body, nil
	}
	if resp.StatusCode == http.StatusTooManyRequests {
		// A proxy in between says so without JSON; it is no less certain.
		after, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		no := &tgbotapi.Error{Code: resp.StatusCode, Message: "too many requests"}
		no.RetryAfter = after
		return nil, no
	}
	return nil, fmt.Errorf("status %d and no JSON", resp.StatusCode)
}

func read(resp *http.Response) ([]byte, error) {
	if n := resp.ContentLength; n > 0 && n < 1<<16 {
		body := make([]byte, n)
		_, err := io.ReadFull(resp.Body, body)
		return body, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, bodyLimit+1))
	if err == nil && len(body) > bodyLimit {
		err = errors.New("the answer is too long")
	}
	return body, err
}

// rest lets kept connections go.
func (w *wire) rest() {
	if t, ok := w.trip.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}
