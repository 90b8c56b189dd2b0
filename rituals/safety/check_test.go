package safety

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"
)

// phrases reads a list: "[V1]" opens a class, "#" a comment.
func phrases(t testing.TB, name string) map[string][]string {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lists, class := map[string][]string{}, ""
	for sc := bufio.NewScanner(f); sc.Scan(); {
		line := strings.TrimSpace(sc.Text())
		switch {
		case line == "", strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			class = strings.ToUpper(strings.Trim(line, "[]"))
		default:
			lists[class] = append(lists[class], line)
		}
	}
	return lists
}

func classOf(t testing.TB, name string) Class {
	t.Helper()
	at := slices.IndexFunc(names[:], func(n string) bool { return strings.EqualFold(n, name) })
	if at < 0 {
		t.Fatalf("no class %q", name)
	}
	return Class(at)
}

// every class needs so many phrases per language.
const enough = 30

func TestEveryPhraseIsFound(t *testing.T) {
	for _, file := range []string{"en.txt", "es.txt"} {
		lists := phrases(t, file)
		for c := V1; c <= Minor; c++ {
			if n := len(lists[strings.ToUpper(c.String())]); n < enough {
				t.Errorf("%s: %d phrases for %s, want %d", file, n, c, enough)
			}
		}
		for name, list := range lists {
			class := classOf(t, name)
			for _, phrase := range list {
				if r := Check(phrase); !r.Classes.Has(class) {
					t.Errorf("%s: %s missed: %q found %s", file, class, phrase, show(r))
				}
			}
		}
	}
}

func TestOrdinaryNotesAreQuiet(t *testing.T) {
	for _, file := range []string{"ordinary.en.txt", "ordinary.es.txt"} {
		list := phrases(t, file)[""]
		if len(list) < 120 {
			t.Errorf("%s: %d notes, want 120", file, len(list))
		}
		for _, note := range list {
			if r := Check(note); r != (Result{}) {
				t.Errorf("%s: %q fired %s", file, note, show(r))
			}
		}
	}
}

func show(r Result) string {
	var found []string
	for c := V1; c <= Minor; c++ {
		if r.Classes.Has(c) {
			found = append(found, c.String())
		}
	}
	if r.Danger {
		found = append(found, "danger")
	}
	return "[" + strings.Join(found, " ") + "]"
}
