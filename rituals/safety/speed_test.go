package safety

import (
	"strings"
	"testing"
	"unicode/utf8"
)

const note = "long day at work, the kids were wild, but dinner together was lovely and I'm glad you called"

func BenchmarkNote(b *testing.B) {
	Warm()
	for b.Loop() {
		Check(note)
	}
}

func BenchmarkLongest(b *testing.B) {
	Warm()
	long := strings.Repeat("he said i want to ", 4096/18)
	for b.Loop() {
		Check(long)
	}
}

func BenchmarkWarm(b *testing.B) {
	for b.Loop() {
		open("en")
		open("es")
	}
}

// However odd the text: no panic, the same answer twice, and no way to hide a plain
// sign by what is written around it.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"", ".", "'", "r*ped", "16yo", "he'll kill me", "me pegó", "k1ll myself", "\u200b\u0301", "s.a.", "a'''b", "\xff\xfe", strings.Repeat("m ", 2048), strings.Repeat("'", 4096)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4*4096 {
			text = text[:4*4096]
		}
		r := Check(text)
		if r != Check(text) {
			t.Fatal("two readings differ")
		}
		if r.Classes == 0 != (Open(r) == "") {
			t.Fatalf("%s opens %q", show(r), Open(r))
		}
		if utf8.ValidString(text) && !Check(text+"\n\nhe raped me.\n").Classes.Has(V2) {
			t.Fatal("a plain sign was hidden")
		}
	})
}
