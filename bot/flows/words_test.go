package flows

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"evenfall/bot/words"
)

var (
	literal = regexp.MustCompile(`"([a-zA-Z0-9_.-]+)"|: ([a-zA-Z0-9_.-]+)$`)
	asked   = regexp.MustCompile(`bot\.T\("([^"]+)"[,)]`)
)

// TestWordsAreUsed: every key of the catalogue is said somewhere, and every key that is
// said is in the catalogue.
func TestWordsAreUsed(t *testing.T) {
	catalogue, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, key := range catalogue.Keys("en") {
		known[key] = true
	}
	said, starts := sources(t)
	for key := range said {
		if strings.HasPrefix(said[key], "T:") && !known[key] {
			t.Errorf("%s says %q, which no catalogue has", said[key], key)
		}
	}
	for key := range known {
		used := said[key] != ""
		for start := range starts {
			used = used || strings.HasPrefix(key, start)
		}
		if !used {
			t.Errorf("nobody says %q", key)
		}
	}
}

// sources reads the house's own files: the literals that may be keys, and those that
// begin keys ("checkin.heart.").
func sources(t *testing.T) (said map[string]string, starts map[string]bool) {
	said, starts = map[string]string{}, map[string]bool{}
	read := func(path string, d fs.DirEntry, err error) error {
		ext := filepath.Ext(path)
		if err != nil || d.IsDir() || ext != ".go" && ext != ".yaml" || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "words") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for line := range strings.SplitSeq(string(source), "\n") {
			for _, found := range literal.FindAllStringSubmatch(line, -1) {
				key := found[1] + found[2]
				if said[key] == "" {
					said[key] = path
				}
				if strings.HasSuffix(key, ".") && strings.Count(key, ".") >= 1 {
					starts[key] = true
				}
			}
			for _, found := range asked.FindAllStringSubmatch(line, -1) {
				said[found[1]] = "T: " + path
			}
		}
		return nil
	}
	for _, root := range []string{"..", "../../rituals"} {
		if err := filepath.WalkDir(root, read); err != nil {
			t.Fatal(err)
		}
	}
	return said, starts
}
