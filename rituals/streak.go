package rituals

// The numbers of the streak.
const (
	candlesAtStart  = 1  // what a couple begins with
	candlesAtMost   = 2  // what it can hold
	candleEvery     = 7  // evenings together for a new candle
	rekindleAgainIn = 30 // days from one rekindling to the next
)

// Streak is what a couple's evenings add up to, and what there is to tell about
// the latest evening together. The streak never says who missed an evening.
type Streak struct {
	Now     int // evenings together in a row, as the house counts them
	Best    int // the highest Now ever; never falls
	Total   int // evenings together in all; never falls
	Candles int // missed evenings that would be forgiven, 0 to 2
	// Embers is the streak that ended just now and that the next scheduled evening,
	// if together, brings back; 0 = there is none, or the day after the last one given is
	// too soon after the last rekindling.
	Embers int

	// The rest tells of the latest evening together and stays until the next one.
	Lit       int  // candles that burned for evenings missed between it and the one before
	Earned    bool // it brought a candle
	Rekindled bool // it brought an ended streak back
}

// Fold adds up a couple's evenings, which are sorted by date, one for each date at
// most. It is pure: the same days give the same streak, however often and whenever.
//
// Together adds one; Neutral is passed over. Missed burns a candle if there is one,
// the very first evening's too, and is then as good as Neutral. With no candle left
// the streak ends; its embers last until the next scheduled evening. If that one is
// together, the streak goes on from where it was, that evening added, unless another
// was rekindled less than 30 days before.
//
// Every seventh evening of Total, not of Now, brings a candle: those who have just
// lost a streak need the next candle soonest, and what they had gathered towards it is
// not taken from them. A candle that comes when two are held is not kept for later.
// Best counts rekindled streaks like any other: they are the couple's own evenings.
func Fold(days []Day) Streak {
	s := Streak{Candles: candlesAtStart}
	lit := 0               // candles burned since the latest evening together
	ended := 0             // the streak that ended with the latest scheduled evening
	last := Date(-1 << 30) // when a streak was last rekindled; long ago if never
	for _, day := range days {
		switch day.Mark {
		case Together:
			s.Rekindled = ended > 0 && day.Date-last >= rekindleAgainIn
			if s.Rekindled {
				s.Now, last = ended, day.Date
			}
			s.Now++
			s.Total++
			s.Best = max(s.Best, s.Now)
			s.Earned = s.Total%candleEvery == 0 && s.Candles < candlesAtMost
			if s.Earned {
				s.Candles++
			}
			s.Lit, lit, ended = lit, 0, 0
		case Missed:
			if s.Candles > 0 {
				s.Candles--
				lit++
				continue
			}
			ended, s.Now = s.Now, 0
		}
	}
	if ended > 0 && days[len(days)-1].Date+1-last >= rekindleAgainIn {
		s.Embers = ended
	}
	return s
}
