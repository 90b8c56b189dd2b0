package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"time"

	"evenfall/adapters/discord"
	"evenfall/adapters/telegram"
	"evenfall/storage/sqlite"
	"evenfall/storage/vault"
)

// family is one figure in the text format of Prometheus, with its help in the words of an
// operator. No label ever holds what comes from outside: their values are words of this source.
type family struct {
	name, kind, help string
	samples          []sample
}

type sample struct {
	labels string // "" or {name="value",…}
	value  float64
}

const (
	gauge   = "gauge"
	counter = "counter"
)

func (f *family) add(value float64, labels ...string) {
	var b strings.Builder
	for i := 0; i < len(labels); i += 2 {
		fmt.Fprintf(&b, ",%s=%q", labels[i], labels[i+1])
	}
	text := ""
	if b.Len() > 0 {
		text = "{" + b.String()[1:] + "}"
	}
	f.samples = append(f.samples, sample{text, value})
}

// metrics writes all figures.
func (s *status) metrics(w io.Writer, now time.Time) {
	for _, f := range append(s.health(now), s.work()...) {
		if len(f.samples) == 0 {
			continue
		}
		fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", f.name, f.help, f.name, f.kind)
		for _, m := range f.samples {
			fmt.Fprintf(w, "%s%s %v\n", f.name, m.labels, m.value)
		}
	}
}

// health is how the process is.
func (s *status) health(now time.Time) []family {
	info := family{name: "evenfall_info", kind: gauge, help: "What was built."}
	info.add(1, "version", version())
	began := family{name: "process_start_time_seconds", kind: gauge, help: "When the process began, Unix time."}
	began.add(float64(s.began.Unix()))
	ready := family{name: "evenfall_ready", kind: gauge, help: "1 as long as /readyz says so."}
	ready.add(truth(s.missing(now) == ""))
	failed := family{name: "evenfall_store_failed", kind: gauge, help: "1 after an error of the database; the process is about to end."}
	beat := family{name: "evenfall_last_beat_seconds", kind: gauge, help: "When the heartbeat last went well, Unix time."}
	connected := family{name: "evenfall_connected", kind: gauge, help: "1 while the network answers."}
	for _, h := range s.houses {
		failed.add(truth(h.store.Failure() != nil), "house", h.name)
		if at := h.beaten.Load(); at != nil {
			beat.add(float64(at.Unix()), "house", h.name)
		}
		for _, n := range h.networks {
			connected.add(truth(n.Connected()), "network", n.Network())
		}
	}
	room := family{name: "evenfall_disk_free_bytes", kind: gauge, help: "Room on the disk of the data folder."}
	if bytes, err := free(s.data); err == nil {
		room.add(float64(bytes))
	}
	goroutines := family{name: "go_goroutines", kind: gauge, help: "Goroutines of the process."}
	goroutines.add(float64(runtime.NumGoroutine()))
	heap := family{name: "evenfall_heap_bytes", kind: gauge, help: "Memory of the process that holds objects."}
	heap.add(float64(heapBytes()))
	return []family{info, began, ready, failed, beat, connected, room, goroutines, heap}
}

// work is what the process has done.
func (s *status) work() []family {
	events := family{name: "evenfall_events_total", kind: counter, help: "What a network brought and what became of it, since the start."}
	faults := family{name: "evenfall_faults_total", kind: counter, help: "Steps that failed through a fault of the program, since the start."}
	bytes := family{name: "evenfall_file_bytes", kind: gauge, help: "Size of a database."}
	for _, h := range s.houses {
		faults.add(float64(h.bot.Broken()), "house", h.name)
		for _, n := range h.networks {
			counts := counts(n)
			for _, what := range slices.Sorted(maps.Keys(counts)) {
				events.add(float64(counts[what]), "network", n.Network(), "what", what)
			}
		}
		for _, file := range []string{sqlite.File, sqlite.File + "-wal", vault.File} {
			if info, err := os.Stat(filepath.Join(h.folder, file)); err == nil {
				bytes.add(float64(info.Size()), "house", h.name, "file", file)
			}
		}
	}
	return []family{events, faults, bytes}
}

// counts is what a network has counted, by fixed words.
func counts(n network) map[string]int64 {
	switch n := n.(type) {
	case *telegram.Adapter:
		c := n.Counts()
		return map[string]int64{"received": c.Received, "ignored": c.Ignored, "broken": c.Broken,
			"retried": c.Retried, "dropped": c.Dropped, "unticked": c.Unticked}
	case *discord.Adapter:
		return n.Counts()
	}
	return nil
}

func heapBytes() uint64 {
	all := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(all)
	return all[0].Value.Uint64()
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
