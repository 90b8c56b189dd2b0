package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"evenfall/adapters/telegram"
	"evenfall/bot"
	"evenfall/bot/bottest"
	"evenfall/storage/sqlite"
)

// post100 is a Telegram that does nothing but hand out updates, a hundred at a time, and
// say yes: the least work a server can do, so that what is measured is the bot.
type post100 struct {
	*httptest.Server
	mu      sync.Mutex
	updates []string
	more    *sync.Cond
	closed  bool
	sent    atomic.Int64 // sendMessage
	edited  atomic.Int64
	ticked  atomic.Int64
}

func newPost100(b *testing.B) *post100 {
	p := &post100{}
	p.more = sync.NewCond(&p.mu)
	p.Server = httptest.NewServer(p)
	b.Cleanup(func() {
		p.mu.Lock()
		p.closed = true
		p.more.Broadcast()
		p.mu.Unlock()
		p.CloseClientConnections()
		p.Close()
	})
	return p
}

func (p *post100) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	answer := `{"ok":true,"result":true}`
	switch method := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]; method {
	case "getUpdates":
		answer = `{"ok":true,"result":[` + p.batch(r, string(body)) + `]}`
	case "answerCallbackQuery":
		p.ticked.Add(1)
	case "editMessageText":
		p.edited.Add(1)
		answer = `{"ok":true,"result":{"message_id":1,"date":1,"chat":{"id":-1,"type":"group"},"text":"x"}}`
	case "sendMessage":
		answer = fmt.Sprintf(`{"ok":true,"result":{"message_id":%d,"date":1,"chat":{"id":-1,"type":"group"},"text":"x"}}`, p.sent.Add(1))
	case "getMe":
		answer = `{"ok":true,"result":{"id":1,"is_bot":true,"first_name":"Evenfall","username":"evenfall_bot","can_join_groups":true}}`
	case "getChatMemberCount":
		answer = `{"ok":true,"result":3}`
	case "getMyCommands":
		answer = `{"ok":true,"result":[]}`
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, answer)
}

// batch waits for updates from the offset on, up to a hundred.
func (p *post100) batch(r *http.Request, body string) string {
	form, _ := url.ParseQuery(body)
	if form.Get("offset") == "" {
		form = r.URL.Query()
	}
	offset, _ := strconv.Atoi(form.Get("offset"))
	offset = max(offset, 1)
	defer context.AfterFunc(r.Context(), p.more.Broadcast)()
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.updates) < offset && !p.closed && r.Context().Err() == nil {
		p.more.Wait()
	}
	return strings.Join(p.updates[min(offset-1, len(p.updates)):min(offset+99, len(p.updates))], ",")
}

// give adds updates made by make, numbered on.
func (p *post100) give(n int, make func(i, id int) string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range n {
		p.updates = append(p.updates, make(i, len(p.updates)+1))
	}
	p.more.Broadcast()
}

func tapUpdate(i, id int) string {
	return fmt.Sprintf(`{"update_id":%d,"callback_query":{"id":"%d","from":{"id":%s,"is_bot":false,"first_name":"Ana","language_code":"en"},"chat_instance":"1","data":"checkin/20514/mood/4","message":{"message_id":%d,"date":1,"chat":{"id":%s,"type":"group","title":"Us"},"text":"x"}}}`, id, id, user(i), i+1, room(i))
}

func checkinUpdate(i, id int) string {
	return fmt.Sprintf(`{"update_id":%d,"message":{"message_id":%d,"date":1,"from":{"id":%s,"is_bot":false,"first_name":"Ana","language_code":"en"},"chat":{"id":%s,"type":"group","title":"Us"},"text":"/checkin@evenfall_bot","entities":[{"type":"bot_command","offset":0,"length":21}]}}`, id, id, user(i), room(i))
}

// wait waits for a count.
func wait(b *testing.B, n int, count *atomic.Int64) {
	b.Helper()
	for end := time.Now().Add(5 * time.Minute); int(count.Load()) < n; time.Sleep(200 * time.Microsecond) {
		if time.Now().After(end) {
			b.Fatalf("%d of %d came", count.Load(), n)
		}
	}
}

// BenchmarkTelegram is n taps, each the first of its couple's evening, from getUpdates to commit at
// FULL, tick and edit, beside a bare pipeline that does only this. Aim: ratio ≥ 0.9.
func BenchmarkTelegram(b *testing.B) {
	n := max(b.N, 1000)
	b.ResetTimer()
	ours, bare := whole(b, n), pipeline(b, n)
	b.ReportMetric(ours/bare, "ratio")
	b.ReportMetric(ours, "taps/s")
	b.ReportMetric(bare, "bare/s")
	b.ReportMetric(0, "ns/op")
}

