package flows

import "evenfall/bot"

// Menu is the list of what there is, and the page that explains it.
var Menu = bot.Flow[bystander, *bystander]{
	Name:     "menu",
	Commands: []string{"menu", "help"},
	Visitors: true,
	Step:     menuStep,
}

// bystander is the state of a flow that remembers nothing.
type bystander struct{ bot.Stage }

func menuStep(sc bot.Scene, s bystander, ev bot.Event) (bystander, bot.Reply) {
	var r bot.Reply
	switch {
	case ev.Kind != bot.Called:
		r.Ack = bot.T("stale")
	case ev.Who == bot.Nobody && !ev.Private() && sc.Seated() != bot.Nobody:
		r.Ack = bot.T("guest")
	case ev.Command == "menu" && ev.Who != bot.Nobody:
		r.Say(bot.Here, "", menu(sc.Couple))
	default:
		r.Say(bot.Here, "", help(ev.Who != bot.Nobody))
	}
	return s, r
}

// menu is the way to everything else.
func menu(c bot.Couple) bot.Message {
	when := bot.T("menu.text", "Clock", c.Evening.String())
	if !c.Ready {
		when = bot.T("menu.unready")
	}
	return bot.Message{
		Title: bot.T("menu.title"),
		Lines: []bot.Text{when},
		Buttons: [][]bot.Button{
			{calls("menu.checkin", "checkin"), calls("menu.streak", "streak")},
			{calls("menu.rest", "rest"), calls("menu.settings", "settings")},
			{calls("menu.support", "support"), calls("menu.help", "help")},
			{calls("menu.export", "export"), calls("menu.forget", "forget")},
			{calls("menu.leave", "leave")},
		},
	}
}

func help(seated bool) bot.Message {
	m := bot.Message{Title: bot.T("help.title")}
	for _, part := range []string{"does", "never", "limits", "typing", "example", "commands"} {
		m.Lines = append(m.Lines, bot.T("help."+part))
	}
	if seated {
		m.Buttons = [][]bot.Button{{calls("menu.button", "menu"), calls("menu.support", "support")}}
	} else {
		m.Buttons = [][]bot.Button{{calls("help.start", "start"), calls("menu.support", "support")}}
	}
	return m
}
