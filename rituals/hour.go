package rituals

import "strconv"

// reading is a time as it was written, before anything said which half of the day it is in.
type reading struct {
	hour, minute int
	nought       bool // "08:00": the hour means what it says
}

// readHour reads hour and minutes at the front of the tokens.
func readHour(tokens []string) (r reading, rest []string, ok bool) {
	if len(tokens) >= 3 { // "half past eight", "quarter to nine"
		if m, known := parts[tokens[0]]; known && (tokens[1] == "past" || tokens[1] == "to") {
			r.hour, ok = numbers[tokens[2]]
			if n, err := strconv.Atoi(tokens[2]); err == nil && n <= 24 {
				r.hour, ok = n, true
			}
			return r.shift(pick(tokens[1] == "past", m, -m)), tokens[3:], ok
		}
	}
	if len(tokens) == 0 {
		return r, nil, false
	}
	first, rest := tokens[0], tokens[1:]
	if hour, known := numbers[first]; known {
		r.hour = hour
		return r.minutes(rest)
	}
	n, err := strconv.Atoi(first)
	if err != nil || len(first) > 4 || len(first) <= 2 && n > 24 {
		return r, nil, false
	}
	r.nought = first[0] == '0'
	if len(first) > 2 { // "2030"
		r.hour, r.minute = n/100, n%100
		return r, rest, true
	}
	r.hour = n
	return r.minutes(rest)
}

// minutes reads what may follow an hour: ":30", "h30", " 30", "y media", "menos cuarto", "thirty".
func (r reading) minutes(tokens []string) (reading, []string, bool) {
	if len(tokens) == 0 {
		return r, tokens, true
	}
	sign, after := tokens[0], tokens[1:]
	if m, ok := twoDigits(tokens); ok {
		r.minute = m
		return r, after, true
	}
	if m, ok := parts[sign]; ok && sign != "half" && sign != "quarter" {
		return r.shift(m), after, true
	}
	switch sign {
	case ":", ".", ",", "h":
		if m, ok := twoDigits(after); ok {
			r.minute = m
			return r, after[1:], true
		}
		return r, tokens, sign == "h"
	case "y", "menos":
		if len(after) == 0 {
			return r, nil, false
		}
		m, ok := parts[after[0]]
		if d, digits := twoDigits(after); digits {
			m, ok = d, true
		}
		return r.shift(pick(sign == "y", m, -m)), after[1:], ok
	}
	return r, tokens, true
}

func twoDigits(tokens []string) (int, bool) {
	if len(tokens) == 0 || len(tokens[0]) != 2 {
		return 0, false
	}
	n, err := strconv.Atoi(tokens[0])
	return n, err == nil
}

// shift moves the minutes; before the full hour it is the hour before.
func (r reading) shift(minutes int) reading {
	r.minute = minutes
	if minutes < 0 {
		r.hour, r.minute = (r.hour+23)%24, minutes+60
		if r.hour == 0 {
			r.hour = 12
		}
	}
	return r
}

// in is the time in the halves of the day that were told, which must not contradict
// each other; with none told, an hour up to 11 is in both halves.
func (r reading) in(told []half) []Clock {
	if r.minute > 59 || r.hour > 24 || r.hour == 24 && r.minute > 0 {
		return nil
	}
	hour := r.hour
	for i, h := range told {
		said := h(r.hour)
		if said < 0 || i > 0 && said != hour {
			return nil
		}
		hour = said
	}
	c := Clock(hour%24*60 + r.minute)
	if len(told) == 0 && !r.nought && hour >= 1 && hour <= 11 {
		return []Clock{c, c + 12*60}
	}
	return []Clock{c}
}
