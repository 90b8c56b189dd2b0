package safety

import (
	"strings"
	"testing"
)

func TestRule(t *testing.T) {
	sets := map[string][]string{"he": {"he", "she"}, "self": {"i", "me"}}
	same := func(word string) string { return word }
	for _, c := range []struct {
		rule, text string
		want       bool
	}{
		{"@he hit me", "he hit me", true},
		{"@he hit me", "they hit me", false},
		{"he|they hit", "they hit", true},
		{"he hit*", "he hitting", true},
		{"he had? hit", "he hit", true},
		{"he had? hit", "he had hit", true},
		{"he had? hit", "he has hit", false},
		{"hit me !up", "hit me", true},
		{"hit me !up", "hit me up", false},
		{"he .. me", "he a b c me", true},
		{"he .. me", "he a b c d me", false},
		{"he ..5 me", "he a b c d me", true},
		{"he .. me", "he a . me", false},
		{"he .. .", "he a .", true},
		{"he ~ die", "he will die", true},
		{"he ~ die", "he made me die", false},
		{"he ..1 he hit", "he he hit", true},
	} {
		r, err := parse(c.rule, sets, same)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.match(strings.Fields(c.text), 0) >= 0; got != c.want {
			t.Errorf("%q on %q: %t", c.rule, c.text, got)
		}
	}
	for _, bad := range []string{"", "!up", "..3 me", "he? hit", "kill* me", "@nobody hit", "he ..x me"} {
		if _, err := parse(bad, sets, same); err == nil {
			t.Errorf("the rule %q is taken", bad)
		}
	}
}
