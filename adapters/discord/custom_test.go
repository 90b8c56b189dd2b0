package discord

import "testing"

// FuzzPayload: every payload comes back from its button, also when two buttons have the
// same, and no two buttons have one id.
func FuzzPayload(f *testing.F) {
	for _, payload := range []string{"checkin/3/mood/4", "", "?", "!", "!2!a/1/b", "?!1!x", "a!b!c"} {
		f.Add(payload, true)
		f.Add(payload, false)
	}
	f.Fuzz(func(t *testing.T, want string, words bool) {
		taken := map[string]bool{}
		for n := range 3 {
			id := customID(want, words, taken)
			if len(taken) != n+1 {
				t.Fatalf("%q is the id of two buttons", id)
			}
			if got := payload(id); got != want {
				t.Fatalf("%q became the id %q and came back as %q", want, id, got)
			}
			if wantsWords(id) != words {
				t.Fatalf("%q opens a form: %v", id, !words)
			}
		}
	})
}