// whole is taps a second through the whole house.
func whole(b *testing.B, n int) float64 {
	srv := newPost100(b)
	adapter, err := telegram.New(telegram.Options{Token: "1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", API: srv.URL})
	if err != nil {
		b.Fatal(err)
	}
	store, err := sqlite.Open(b.Context(), sqlite.Options{Folder: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	for i := range n {
		c := bottest.Couple("telegram")
		c.Room.ID = room(i)
		c.Partners[0].User.ID, c.Partners[1].User.ID = user(i), "8"+strconv.Itoa(i)
		if _, err := store.Commit(b.Context(), bot.Change{Couple: &c}); err != nil {
			b.Fatal(err)
		}
	}
	begin(b, 0, store, adapter)
	srv.give(n, checkinUpdate)
	wait(b, n, &srv.sent)
	start := time.Now()
	srv.give(n, tapUpdate)
	wait(b, n, &srv.ticked)
	wait(b, n, &srv.edited)
	return float64(n) / time.Since(start).Seconds()
}

// pipeline is taps a second through the least code that does the same.
func pipeline(b *testing.B, n int) float64 {
	srv := newPost100(b)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "bare.db")+"?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE TABLE answer (chat INTEGER, who INTEGER, mood INTEGER, PRIMARY KEY (chat, who)) STRICT, WITHOUT ROWID`); err != nil {
		b.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 128}}
	call := func(method string, form url.Values) []byte {
		resp, err := client.PostForm(srv.URL+"/bot1:A/"+method, form)
		if err != nil {
			b.Error(err)
			return nil
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		return body
	}
	start := time.Now()
	srv.give(n, tapUpdate)
	var workers sync.WaitGroup
	taps := make(chan bareTap, 256)
	for range 64 {
		workers.Go(func() {
			for t := range taps {
				t.send(call)
			}
		})
	}
	for offset := 1; offset <= n; {
		offset = keep(b, db, call("getUpdates", url.Values{"offset": {strconv.Itoa(offset)}, "limit": {"100"}}), taps)
	}
	close(taps)
	workers.Wait()
	client.CloseIdleConnections()
	return float64(n) / time.Since(start).Seconds()
}

// bareTap is a tap as the bare pipeline reads it.
type bareTap struct {
	ID    int `json:"update_id"`
	Query struct {
		ID   string `json:"id"`
		From struct {
			ID int64 `json:"id"`
		} `json:"from"`
		Data    string `json:"data"`
		Message struct {
			ID   int64 `json:"message_id"`
			Chat struct {
				ID int64 `json:"id"`
			} `json:"chat"`
		} `json:"message"`
	} `json:"callback_query"`
}

const bareKeys = `{"inline_keyboard":[[{"text":"1","callback_data":"checkin/20514/mood/1"},{"text":"2","callback_data":"checkin/20514/mood/2"},{"text":"3","callback_data":"checkin/20514/mood/3"},{"text":"4","callback_data":"checkin/20514/mood/4"},{"text":"5","callback_data":"checkin/20514/mood/5"}],[{"text":"1","callback_data":"checkin/20514/load/1"},{"text":"2","callback_data":"checkin/20514/load/2"},{"text":"3","callback_data":"checkin/20514/load/3"},{"text":"4","callback_data":"checkin/20514/load/4"},{"text":"5","callback_data":"checkin/20514/load/5"}],[{"text":"1","callback_data":"checkin/20514/close/1"},{"text":"2","callback_data":"checkin/20514/close/2"},{"text":"3","callback_data":"checkin/20514/close/3"},{"text":"4","callback_data":"checkin/20514/close/4"},{"text":"5","callback_data":"checkin/20514/close/5"}]]}`

func (t bareTap) send(call func(string, url.Values) []byte) {
	call("answerCallbackQuery", url.Values{"callback_query_id": {t.Query.ID}, "text": {"Kept. Sealed until you have both answered."}})
	call("editMessageText", url.Values{
		"chat_id": {strconv.FormatInt(t.Query.Message.Chat.ID, 10)}, "message_id": {strconv.FormatInt(t.Query.Message.ID, 10)},
		"text": {"Good evening, you two\nHow are you?\n●○"}, "reply_markup": {bareKeys},
	})
}

// keep commits one batch of taps and hands them on; it returns the next offset.
func keep(b *testing.B, db *sql.DB, body []byte, taps chan<- bareTap) (offset int) {
	var got struct{ Result []bareTap }
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(&got); err != nil {
		b.Fatal(err)
	}
	tx, err := db.Begin()
	if err != nil {
		b.Fatal(err)
	}
	for _, t := range got.Result {
		mood, _ := strconv.Atoi(t.Query.Data[strings.LastIndexByte(t.Query.Data, '/')+1:])
		if _, err := tx.Exec(`INSERT INTO answer VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET mood = excluded.mood`, t.Query.Message.Chat.ID, t.Query.From.ID, mood); err != nil {
			b.Fatal(err)
		}
		offset = t.ID + 1
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	for _, t := range got.Result {
		taps <- t
	}
	return offset
}
