package flows

import (
	"strconv"

	"evenfall/bot"
)

// faces are the buttons of the three questions, from 1 to 5. They are pictures, the same in
// every language; each has its name in the catalogues.
var faces = map[string][5]string{
	"mood":  {"😞", "😕", "😐", "🙂", "😊"},
	"load":  {"☀️", "🌤", "⛅", "🌧", "⛈"},
	"close": {"○", "◔", "◑", "◕", "●"},
}

const (
	hearts = 3 // replies to choose from under the reveal
	ideas  = 3 // suggestions for each pair of moods
)

// face is a button with its name: "😊 good".
func face(row string, n int) bot.Text {
	return bot.T("checkin.face", "Face", faces[row][n-1], "Name", bot.T("checkin."+row+"."+strconv.Itoa(n)))
}

// rows are the three rows of five.
func rows() [][]bot.Button {
	var all [][]bot.Button
	for _, row := range []string{"mood", "load", "close"} {
		var five []bot.Button
		for i, f := range faces[row] {
			five = append(five, bot.Button{Label: bot.Verbatim(f), Verb: row, Arg: strconv.Itoa(i + 1)})
		}
		all = append(all, five)
	}
	return all
}

// board is the evening's message while it is open. It tells how many have
// answered, never who.
func (s evening) board(sc bot.Scene) bot.Message {
	m := bot.Message{
		Title: bot.T("checkin.title"),
		Lines: []bot.Text{bot.T("checkin.questions")},
		Buttons: append(rows(), []bot.Button{
			{Label: bot.T("checkin.note.button"), Verb: "note", Words: true},
			{Label: bot.T("checkin.keep.button"), Verb: "keep"},
			{Label: bot.T("checkin.later.button"), Verb: "later"},
		}),
	}
	if sc.Seated() == bot.Both {
		dots := "○○"
		if s.Answers[0].Mood != 0 || s.Answers[1].Mood != 0 {
			dots = "●○"
		}
		m.Lines = append(m.Lines, bot.Verbatim(dots))
	}
	return m
}

// reminder is the board in a nook.
func (s evening) reminder(bot.Scene) bot.Message {
	return bot.Message{
		Title: bot.T("checkin.nudge.title"),
		Lines: []bot.Text{bot.T("checkin.questions")},
		Buttons: append(rows(), []bot.Button{
			{Label: bot.T("checkin.note.button"), Verb: "note", Words: true},
			{Label: bot.T("checkin.keep.button"), Verb: "keep"},
			{Label: bot.T("checkin.later.button"), Verb: "later"},
		}, []bot.Button{{Label: bot.T("checkin.nudge.off"), Verb: "off"}}),
	}
}

// result is the reveal: both moods (or that both keep theirs), the notes, one idea
// how to answer each other, the replies, the streak.
func (s evening) result(sc bot.Scene) bot.Message {
	m := bot.Message{Title: bot.T("checkin.both.title")}
	say := func(t bot.Text) { m.Lines = append(m.Lines, t) }
	for _, p := range bot.Each {
		if a := s.Answers[p.Index()]; !s.kept() {
			say(bot.T("checkin.both.mood", "Name", sc.Partner(p).Name, "Mood", face("mood", a.Mood)))
			if a.Note != "" {
				say(bot.T("checkin.both.note", "Note", a.Note))
			}
		}
	}
	if s.kept() {
		say(bot.T("checkin.both.kept"))
	}
	if !anyOff(sc.Couple, bot.KindIdea) {
		say(bot.T("checkin.idea.line", "Idea", s.idea()))
	}
	for _, p := range bot.Each {
		if a := s.Answers[p.Index()]; a.Heart != 0 {
			say(bot.T("checkin.heart.line", "Name", sc.Partner(p).Name, "Words", heart(a.Heart)))
		}
	}
	if !sc.Partners[0].Hide && !sc.Partners[1].Hide {
		if s.Relit {
			say(bot.T("checkin.relit"))
		}
		say(bot.T("checkin.streak", "Count", s.Streak))
	}
	var replies []bot.Button
	for n := 1; n <= hearts; n++ {
		replies = append(replies, bot.Button{Label: heart(n), Verb: "heart", Arg: strconv.Itoa(n)})
	}
	m.Buttons = [][]bot.Button{replies}
	return m
}

func heart(n int) bot.Text { return bot.T("checkin.heart." + strconv.Itoa(n)) }

// idea fits the two moods and changes with the day. When a mood is kept it comes
// from the ideas that fit any evening, so that it tells nothing.
func (s evening) idea() bot.Text {
	pair := "any"
	if !s.kept() {
		low, high := level(s.Answers[0].Mood), level(s.Answers[1].Mood)
		if low > high {
			low, high = high, low
		}
		pair = [3]string{"low", "mid", "high"}[low] + "-" + [3]string{"low", "mid", "high"}[high]
	}
	return bot.T("checkin.idea." + pair + "." + strconv.Itoa(int(s.Date)%ideas+1))
}

// level is 0 for a low mood, 1 for one in the middle, 2 for a high one.
func level(mood int) int {
	switch {
	case mood <= 2:
		return 0
	case mood == 3:
		return 1
	}
	return 2
}
