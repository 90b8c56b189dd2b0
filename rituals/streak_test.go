package rituals

import (
	"strings"
	"testing"
)

// evenings are days in a row: T together, M missed, . neutral, and a blank for a date without a mark.
func evenings(marks string) (days []Day) {
	for i, r := range marks {
		if at := strings.IndexRune(".TM", r); at >= 0 {
			days = append(days, Day{Date: Date(20000 + i), Mark: Mark(at)})
		}
	}
	return days
}

func TestFold(t *testing.T) {
	month := strings.Repeat(".", 22)
	for _, c := range []struct {
		name, marks string
		want        Streak
	}{
		{"nothing yet", "", Streak{Candles: 1}},
		{"one evening", "T", Streak{Now: 1, Best: 1, Total: 1, Candles: 1}},
		{"passed over", "T.T T", Streak{Now: 3, Best: 3, Total: 3, Candles: 1}},
		{"a candle burns", "TTM", Streak{Now: 2, Best: 2, Total: 2}},
		{"and is told of", "TTMT", Streak{Now: 3, Best: 3, Total: 3, Lit: 1}},
		{"once", "TTMTT", Streak{Now: 4, Best: 4, Total: 4}},
		{"the first evening's too", "M", Streak{}},
		{"no candle left", "TTMM", Streak{Best: 2, Total: 2, Embers: 2}},
		{"embers last over a rest", "TTMM..", Streak{Best: 2, Total: 2, Embers: 2}},
		{"rekindled", "TTMM..T", Streak{Now: 3, Best: 3, Total: 3, Lit: 1, Rekindled: true}},
		{"told once", "TTMM..TT", Streak{Now: 4, Best: 4, Total: 4}},
		{"gone cold", "TTMMM", Streak{Best: 2, Total: 2}},
		{"from the start again", "TTMMMT", Streak{Now: 1, Best: 2, Total: 3, Lit: 1}},
		{"nothing to rekindle", "MMT", Streak{Now: 1, Best: 1, Total: 1, Lit: 1}},
		{"a seventh evening", "TTTTTTT", Streak{Now: 7, Best: 7, Total: 7, Candles: 2, Earned: true}},
		{"told until the next", "TTTTTTT.", Streak{Now: 7, Best: 7, Total: 7, Candles: 2, Earned: true}},
		{"an eighth", "TTTTTTTT", Streak{Now: 8, Best: 8, Total: 8, Candles: 2}},
		{"two at most", strings.Repeat("T", 14), Streak{Now: 14, Best: 14, Total: 14, Candles: 2}},
		{"none kept for later", strings.Repeat("T", 14) + "M", Streak{Now: 14, Best: 14, Total: 14, Candles: 1}},
		{"two burn", strings.Repeat("T", 7) + "MMT", Streak{Now: 8, Best: 8, Total: 8, Lit: 2}},
		{"sevenths of the total", "TTTMMMTTTT", Streak{Now: 4, Best: 4, Total: 7, Candles: 1, Earned: true}},
		{"too soon again", "TTMMTM", Streak{Best: 3, Total: 3, Lit: 1, Rekindled: true}},
		{"a new start instead", "TTMMTMT", Streak{Now: 1, Best: 3, Total: 4}},
		{"29 days after", "TTMMT" + month + ".....MT", Streak{Now: 1, Best: 3, Total: 4}},
		{"embers on the 29th", "TTMMT" + month + "......M", Streak{Best: 3, Total: 3, Embers: 3, Lit: 1, Rekindled: true}},
		{"30 days after", "TTMMT" + month + "......MT", Streak{Now: 4, Best: 4, Total: 4, Rekindled: true}},
	} {
		if got := Fold(evenings(c.marks)); got != c.want {
			t.Errorf("%s, %q:\n got %+v\nwant %+v", c.name, c.marks, got, c.want)
		}
	}
}

func BenchmarkFold(b *testing.B) {
	days := evenings(strings.Repeat("TTTT.TM", 3*52)) // three years
	for b.Loop() {
		Fold(days)
	}
}
