package adaptertest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// caller is a line of the adapter's source.
type caller struct {
	file string // without its folder
	line int
}

// callers are the lines that led to a request.
func callers() (lines []caller) {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for {
		f, more := frames.Next()
		lines = append(lines, caller{filepath.Base(f.File), f.Line})
		if !more {
			return lines
		}
	}
}

// lines are those that led to requests that went wrong, in all plays so far.
type lines struct {
	mu    sync.Mutex
	plays int
	met   map[caller]bool
}

func (l *lines) add(w *Wire) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.met == nil {
		l.met = map[caller]bool{}
	}
	l.plays++
	maps.Copy(l.met, w.met)
}

// unmet are the calls in the source of the package under test, of functions with these
// names, that led to no request that went wrong.
func unmet(t *testing.T, names []string, met map[caller]bool) (where []string) {
	set := token.NewFileSet()
	paths, _ := filepath.Glob("*.go")
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			f, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !slices.Contains(names, f.Sel.Name) {
				return true
			}
			from, to := set.Position(f.Sel.Pos()).Line, set.Position(call.End()).Line
			for line := from; line <= to; line++ {
				if met[caller{path, line}] {
					return true
				}
			}
			where = append(where, fmt.Sprintf("%s:%d", path, from))
			return true
		})
	}
	slices.Sort(where)
	return where
}
