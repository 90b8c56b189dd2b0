package adaptertest

import (
	"evenfall/bot"
)

// Scene is a piece of an adapter's life. What Play asks of the network is what the
// matrix makes go wrong; Set, which may be nil, comes before and goes well.
type Scene struct {
	Name string
	Set  func(*Play)
	Play func(*Play)
}

// Scenes are those that every network has.
func Scenes() []Scene {
	return []Scene{
		{Name: "start", Play: Start},
		{Name: "stop", Set: Running, Play: (*Play).Halt},
		{Name: "tap", Set: Posted, Play: func(p *Play) { p.Taps("suite/1/a") }},
		{Name: "tap for nothing to read", Set: Posted, Play: func(p *Play) {
			p.Reply(func(bot.Incoming) (bot.Answer, error) { return bot.Answer{}, nil })
			p.Taps("suite/1/a")
		}},
		{Name: "send", Play: func(p *Play) { p.Deliver(letter(p.Room, keyed(canary))) }},
		{Name: "send to a nook", Play: func(p *Play) { p.Deliver(letter(bot.Nook(p.Ana), keyed(canary))) }},
		{Name: "send a link", Play: func(p *Play) {
			p.Deliver(letter(p.Room, page("", canary, bot.Key{Label: "the nook", Link: "nook:"})))
		}},
		{Name: "send a file", Play: func(p *Play) {
			page := keyed(canary)
			page.File = &bot.File{Name: "evenfall-2026-03-02.json", Type: "application/json", Data: []byte(canary)}
			p.Deliver(letter(bot.Nook(p.Ana), page))
		}},
		{Name: "edit", Set: written, Play: func(p *Play) {
			l := letter(p.Room, keyed(canary+" anew"))
			l.Edit = p.Message
			p.Deliver(l)
		}},
		{Name: "edit what vanished", Set: vanished, Play: func(p *Play) {
			l := letter(p.Room, keyed(canary+" anew"))
			l.Edit = p.Message
			p.Deliver(l)
		}},
		{Name: "delete", Set: written, Play: func(p *Play) {
			l := letter(p.Room, bot.Page{})
			l.Edit, l.Delete = p.Message, true
			p.Deliver(l)
		}},
		{Name: "check", Play: (*Play).CheckUp},
	}
}

// Start starts the adapter and waits until it has heard something and set its menu.
func Start(p *Play) {
	p.Go()
	for range p.ends {
		if !p.hasEnded() {
			break
		}
		p.Go()
	}
	p.Say(p.Ana, bot.Nook(p.Ana), "hello")
	p.Hears("hello")
	p.Settle()
}

func keyed(words string) bot.Page {
	return page("", words, bot.Key{Label: "a", Payload: "suite/1/a"})
}

func written(p *Play) {
	id, err := p.Adapter().Send(p.Context(), letter(p.Room, keyed(canary)))
	if err != nil {
		p.Fatal(err)
	}
	p.Message = id
}

func vanished(p *Play) {
	written(p)
	p.Vanish(p.Room, p.Message)
}

// Running is an adapter that has heard something and set its menu.
func Running(p *Play) {
	p.Go()
	p.Say(p.Ana, bot.Nook(p.Ana), "before")
	if !p.Hears("before") || !p.Settled() {
		p.Fatal("the adapter never began to work")
	}
}

// Posted is a running adapter whose letter stands in the room.
func Posted(p *Play) {
	written(p)
	Running(p)
}
