package safety

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// catalogue reads the words of a language as dotted keys.
func catalogue(t *testing.T, lang string) map[string]string {
	t.Helper()
	data, err := os.ReadFile("../../bot/words/" + lang + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := yaml.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	words := map[string]string{}
	var walk func(prefix string, node map[string]any)
	walk = func(prefix string, node map[string]any) {
		for key, value := range node {
			if slices.Contains([]string{"id", "description", "hash", "leftdelim", "rightdelim", "zero", "one", "two", "few", "many", "other"}, key) {
				t.Errorf("%s: %s%s is a name go-i18n keeps for itself", lang, prefix, key)
			}
			switch v := value.(type) {
			case map[string]any:
				walk(prefix+key+".", v)
			case string:
				words[prefix+key] = v
			default:
				t.Errorf("%s: %s%s is not words", lang, prefix, key)
			}
		}
	}
	walk("safety.", tree["safety"].(map[string]any))
	return words
}

func TestEveryPageCanBeReached(t *testing.T) {
	g := book()
	seen := map[string]bool{}
	var visit func(id string)
	visit = func(id string) {
		if seen[id] {
			return
		}
		seen[id] = true
		if _, ok := g.pages[id]; !ok {
			t.Errorf("there is no page %s", id)
		}
		for _, c := range g.pages[id].Buttons {
			next, ok := Next(id, c.ID)
			if !ok || next != c.Next {
				t.Errorf("%s/%s leads to %q, want %q", id, c.ID, next, c.Next)
			}
			if payload := "safety/0/" + id + "/" + c.ID; len(payload) > 64 {
				t.Errorf("%s is longer than 64 bytes", payload)
			}
			visit(c.Next)
		}
	}
	for _, id := range g.roots {
		visit(id)
	}
	for id := range g.pages {
		if !seen[id] {
			t.Errorf("nothing leads to %s", id)
		}
	}
	if _, ok := Next("violence", "no such"); ok {
		t.Error("a choice that is not there leads somewhere")
	}
}

func TestPagesHaveTheirWords(t *testing.T) {
	holes := regexp.MustCompile(`{{[^}]*}}`)
	en := catalogue(t, "en")
	used := map[string]bool{}
	for _, lang := range []string{"en", "es"} {
		words := catalogue(t, lang)
		for id, p := range book().pages {
			if words[p.Text] == "" {
				t.Errorf("%s: %s has no words", lang, id)
			}
			used[p.Text] = true
			for _, c := range p.Buttons {
				if n := utf8.RuneCountInString(words[c.Label]); n == 0 || n > 38 {
					t.Errorf("%s: label %s has %d characters, want 1 to 38", lang, c.Label, n)
				}
				used[c.Label] = true
			}
		}
		for key, text := range words {
			if !used[key] && !strings.HasPrefix(key, "safety.line.") {
				t.Errorf("%s: nothing uses %s", lang, key)
			}
			if want, got := holes.FindAllString(en[key], -1), holes.FindAllString(text, -1); !slices.Equal(sorted(want), sorted(got)) {
				t.Errorf("%s: %s has the placeholders %v, want %v", lang, key, got, want)
			}
			if regexp.MustCompile(`\d{3,}`).MatchString(strings.ReplaceAll(text, "112", "")) {
				t.Errorf("%s: %s holds a number; numbers are only in lines.yaml", lang, key)
			}
		}
		if len(words) != len(en) {
			t.Errorf("%s has %d keys, en %d", lang, len(words), len(en))
		}
	}
}

func sorted(list []string) []string { slices.Sort(list); return list }

// What must be said where, by the rules of the path.
func TestPagesSayWhatTheyMust(t *testing.T) {
	words := catalogue(t, "en")
	for _, id := range []string{"violence-now", "assault-now", "crisis-now", "both", "child", "threat", "friend"} {
		before, _, ok := strings.Cut(words["safety."+id+".text"], "{{.Emergency}}")
		if !ok || strings.Contains(before, "{{") {
			t.Errorf("%s does not put the emergency number first", id)
		}
	}
	for _, id := range []string{"crisis", "crisis-now", "both", "barriers", "chat", "doubt", "police", "five", "friend", "threat", "low", "passed"} {
		if !strings.Contains(words["safety."+id+".text"], "{{.Crisis}}") {
			t.Errorf("%s does not name the crisis line", id)
		}
	}
	for _, id := range []string{"violence", "violence-now", "assault", "assault-now", "own", "child", "both", "threat", "unsure", "ways", "someone"} {
		if !strings.Contains(words["safety."+id+".text"], "{{.Violence}}") {
			t.Errorf("%s does not name the violence line", id)
		}
	}
}

func TestOpen(t *testing.T) {
	for text, page := range map[string]string{
		"a quiet evening":                               "",
		"he hit me":                                     "violence",
		"he choked me":                                  "violence-now",
		"he hit me and I'm pregnant":                    "violence-now",
		"he hits me. I am leaving him tonight":          "violence-now",
		"he raped me":                                   "assault-now",
		"he shared my nudes with his friends":           "assault",
		"I'm scared of him":                             "ask",
		"he checks my phone every day":                  "ask",
		"he checks my phone every day and i'm pregnant": "violence-now",
		"I hit her":                                     "own",
		"where is she right now":                        "watch",
		"he hits the kids":                              "child",
		"what's the point":                              "crisis",
		"I want to die":                                 "crisis",
		"I have the pills in my hand":                   "crisis-now",
		"I want to die. he hits me":                     "both",
		"my friend wants to die":                        "friend",
		"he says he'll kill himself if I leave":         "threat",
		"I feel hopeless":                               "low",
		"I'm 16":                                        "minor",
		"my girlfriend is 15":                           "young",
		"my friend wants to die and I want to die too":  "crisis",
		"ME PEGÓ!!! y estoy embarazada":                 "violence-now",
		"tengo miedo de mi marido":                      "ask",
		"dice que si lo dejo se mata":                   "threat",
		"me voy a matar esta noche":                     "crisis-now",
		"no quiero vivir":                               "crisis",
		"mi marido quiere matarse, no sé qué hacer":     "friend",
		"le pegué":                                      "own",
	} {
		if got := Open(Check(text)); got != page {
			t.Errorf("%q opens %q, want %q (%s)", text, got, page, show(Check(text)))
		}
		if _, ok := PageOf(page); !ok && page != "" {
			t.Errorf("there is no page %q", page)
		}
	}
	for s := Classes(0); s < 1<<(Minor+1); s += 2 { // every set of classes has an answer
		for _, r := range []Result{{Classes: s}, {Classes: s, Danger: true}} {
			page := Open(r)
			if _, ok := PageOf(page); s != 0 && !ok {
				t.Fatalf("%s opens %q", show(r), page)
			}
		}
	}
}
