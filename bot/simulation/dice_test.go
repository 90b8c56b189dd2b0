package simulation

import "time"

// dice are thrown for one seed. What they show depends only on what they are thrown for,
// never on when: a seed plays the same whichever goroutine comes first.
type dice uint64

// What the dice are thrown for.
const (
	forTemper = iota
	forHome
	forAnswer
	forMood
	forExtra
	forSend
	forWait
	forCommit
	forTell
	forGap
	forDay
	forErrand
	forOutage
)

func (d dice) roll(what int, keys ...int) uint64 {
	x := uint64(d)*0x9e3779b97f4a7c15 + uint64(what)
	for _, k := range append(keys, 0) {
		x = (x ^ uint64(k)) * 0xbf58476d1ce4e5b9
		x ^= x >> 29
		x *= 0x94d049bb133111eb
		x ^= x >> 32
	}
	return x
}

// share is a number from 0 up to 1.
func (d dice) share(what int, keys ...int) float64 {
	return float64(d.roll(what, keys...)>>11) / (1 << 53)
}

// pick is a number from 0 up to n.
func (d dice) pick(n, what int, keys ...int) int { return int(d.roll(what, keys...) % uint64(n)) }

// span is a time from least to most.
func (d dice) span(least, most time.Duration, what int, keys ...int) time.Duration {
	return least + time.Duration(d.roll(what, keys...)%uint64(most-least+1))
}
