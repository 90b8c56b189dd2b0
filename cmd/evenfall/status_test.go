package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"evenfall/adapters/discord/discordtest"
	"evenfall/adapters/telegram/telegramtest"
)

// networks are a pretend Telegram and a pretend Discord.
type networks struct {
	telegram *telegramtest.Server
	discord  *discordtest.Server
}

func pretend(t *testing.T) networks { return networks{telegramtest.New(t), discordtest.New(t)} }

// watched is the program in this process, seen through its status page.
type watched struct {
	*http.Server
	networks
	houses []*house
}

// watching runs the program on both networks, with the page and the status page on these addresses.
func watching(t *testing.T, n networks, web, address string) watched {
	t.Helper()
	s := settings{Data: t.TempDir(), TelegramToken: telegramtest.Token, TelegramAPI: n.telegram.URL,
		DiscordToken: discordtest.Token, DiscordAPI: n.discord.URL, Web: web, HTTP: address}
	if wrong := s.complete(); len(wrong) > 0 {
		t.Fatal(wrong)
	}
	ctx, stop := context.WithCancel(t.Context())
	log := slog.New(slog.DiscardHandler)
	houses, _, err := open(ctx, s, new(atomic.Bool), log)
	if err != nil {
		t.Fatal(err)
	}
	page, err := publish(s.HTTP, s.Data, houses, log)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- live(ctx, stop, houses, log) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		page.Close()
		if err := shut(houses); err != nil {
			t.Error(err)
		}
	})
	return watched{page, n, houses}
}

// ask makes a request and returns status and body.
func (w watched) ask(t *testing.T, method, path, host string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, "http://"+w.Addr+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		r.Host = host
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func (w watched) await(t *testing.T, want string) {
	t.Helper()
	await(t, func() bool {
		code, body := w.ask(t, "GET", "/readyz", "")
		return body == want+"\n" && (code == 200) == (want == "ready")
	})
}

// The page is ready while everything works, and says in a word what does not.
func TestReady(t *testing.T) {
	w := watching(t, pretend(t), "127.0.0.1:0", "127.0.0.1:0")
	w.await(t, "ready")
	w.telegram.Fail("getUpdates", 0, telegramtest.BadGateway(), 4)
	w.telegram.Start(ana, "") // ends the poll that waits
	w.await(t, "telegram")
	w.telegram.Start(ana, "")
	w.await(t, "ready")

	page := &status{houses: w.houses}
	if got := page.missing(time.Now().Add(stale + time.Second)); got != "heartbeat" {
		t.Errorf("with an old beat %q is missing", got)
	}
	page.houses = append([]*house{}, &house{store: w.houses[0].store})
	if got := page.missing(time.Now()); got != "heartbeat" {
		t.Errorf("before the first beat %q is missing", got)
	}
	if code, body := w.ask(t, "GET", "/healthz", ""); code != 200 || body != "alive\n" {
		t.Errorf("/healthz: %d %q", code, body)
	}
}

// Nobody can do anything here but read three pages, and no web site can read them.
func TestStatusIsClosed(t *testing.T) {
	w := watching(t, pretend(t), off, ":0")
	if !strings.HasPrefix(w.Addr, "127.0.0.1:") {
		t.Errorf("without a host it is open on %s", w.Addr)
	}
	for _, c := range []struct {
		method, path, host string
		code               int
	}{
		{"HEAD", "/healthz", "", 200}, {"GET", "/metrics", "localhost", 200}, {"GET", "/metrics", "[::1]:80", 200},
		{"POST", "/healthz", "", 405}, {"PUT", "/readyz", "", 405}, {"DELETE", "/metrics", "", 405},
		{"GET", "/", "", 404}, {"GET", "/debug/pprof/", "", 404}, {"GET", "/metrics/", "", 404}, {"GET", "/act", "", 404},
		{"GET", "/metrics", "evil.example", 421}, {"GET", "/healthz", "127.0.0.1.evil.example:80", 421},
	} {
		if code, _ := w.ask(t, c.method, c.path, c.host); code != c.code {
			t.Errorf("%s %s of %q: %d, want %d", c.method, c.path, c.host, code, c.code)
		}
	}
}

var metricLine = regexp.MustCompile(`^([a-z_]+)(\{[^}]*\})? [0-9.e+]+$`)

// The metrics are in the format of Prometheus, and tell of every part.
func TestMetrics(t *testing.T) {
	w := watching(t, pretend(t), "127.0.0.1:0", "127.0.0.1:0")
	w.await(t, "ready")
	w.telegram.Start(ana, "")
	var body string
	await(t, func() bool {
		_, body = w.ask(t, "GET", "/metrics", "")
		return strings.Contains(body, `evenfall_events_total{network="telegram",what="received"} 1`)
	})
	for _, want := range []string{"evenfall_ready 1", `evenfall_store_failed{house="real"} 0`, `evenfall_store_failed{house="demo"} 0`,
		`evenfall_connected{network="telegram"} 1`, `evenfall_connected{network="discord"} 1`, `evenfall_faults_total{house="real"} 0`,
		`evenfall_last_beat_seconds{house="demo"} `, `evenfall_file_bytes{house="real",file="evenfall.db"} `, `evenfall_file_bytes{house="demo",file="keys.db"} `} {
		if !strings.Contains(body, "\n"+want) {
			t.Errorf("there is no %s", want)
		}
	}
	seen, typed := map[string]bool{}, ""
	for line := range strings.Lines(body) {
		line = strings.TrimSuffix(line, "\n")
		if name, ok := strings.CutPrefix(line, "# TYPE "); ok {
			typed, _, _ = strings.Cut(name, " ")
			continue
		}
		if strings.HasPrefix(line, "# HELP ") {
			continue
		}
		m := metricLine.FindStringSubmatch(line)
		if m == nil || m[1] != typed || seen[m[1]+m[2]] {
			t.Errorf("a line that Prometheus would not take: %s", line)
			continue
		}
		seen[m[1]+m[2]] = true
	}
}

func TestStatusAddress(t *testing.T) {
	for given, want := range map[string]string{
		"": off, "off": off, ":9090": "127.0.0.1:9090", "127.0.0.1:0": "127.0.0.1:0", "0.0.0.0:9090": "0.0.0.0:9090",
		"[::1]:9090": "[::1]:9090", "localhost:1": "localhost:1",
	} {
		if got, err := statusAddress(given); err != nil || got != want {
			t.Errorf("%q is %q, %v; want %q", given, got, err, want)
		}
	}
	for _, given := range []string{"9090", "example.org:9090", "127.0.0.1:http", "127.0.0.1", "127.0.0.1:99999", ":"} {
		if got, err := statusAddress(given); err == nil {
			t.Errorf("%q was taken as %q", given, got)
		}
	}
}
