//go:build unix

package telegram_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"evenfall/adapters/telegram"
	"evenfall/bot"
)

// counter is the least a Bot API can be: it hands out taps as fast as they are
// confirmed, and says yes to the rest.
type counter struct {
	*httptest.Server
	mu          sync.Mutex
	first, end  int64 // ids of taps: those not confirmed, and where they end
	left        sync.WaitGroup
	loaded      chan struct{} // closed when taps come
	edited, yes []byte
}

func newCounter(b *testing.B) *counter {
	c := &counter{
		first: 1, end: 1, loaded: make(chan struct{}),
		edited: []byte(`{"ok":true,"result":{"message_id":7,"from":{"id":7000001,"is_bot":true,"first_name":"Evenfall","username":"evenfall_bot"},"chat":{"id":5,"first_name":"Ana","type":"private"},"date":1790000000,"edit_date":1790000001,"text":"How are you this evening?"}}`),
		yes:    []byte(`{"ok":true,"result":true}`),
	}
	c.Server = httptest.NewServer(c)
	b.Cleanup(c.Close)
	return c
}

// load queues n taps; wait on left until each is ticked and edited.
func (c *counter) load(n int) {
	c.left.Add(2 * n)
	c.mu.Lock()
	c.end += int64(n)
	close(c.loaded)
	c.loaded = make(chan struct{})
	c.mu.Unlock()
}

func (c *counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "application/json")
	switch method := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]; method {
	case "getUpdates":
		w.Write(c.updates(r.Context(), string(body)))
	case "getMe":
		io.WriteString(w, `{"ok":true,"result":{"id":7000001,"is_bot":true,"first_name":"E","username":"evenfall_bot"}}`)
	case "answerCallbackQuery":
		w.Write(c.yes)
		c.left.Done()
	default:
		w.Write(c.edited)
		c.left.Done()
	}
}

func (c *counter) updates(ctx context.Context, body string) []byte {
	form, _ := url.ParseQuery(body)
	offset, _ := strconv.ParseInt(form.Get("offset"), 10, 64)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.first = max(c.first, offset)
	if loaded := c.loaded; c.first == c.end {
		c.mu.Unlock()
		select {
		case <-loaded:
		case <-ctx.Done():
		}
		c.mu.Lock()
	}
	var out bytes.Buffer
	out.WriteString(`{"ok":true,"result":[`)
	for id := c.first; id < min(c.end, c.first+100); id++ {
		if id > c.first {
			out.WriteByte(',')
		}
		user := 1000 + id%977
		fmt.Fprintf(&out, `{"update_id":%d,"callback_query":{"id":"%d","from":{"id":%d,"is_bot":false,"first_name":"Ana","language_code":"en"},"message":{"message_id":7,"from":{"id":7000001,"is_bot":true,"first_name":"Evenfall","username":"evenfall_bot"},"chat":{"id":%d,"first_name":"Ana","type":"private"},"date":1790000000,"text":"How are you this evening?"},"chat_instance":"1","data":"checkin/3/mood/4"}}`, id, id, user, user)
	}
	out.WriteString(`]}`)
	return out.Bytes()
}

var evening = bot.Page{Title: "How are you this evening?", Text: "●○", Buttons: [][]bot.Key{
	{{Label: "😞", Payload: "checkin/3/mood/1"}, {Label: "😐", Payload: "checkin/3/mood/2"}, {Label: "😊", Payload: "checkin/3/mood/3"}},
}}

const hands = 64

// throughAdapter runs the adapter with a core that answers and edits at once.
func throughAdapter(ctx context.Context, b *testing.B, c *counter) {
	a, err := telegram.New(telegram.Options{Token: "1:x", API: c.URL})
	if err != nil {
		b.Error(err)
		return
	}
	letters := make(chan bot.Letter, 1000)
	var wg sync.WaitGroup
	for range hands {
		wg.Go(func() {
			// The caller has a deadline of its own.
			ctx, stop := context.WithTimeout(ctx, 50*time.Second)
			defer stop()
			for l := range letters {
				if _, err := a.Send(ctx, l); err != nil && ctx.Err() == nil {
					b.Error(err)
				}
			}
		})
	}
	err = a.Run(ctx, func(_ context.Context, in bot.Incoming) (bot.Answer, error) {
		letters <- bot.Letter{Chat: in.Chat, Edit: in.Message, Page: evening}
		return bot.Answer{Toast: "Kept."}, nil
	})
	if err != nil {
		b.Error(err)
	}
	close(letters)
	wg.Wait()
}

