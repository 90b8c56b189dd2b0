// The mutants are bugs on purpose: each changes a few words of one file, and a test that
// is named beside it must turn red. So the tests are tested.
//
//	go run ./.ci/mutants            all of them, and the table of which proof caught which
//	go run ./.ci/mutants -short     without those whose proof is slow
//	go run ./.ci/mutants NAME …     some of them
//
// Nothing in the working tree is changed: Go's -overlay puts the mutated file in the place of
// the true one. A mutant that no longer fits its file, or that no test catches, is a failure.
package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

//go:embed mutants.yaml
var list []byte

// mutant is one bug.
type mutant struct {
	Name  string
	What  string // the bug, in one line
	File  string
	Find  string // stands in the file exactly once
	Put   string
	Proof []string // arguments of go test: the package and -run; without the mutant they are green
	Env   []string // of the proof, as NAME=value
	Slow  bool     // the proof takes more than some ten seconds
}

func main() {
	short := flag.Bool("short", false, "leave out those whose proof is slow")
	flag.Parse()
	mutants, err := read(flag.Args())
	if err != nil {
		fail(err)
	}
	for _, m := range mutants { // also those that are left out
		if _, err := m.mutate(); err != nil {
			fail(fmt.Errorf("%s: %w", m.Name, err))
		}
	}
	if *short {
		mutants = slices.DeleteFunc(mutants, func(m mutant) bool { return m.Slow })
	}
	verdicts := make([]chan verdict, len(mutants))
	free := make(chan struct{}, runtime.NumCPU())
	for i, m := range mutants {
		verdicts[i] = make(chan verdict, 1)
		go func() {
			free <- struct{}{}
			verdicts[i] <- m.try()
			<-free
		}()
	}
	fmt.Println("| Bug | Caught by | After |\n|---|---|---|")
	survived := 0
	for i, m := range mutants {
		v := <-verdicts[i]
		if v.err != nil {
			fail(fmt.Errorf("%s: %w", m.Name, v.err))
		}
		if !v.caught {
			survived++
		}
		fmt.Printf("| %s | %s | %.0f s |\n", m.What, m.proof(v.caught), v.after.Seconds())
	}
	fmt.Printf("\n%d bugs, %d caught\n", len(mutants), len(mutants)-survived)
	if survived > 0 {
		os.Exit(1)
	}
}

// verdict is what became of one mutant.
type verdict struct {
	caught bool
	after  time.Duration
	err    error
}

func (m mutant) try() (v verdict) {
	start := time.Now()
	v.caught, v.err = m.caught()
	v.after = time.Since(start)
	return v
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(2)
}

// read is the list, or those of it that are named.
func read(names []string) (all []mutant, err error) {
	decode := yaml.NewDecoder(bytes.NewReader(list))
	decode.KnownFields(true)
	if err := decode.Decode(&all); err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return all, nil
	}
	all = slices.DeleteFunc(all, func(m mutant) bool { return !slices.Contains(names, m.Name) })
	if len(all) != len(names) {
		return nil, fmt.Errorf("not all of %v are in the list", names)
	}
	return all, nil
}

// caught reports whether the proof turns red. A mutant that does not compile proves nothing.
func (m mutant) caught() (bool, error) {
	folder, err := os.MkdirTemp("", "mutant")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(folder)
	overlay, err := m.overlay(folder)
	if err != nil {
		return false, err
	}
	test := exec.Command("go", append([]string{"test", "-count=1", "-timeout=5m", "-overlay", overlay}, m.Proof...)...)
	test.Env = append(os.Environ(), m.Env...)
	out, err := test.CombinedOutput()
	switch {
	case err == nil && !bytes.Contains(out, []byte("no tests to run")):
		return false, nil
	case err == nil:
		return false, fmt.Errorf("%v names no test", m.Proof)
	case bytes.Contains(out, []byte("[build failed]")):
		return false, fmt.Errorf("does not compile:\n%s", out)
	case !bytes.Contains(out, []byte("--- FAIL")) && !bytes.Contains(out, []byte("panic:")):
		return false, fmt.Errorf("the test did not run:\n%s", out)
	}
	return true, nil
}

// mutate is the file with the bug in it.
func (m mutant) mutate() (string, error) {
	text, err := os.ReadFile(m.File)
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(text), m.Find); n != 1 {
		return "", fmt.Errorf("what it changes stands %d times in %s, not once", n, m.File)
	}
	return strings.Replace(string(text), m.Find, m.Put, 1), nil
}

// overlay writes the mutated file and says in whose place it stands.
func (m mutant) overlay(folder string) (string, error) {
	text, err := m.mutate()
	if err != nil {
		return "", err
	}
	mutated := filepath.Join(folder, "mutated.go")
	if err := os.WriteFile(mutated, []byte(text), 0o600); err != nil {
		return "", err
	}
	place, err := filepath.Abs(m.File)
	if err != nil {
		return "", err
	}
	spec, err := json.Marshal(map[string]map[string]string{"Replace": {place: mutated}})
	if err != nil {
		return "", err
	}
	file := filepath.Join(folder, "overlay.json")
	return file, os.WriteFile(file, spec, 0o600)
}

func (m mutant) proof(caught bool) string {
	if !caught {
		return "**nothing**"
	}
	return "`" + strings.Join(slices.Concat(m.Env, []string{"go test"}, m.Proof), " ") + "`"
}
