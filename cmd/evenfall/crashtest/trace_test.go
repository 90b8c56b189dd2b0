//go:build crash

package crashtest

import (
	"bufio"
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// traced are the calls that change files or tell somebody something.
const traced = "open,openat,write,pwrite64,fsync,fdatasync,ftruncate,rename,renameat,renameat2,unlink,unlinkat,mkdirat"

// call is one call of the recorded program that counts.
type call struct {
	name   string // write, sync, truncate, create, rename, unlink; tick
	file   string // within the data folder; "." is the folder itself
	to     string // rename
	data   []byte // write
	offset int64  // write, truncate
	query  string // tick
}

// strace is the words that record a program's calls in a file.
func strace(file string) []string {
	return []string{"strace", "-f", "--seccomp-bpf", "-y", "-xx", "-qq", "-s", "200000", "-e", "signal=none", "-e", "trace=" + traced, "-o", file}
}

var (
	begun   = regexp.MustCompile(`^(\d+) +(\w+)\((.*)$`)
	resumed = regexp.MustCompile(`^(\d+) +<\.\.\. (\w+) resumed>(.*)$`)
	ended   = regexp.MustCompile(`^(.*)\) += (-?\d+)`)
	quoted  = regexp.MustCompile(`"((?:\\x[0-9a-f]{2})*)"`)
	ofFile  = regexp.MustCompile(`^\d+<((?:\\x[0-9a-f]{2}|[^>])*)>`)
	tickID  = regexp.MustCompile(`callback_query_id=(\d+)`)
)

// readTrace reads what strace wrote. A change of a file stands where its call ended, a tick
// where its call began: what it promises must have been true by then.
func readTrace(t testing.TB, file, folder string) (calls []call) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := tracer{folder: folder, open: map[string]string{}, at: map[string]int64{}}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		r.line(lines.Text())
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return r.calls
}

type tracer struct {
	folder string
	open   map[string]string // the beginning of a thread's unfinished call
	at     map[string]int64  // where the next write to a file goes that names no place
	calls  []call
}

func (r *tracer) line(text string) {
	if m := resumed.FindStringSubmatch(text); m != nil {
		before, ok := r.open[m[1]]
		delete(r.open, m[1])
		if ok {
			r.whole(m[2], before+m[3])
		}
		return
	}
	m := begun.FindStringSubmatch(text)
	if m == nil {
		return
	}
	rest, unfinished := strings.CutSuffix(m[3], " <unfinished ...>")
	if m[2] == "write" {
		r.tick(rest)
	}
	if unfinished {
		r.open[m[1]] = rest
		return
	}
	r.whole(m[2], rest)
}

// tick is a request that tells a person that their tap is kept.
func (r *tracer) tick(args string) {
	m := quoted.FindStringSubmatch(args)
	if m == nil || !strings.Contains(args, "socket") && strings.Contains(args, hexed(r.folder)) {
		return
	}
	if body := string(raw(m[1])); strings.Contains(body, ticked) {
		if id := tickID.FindStringSubmatch(body); id != nil {
			r.calls = append(r.calls, call{name: "tick", query: id[1]})
		}
	}
}

// whole is a call with its arguments and its result.
func (r *tracer) whole(name, text string) {
	m := ended.FindStringSubmatch(text)
	if m == nil || m[2] == "-1" {
		return
	}
	args, got := m[1], m[2]
	var names []string
	for _, q := range quoted.FindAllStringSubmatch(args, -1) {
		names = append(names, string(raw(q[1])))
	}
	file := ""
	if m := ofFile.FindStringSubmatch(args); m != nil {
		file = r.inside(string(raw(m[1])))
	}
	switch name {
	case "open", "openat":
		if file := r.inside(names[0]); file != "" && strings.Contains(args, "O_CREAT") {
			r.calls = append(r.calls, call{name: "create", file: file})
			r.at[file] = 0
		}
	case "write":
		if file != "" {
			n := r.at[file]
			r.at[file] += number(got)
			r.calls = append(r.calls, call{name: "write", file: file, data: []byte(names[0])[:number(got)], offset: n})
		}
	case "pwrite64":
		if file != "" {
			r.calls = append(r.calls, call{name: "write", file: file, data: []byte(names[0])[:number(got)], offset: number(args[strings.LastIndex(args, " ")+1:])})
		}
	case "fsync", "fdatasync":
		if file != "" {
			r.calls = append(r.calls, call{name: "sync", file: file})
		}
	case "ftruncate":
		if file != "" {
			r.calls = append(r.calls, call{name: "truncate", file: file, offset: number(args[strings.LastIndex(args, " ")+1:])})
		}
	case "rename", "renameat", "renameat2":
		if from := r.inside(names[0]); from != "" {
			r.calls = append(r.calls, call{name: "rename", file: from, to: r.inside(names[1])})
		}
	case "unlink", "unlinkat":
		if file := r.inside(names[0]); file != "" {
			r.calls = append(r.calls, call{name: "unlink", file: file})
		}
	}
}

// inside is a path within the data folder, or "". The lock and the log's index are nothing
// that has to survive.
func (r *tracer) inside(path string) string {
	rel, err := filepath.Rel(r.folder, path)
	if err != nil || strings.HasPrefix(rel, "..") || strings.HasSuffix(rel, "-shm") || strings.HasSuffix(rel, ".lock") {
		return ""
	}
	return rel
}

func number(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

// raw reads strace's \x.. notation; what is not written so stays.
func raw(s string) []byte {
	if !strings.HasPrefix(s, `\x`) {
		return []byte(s)
	}
	b, err := hex.DecodeString(strings.ReplaceAll(s, `\x`, ""))
	if err != nil {
		return nil
	}
	return b
}

func hexed(s string) (out string) {
	for _, c := range []byte(s) {
		out += `\x` + hex.EncodeToString([]byte{c})
	}
	return out
}