// bare does only what has to be done: fetch, two calls for each tap, nothing kept,
// nothing checked.
func bare(ctx context.Context, b *testing.B, c *counter) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 200}}
	defer client.CloseIdleConnections()
	post := func(method string, form url.Values) []byte {
		req, _ := http.NewRequestWithContext(ctx, "POST", c.URL+"/bot1:x/"+method, strings.NewReader(form.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := client.Do(req)
		if err != nil {
			return nil
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		return body
	}
	type tap struct {
		ID    int64 `json:"update_id"`
		Query struct {
			ID   string `json:"id"`
			From struct {
				ID int64 `json:"id"`
			} `json:"from"`
			Message struct {
				ID int64 `json:"message_id"`
			} `json:"message"`
		} `json:"callback_query"`
	}
	entities, _ := json.Marshal([]any{map[string]any{"type": "bold", "offset": 0, "length": 25}})
	markup := `{"inline_keyboard":[[{"text":"😞","callback_data":"checkin/3/mood/1"},{"text":"😐","callback_data":"checkin/3/mood/2"},{"text":"😊","callback_data":"checkin/3/mood/3"}]]}`
	answers, edits := make(chan tap, 1000), make(chan tap, 1000)
	var wg sync.WaitGroup
	work := func(queue chan tap, do func(tap)) {
		for range hands {
			wg.Go(func() {
				for t := range queue {
					do(t)
				}
			})
		}
	}
	work(answers, func(t tap) {
		post("answerCallbackQuery", url.Values{"callback_query_id": {t.Query.ID}, "text": {"Kept."}})
	})
	work(edits, func(t tap) {
		post("editMessageText", url.Values{
			"chat_id": {strconv.FormatInt(t.Query.From.ID, 10)}, "message_id": {strconv.FormatInt(t.Query.Message.ID, 10)},
			"text": {evening.Title + "\n" + evening.Text}, "entities": {string(entities)}, "reply_markup": {markup},
			"link_preview_options": {`{"is_disabled":true}`},
		})
	})
	var offset int64
	for ctx.Err() == nil {
		var page struct{ Result []tap }
		_ = json.Unmarshal(post("getUpdates", url.Values{"offset": {strconv.FormatInt(offset, 10)}, "limit": {"100"}}), &page)
		for _, t := range page.Result {
			offset = t.ID + 1
			answers <- t
			edits <- t
		}
	}
	close(answers)
	close(edits)
	wg.Wait()
}

// processor is how long this process has kept processors busy.
func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkTap compares the adapter with bare, tap by tap: fetch, tick, edit. The
// two take turns, so that whatever else the machine does meets both.
func BenchmarkTap(b *testing.B) {
	const round = 2000
	pipes := []struct {
		name string
		run  func(context.Context, *testing.B, *counter)
		c    *counter
		took time.Duration
		work time.Duration // of the processor
	}{{name: "adapter", run: throughAdapter}, {name: "bare", run: bare}}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for i := range pipes {
		p := &pipes[i]
		p.c = newCounter(b)
		wg.Go(func() { p.run(ctx, b, p.c) })
		p.c.load(round) // connections open, caches warm
		p.c.left.Wait()
	}
	taps := 0
	for b.Loop() {
		for i := range pipes {
			p := &pipes[i]
			start, busy := time.Now(), processor(b)
			p.c.load(round)
			p.c.left.Wait()
			p.took += time.Since(start)
			p.work += processor(b) - busy
		}
		taps += round
	}
	b.StopTimer()
	cancel()
	wg.Wait()
	for _, p := range pipes {
		b.ReportMetric(float64(taps)/p.took.Seconds(), p.name+"-taps/s")
	}
	b.ReportMetric(pipes[1].took.Seconds()/pipes[0].took.Seconds(), "ratio")
	b.ReportMetric(pipes[1].work.Seconds()/pipes[0].work.Seconds(), "processor-ratio")
	b.ReportMetric(0, "ns/op")
}
