package rituals

import (
	"strconv"
	"time"
)

// oneDate is a single date: "today", "3 march", "March 3rd, 2027", "2027-03-03", "3.3.2027". Without a year
// it is the next one.
func oneDate(tokens []string, today Date) (Date, bool) {
	if len(tokens) == 1 {
		in, ok := map[string]Date{"today": 0, "hoy": 0, "tonight": 0, "tomorrow": 1, "manana": 1}[tokens[0]]
		return today + in, ok
	}
	if d, ok := numericDate(tokens); ok {
		return d, d >= today
	}
	day, month, rest, ok := dayAndMonth(tokens)
	switch {
	case !ok || len(rest) > 1:
		return 0, false
	case len(rest) == 1:
		year, err := strconv.Atoi(rest[0])
		d, exists := civil(year, month, day)
		return d, err == nil && exists && d >= today
	}
	s := Schedule{Unit: Yearly, Month: month, Day: day}
	if month == time.February && day == 29 {
		for year := today.wall(0).Year(); ; year++ {
			if d, exists := civil(year, month, day); exists && d >= today {
				return d, true
			}
		}
	}
	return s.Next(today - 1)
}

// dayAndMonth reads both, in either order, off the front.
func dayAndMonth(tokens []string) (day int, month time.Month, rest []string, ok bool) {
	for _, t := range tokens {
		n, number := count(t)
		m, name := months12[t]
		switch {
		case number && day == 0 && n >= 1 && n <= 31:
			day = n
		case name && month == 0:
			month = m
		case numberTails[t] && day != 0:
		default:
			rest = append(rest, t)
		}
	}
	_, exists := civil(2028, month, day) // a leap year
	return day, month, rest, day > 0 && month > 0 && exists
}

// numericDate is "2027-03-03", or "3.3.2027" as it is written where people write dots.
func numericDate(tokens []string) (Date, bool) {
	if len(tokens) != 5 || tokens[1] != tokens[3] || tokens[1] != "-" && tokens[1] != "." {
		return 0, false
	}
	var n [3]int
	for i := range n {
		var err error
		if n[i], err = strconv.Atoi(tokens[2*i]); err != nil {
			return 0, false
		}
	}
	if tokens[1] == "." {
		n[0], n[2] = n[2], n[0]
	}
	return civil(n[0], time.Month(n[1]), n[2])
}

// civil is a date, if the calendar has it and people now living may see it.
func civil(year int, month time.Month, day int) (Date, bool) {
	t := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	return DateOf(t), year >= 1970 && year < 2200 && t.Month() == month && t.Day() == day
}

// count is a number in digits or as a word.
func count(token string) (int, bool) {
	if n, ok := numbers[token]; ok {
		return n, true
	}
	n, err := strconv.Atoi(token)
	return n, err == nil && len(token) <= 2
}
