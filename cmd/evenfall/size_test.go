package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkHeap is what 100,000 couples cost a running house that has just had its beat, in megabytes
// of heap. Aim: at most 5.
func BenchmarkHeap(b *testing.B) {
	heap(b, 1_000) // what is loaded once
	few, many := heap(b, 1_000), heap(b, 100_000)
	b.ReportMetric(many-few, "MB/100k")
	b.ReportMetric(few, "MB-of-1k")
	b.ReportMetric(0, "ns/op")
}

func heap(b *testing.B, n int) float64 {
	if testing.Short() {
		n = 1_000
	}
	before := used()
	store := full(b, n, 1)
	defer store.Close()
	h := begin(b, 0, store, &sink{})
	if err := h.Tick(b.Context()); err != nil {
		b.Fatal(err)
	}
	if err := h.Quiet(b.Context()); err != nil {
		b.Fatal(err)
	}
	after := used()
	runtime.KeepAlive(h)
	return after - before
}

// used is what the heap of this process holds, in MB.
func used() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1e6
}

// BenchmarkProcess starts the real program on an existing data folder: milliseconds from
// the start of the process until its page answers (aim: at most 50), and its resident
// memory when it idles (aim: at most 45 MB).
func BenchmarkProcess(b *testing.B) {
	program := filepath.Join(b.TempDir(), "evenfall")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	folder := b.TempDir()
	b.ResetTimer()
	best, memory := time.Hour, 0.0
	for range 6 { // the first makes the folder; the quickest counts, the machine being shared
		took, rss := once(b, program, folder)
		best, memory = min(best, took), rss
	}
	b.ReportMetric(float64(best.Microseconds())/1000, "ms-to-ready")
	b.ReportMetric(memory, "MB-idle")
	b.ReportMetric(0, "ns/op")
}

func once(b *testing.B, program, folder string) (took time.Duration, rss float64) {
	ctx, stop := context.WithTimeout(b.Context(), time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = append(unset(), "EVENFALL_DATA="+folder, "EVENFALL_WEB=127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	page, err := http.Get(strings.TrimSpace(line))
	if err != nil {
		b.Fatal(err)
	}
	page.Body.Close()
	took = time.Since(start)
	time.Sleep(time.Second) // let it come to rest
	rss = resident(b, cmd.Process.Pid)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		b.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		b.Fatal(err)
	}
	return took, rss
}

// unset is this process's environment without any setting of the program.
func unset() (env []string) {
	for _, set := range os.Environ() {
		if !strings.HasPrefix(set, "EVENFALL_") {
			env = append(env, set)
		}
	}
	return env
}

// resident is a process's resident memory in megabytes.
func resident(b *testing.B, pid int) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.SplitSeq(string(status), "\n") {
		if field := strings.Fields(line); len(field) == 3 && field[0] == "VmRSS:" {
			kb, _ := strconv.ParseFloat(field[1], 64)
			return kb * 1024 / 1e6
		}
	}
	b.Fatal("no VmRSS")
	return 0
}
