//go:build crash

package crashtest

// marks are a couple's evenings in order: together (true) or missed.
type marks []bool

// streak adds them up by the rules that couples are told: every evening together counts; a
// missed one burns a candle, or without one ends the streak, unless the very next evening
// is together, which brings it back once in thirty days; there is one candle at first, one
// more for every seventh evening together, and never more than two.
//
// It walks the marks for each question anew, and shares nothing with the program's own fold.
func (m marks) streak() (now, best, total int) {
	candles, since := 1, 1000
	for i, together := range m {
		since++
		switch {
		case together:
			if i > 0 && !m[i-1] && now < 0 {
				if since >= 30 {
					now, since = -now, 0
				} else {
					now = 0
				}
			}
			now, total = max(now, 0)+1, total+1
			best = max(best, now)
			if total%7 == 0 {
				candles = min(candles+1, 2)
			}
		case candles > 0:
			candles--
		case now > 0:
			now = -now // embers: they glow for one evening
		default:
			now = 0
		}
	}
	return max(now, 0), best, total
}
