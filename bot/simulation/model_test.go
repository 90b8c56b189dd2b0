package simulation

// story tells a streak from the marks of its evenings. It is the rule of the streak once
// more, written without a look at the house's.
type story struct {
	row, best, all int
	candles        []int // the dates that brought them; the first was there at the beginning
	ash            int   // what burned down with the last evening
	relit          int   // the last date on which ash caught fire again
	begun          bool
}

// The marks as the store has them, and that there is none.
const (
	neutral = iota
	together
	missed
	unmarked
)

// tell goes on by one evening.
func (s *story) tell(date, mark int) {
	if !s.begun {
		s.begun, s.candles, s.relit = true, []int{0}, -1000
	}
	switch mark {
	case together:
		if s.ash > 0 && date-s.relit >= 30 {
			s.row, s.relit = s.ash, date
		}
		s.ash = 0
		s.row++
		s.all++
		s.best = max(s.best, s.row)
		if s.all%7 == 0 && len(s.candles) < 2 {
			s.candles = append(s.candles, date)
		}
	case missed:
		if len(s.candles) > 0 {
			s.candles = s.candles[1:]
			return
		}
		s.ash, s.row = s.row, 0
	}
}
