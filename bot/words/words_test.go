package words

import (
	"regexp"
	"slices"
	"sort"
	"testing"
)

var placeholder = regexp.MustCompile(`\{\{\s*\.(\w+)`)

// TestLanguagesInStep: every language has the same keys with the same placeholders.
func TestLanguagesInStep(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Languages()) < 2 {
		t.Fatalf("languages: %v", c.Languages())
	}
	for _, lang := range c.Languages() {
		if missing := without(c.Keys("en"), c.Keys(lang)); len(missing) > 0 {
			t.Errorf("%s lacks %v", lang, missing)
		}
		if orphans := without(c.Keys(lang), c.Keys("en")); len(orphans) > 0 {
			t.Errorf("%s has %v, which English lacks", lang, orphans)
		}
		for _, key := range c.Keys(lang) {
			if len(c.forms[lang][key]) != 6 {
				t.Errorf("%s has %s twice", lang, key)
			}
			en, other := names(c, "en", key), names(c, lang, key)
			if !slices.Equal(en, other) {
				t.Errorf("%s %s: placeholders %v, in English %v", lang, key, other, en)
			}
		}
	}
}

func without(all, some []string) (rest []string) {
	for _, key := range all {
		if !slices.Contains(some, key) {
			rest = append(rest, key)
		}
	}
	return rest
}

// names are the placeholders of a message, in every plural form.
func names(c *Catalogue, lang, key string) []string {
	var all []string
	for _, m := range c.forms[lang][key] {
		for _, found := range placeholder.FindAllStringSubmatch(m, -1) {
			all = append(all, found[1])
		}
	}
	sort.Strings(all)
	return slices.Compact(all)
}
