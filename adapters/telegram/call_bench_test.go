package telegram

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"evenfall/bot"
)

// yes answers everything at once, without a network.
type yes struct{}

func (yes) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	return &http.Response{
		StatusCode: 200, ContentLength: 25, Request: r,
		Body: io.NopCloser(strings.NewReader(`{"ok":true,"result":true}`)),
	}, nil
}

// BenchmarkCall is what a request costs besides the network: as the adapter makes
// those whose result counts (through the library) and those whose does not, and the
// usual way.
func BenchmarkCall(b *testing.B) {
	a, err := New(Options{Token: "1:x", Transport: yes{}})
	if err != nil {
		b.Fatal(err)
	}
	params, err := a.params(context.Background(), bot.Letter{
		Chat: bot.Chat{Network: network, ID: "@5"}, Edit: "7",
		Page: bot.Page{Title: "How are you?", Text: "●○", Buttons: [][]bot.Key{{{Label: "a", Payload: "checkin/3/mood/1"}, {Label: "b", Payload: "checkin/3/mood/2"}}}},
	})
	if err != nil {
		b.Fatal(err)
	}
	var result json.RawMessage
	for name, out := range map[string]any{"adapter": nil, "adapter-library": &result} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := a.wire.call(context.Background(), "editMessageText", params, out); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("bare", func(b *testing.B) {
		b.ReportAllocs()
		client := &http.Client{Transport: yes{}}
		for b.Loop() {
			form := make(url.Values, len(params))
			for k, v := range params {
				form.Set(k, v)
			}
			req, err := http.NewRequest("POST", "https://api.telegram.org/bot1:x/editMessageText", strings.NewReader(form.Encode()))
			if err != nil {
				b.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			resp, err := client.Do(req)
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.ReadAll(resp.Body)
			resp.Body.Close()
		}
	})
	b.Run("params", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = a.params(context.Background(), bot.Letter{
				Chat: bot.Chat{Network: network, ID: "@5"}, Edit: "7",
				Page: bot.Page{Title: "How are you?", Text: "●○", Buttons: [][]bot.Key{{{Label: "a", Payload: "checkin/3/mood/1"}, {Label: "b", Payload: "checkin/3/mood/2"}}}},
			})
		}
	})
}
