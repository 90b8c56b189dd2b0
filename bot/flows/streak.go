package flows

import (
	"strconv"

	"evenfall/bot"
	"evenfall/rituals"
)

// Streak shows what the couple's evenings add up to. It never says whose evening was missed.
var Streak = bot.Flow[bystander, *bystander]{
	Name:     "streak",
	Commands: []string{"streak"},
	Step:     streakStep,
}

func streakStep(sc bot.Scene, s bystander, ev bot.Event) (bystander, bot.Reply) {
	var r bot.Reply
	switch {
	case ev.Kind == bot.Tapped && (ev.Action.Verb == "hide" || ev.Action.Verb == "show"):
		c := sc.Couple
		c.Partners[ev.Who.Index()].Hide = ev.Action.Verb == "hide"
		r.Set, sc.Couple = &c, c
		r.Ack = bot.T(map[bool]string{true: "streak.hidden", false: "streak.back"}[ev.Action.Verb == "hide"])
		if !ev.Private() {
			return s, r
		}
	case ev.Kind != bot.Called:
		return s, bot.Reply{Ack: bot.T("stale")}
	}
	if !sc.Loaded {
		return s, bot.Reply{Want: bot.Want{Days: true}}
	}
	say := bot.Say{To: bot.Here, Slot: "streak", Fresh: ev.Kind == bot.Called, Message: streakMessage(sc, ev)}
	r.Says = []bot.Say{say}
	return s, r
}

// streakMessage is the count. In the room it is out of sight when either wants that; in a
// nook only its owner's wish counts.
func streakMessage(sc bot.Scene, ev bot.Event) bot.Message {
	own := sc.Partner(ev.Who)
	switch {
	case !ev.Private() && (sc.Partners[0].Hide || sc.Partners[1].Hide):
		return bot.Message{Lines: []bot.Text{bot.T("streak.away")}}
	case ev.Private() && own.Hide:
		return bot.Message{
			Lines:   []bot.Text{bot.T("streak.own")},
			Buttons: [][]bot.Button{{button("streak.show", "show", "")}},
		}
	}
	total := rituals.Fold(sc.Days)
	m := bot.Message{Title: bot.T("streak.title"), Lines: []bot.Text{bot.T("streak.none")}}
	if total.Total > 0 {
		m.Lines = []bot.Text{
			bot.T("streak.now", "Count", total.Now),
			bot.T("streak.best", "Count", total.Best),
			bot.T("streak.total", "Count", total.Total),
		}
	}
	m.Lines = append(m.Lines, bot.T("streak.candles."+strconv.Itoa(total.Candles)))
	if total.Embers > 0 {
		m.Lines = append(m.Lines, bot.T("streak.embers", "Count", total.Embers))
	}
	m.Lines = append(m.Lines, bot.T("streak.rule"))
	if ev.Private() {
		m.Buttons = [][]bot.Button{{button("streak.hide", "hide", "")}}
	}
	return m
}
