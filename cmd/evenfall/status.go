package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"evenfall/bot"
)

// stale is how old the last beat may be: two were left out.
const stale = 150 * time.Second

// status tells whoever watches over the process how it is. It knows nothing of any couple.
type status struct {
	began  time.Time
	data   string // the data folder
	houses []*house
	hosts  func(host string) bool // who may be meant by a request
}

// network is an adapter that knows whether it is connected.
type network interface {
	bot.Adapter
	Connected() bool
}

// publish opens the status page, if address is not off. Close ends it.
func publish(address, data string, houses []*house, log *slog.Logger) (*http.Server, error) {
	if address == off {
		return &http.Server{}, nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) {
			err = op.Err
		}
		return nil, fmt.Errorf("EVENFALL_HTTP: cannot listen on %s: %w", address, err)
	}
	s := &status{began: time.Now(), data: data, houses: houses, hosts: addressed(listener.Addr())}
	server := &http.Server{
		Addr:              listener.Addr().String(),
		Handler:           s.routes(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       5 * time.Second,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    8 << 10,
		ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	go server.Serve(listener)
	log.Info("status page", "address", server.Addr)
	return server, nil
}

func (s *status) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "alive") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if missing := s.missing(time.Now()); missing != "" {
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprintln(w, missing)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) { s.metrics(w, time.Now()) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if !s.hosts(r.Host) {
			http.Error(w, "wrong host", http.StatusMisdirectedRequest)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// missing is what keeps the process from its work, in one word, or "". A beat writes
// to the store: one that went well is the proof that it can be written.
func (s *status) missing(now time.Time) string {
	for _, h := range s.houses {
		if h.store.Failure() != nil {
			return "store"
		}
		if beat := h.beaten.Load(); beat == nil || now.Sub(*beat) > stale {
			return "heartbeat"
		}
		for _, n := range h.networks {
			if !n.Connected() {
				return n.Network()
			}
		}
	}
	return ""
}

// noting remembers when a beat went well.
func (h *house) noting(beat func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		err := beat(ctx)
		if err == nil {
			now := time.Now()
			h.beaten.Store(&now)
		}
		return err
	}
}

// addressed says which Host a request may name. On an address that only this computer
// reaches it is no name but localhost: a web site could let its own name point here and
// read along (DNS rebinding). On another address somebody has chosen it and its names.
func addressed(a net.Addr) func(host string) bool {
	tcp, ok := a.(*net.TCPAddr)
	if !ok || !tcp.IP.IsLoopback() {
		return func(string) bool { return true }
	}
	return func(host string) bool {
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		_, err := netip.ParseAddr(strings.Trim(host, "[]"))
		return host == "localhost" || err == nil
	}
}

// statusAddress is where the status page is opened: without a host only for this computer.
func statusAddress(text string) (string, error) {
	if text == "" || text == off {
		return off, nil
	}
	host, port, err := net.SplitHostPort(text)
	if err == nil && host == "" {
		host = "127.0.0.1"
	}
	_, wrong := netip.ParseAddr(host)
	_, none := strconv.ParseUint(port, 10, 16)
	if err != nil || none != nil || wrong != nil && host != "localhost" {
		return off, errors.New("the address must look like 127.0.0.1:9090, or be off")
	}
	return net.JoinHostPort(host, port), nil
}
