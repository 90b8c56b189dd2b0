package web

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The page's words: the same keys and placeholders in every language, none
// missing on the page, none left over.
func TestWords(t *testing.T) {
	words, err := loadWords()
	if err != nil {
		t.Fatal(err)
	}
	if got := words.languages(); !slices.Equal(got, []string{"en", "es"}) {
		t.Fatalf("languages: %v", got)
	}
	hole := regexp.MustCompile(`\{\w+\}`)
	for lang, list := range words {
		for key, text := range list {
			if !slices.Equal(sorted(hole.FindAllString(text, -1)), sorted(hole.FindAllString(words["en"][key], -1))) {
				t.Errorf("%s %s: other placeholders than in English", lang, key)
			}
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s %s is empty", lang, key)
			}
		}
		if !slices.Equal(slices.Sorted(maps.Keys(list)), slices.Sorted(maps.Keys(words["en"]))) {
			t.Errorf("%s has other keys than en", lang)
		}
	}
	page, script := read(t, "page/index.html"), read(t, "page/app.js")
	used := map[string]bool{}
	for _, found := range regexp.MustCompile(`(?:data-w(?:-label|-title)?=|index (?:\.Words|\$\.All \.) )"([a-z.]+)"|say\([\w.' ]+, '([a-z.]+)'`).FindAllStringSubmatch(page+script, -1) {
		used[found[1]+found[2]] = true
	}
	for key := range words["en"] {
		if !used[key] && !strings.Contains(script, "'"+key+"'") && !strings.Contains(page, `"`+key+`"`) {
			t.Errorf("nothing says %s", key)
		}
	}
	for key := range used {
		if words["en"][key] == "" {
			t.Errorf("the page says %s, which is no key", key)
		}
	}
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := files.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestBest(t *testing.T) {
	words, err := loadWords()
	if err != nil {
		t.Fatal(err)
	}
	for accept, want := range map[string]string{
		"": "en", "es": "es", "es-419,en;q=0.5": "es", "pt, en-GB;q=0.8": "en", "de": "en", "fr, es;q=0.4": "es", ";;": "en",
	} {
		if got := words.best(accept); got != want {
			t.Errorf("%q: %s, want %s", accept, got, want)
		}
	}
}

// The script makes elements and never markup, so that no words become code.
func TestNoMarkup(t *testing.T) {
	script := read(t, "page/app.js")
	for _, bad := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("} {
		if strings.Contains(script, bad) {
			t.Errorf("the script uses %s", bad)
		}
	}
}
