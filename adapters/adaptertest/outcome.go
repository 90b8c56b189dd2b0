package adaptertest

import (
	"slices"
	"strings"

	"evenfall/bot"
)

// exactly judges a scene in which one thing went wrong.
func (p *Play) exactly(want Want, calls int) {
	p.Helper()
	var said []Verdict
	if want.Send != "" && want.Send != IsDone {
		said = []Verdict{want.Send}
	}
	if !slices.Equal(p.verdicts, said) {
		p.Errorf("Send said %q, want %q: %v", p.verdicts, said, p.errs)
	}
	if n := p.copies() - p.before; n != want.Copies {
		p.Errorf("%d copies, want %d", n, want.Copies)
	}
	if (p.final != nil) != want.Ends {
		p.Errorf("Run ended with %v, want an end: %v", p.final, want.Ends)
	}
	if want.Once && calls != 1 {
		p.Errorf("the request was made %d times, want once", calls)
	}
	if p.tapped && p.ticked == want.Unticked {
		p.Errorf("ticked %v, want %v", p.ticked, !want.Unticked)
	}
	if (p.ill > 0) != want.Ill {
		p.Errorf("the check-up has %d findings, want any: %v", p.ill, want.Ill)
	}
}

// loosely judges a scene in which two things went wrong: no more may come of it than
// of the one and the other.
func (p *Play) loosely(wants []Want, mishaps []Mishap) {
	p.Helper()
	afters := 0
	for _, m := range mishaps {
		if m.After {
			afters++
		}
	}
	for _, v := range p.verdicts {
		if !slices.ContainsFunc(wants, func(w Want) bool { return w.Send == v }) {
			p.Errorf("Send said %q: %v", v, p.errs)
		}
	}
	if n := p.copies() - p.before; n > 1+afters {
		p.Errorf("%d copies", n)
	}
	if p.final != nil && p.ends == 0 {
		p.Errorf("Run ended with %v", p.final)
	}
}

// finish wants that the adapter goes on working, or has ended for good and said why.
func (p *Play) finish() (calls map[string]int) {
	p.Helper()
	if p.ends > 0 && p.final == nil { // nobody has waited for it yet
		p.hasEnded()
	}
	calls = p.Wire().End()
	if p.final != nil {
		if text := p.final.Error(); strings.Contains(text, "\n") || len(text) > 300 {
			p.Errorf("Run ended with more than one clear line: %q", text)
		}
	}
	shown := len(p.Messages(p.Room))
	p.Reply(nil)
	p.Go()
	p.Say(p.Ana, bot.Nook(p.Ana), "after it")
	p.Hears("after it")
	if v := p.once(letter(p.Room, page("", "a letter after it"))); v != IsDone {
		p.Errorf("the next letter: %s", v)
	}
	if n := len(p.Messages(p.Room)); n != shown+1 {
		p.Errorf("%d messages after the next letter, want %d", n, shown+1)
	}
	p.Settle()
	before := p.final
	p.Halt()
	if p.final != before {
		p.Errorf("afterwards Run ended with %v", p.final)
	}
	if n := len(p.heard); n > 0 {
		p.Errorf("%d events were heard more than once, or from nowhere", n)
	}
	return calls
}

// copies is how many messages show the scene's letter, or the one it changes.
func (p *Play) copies() (n int) {
	for _, chat := range []bot.Chat{p.Room, bot.Nook(p.Ana)} {
		for _, m := range p.Messages(chat) {
			if m.Text == canary || m.Text == canary+" anew" {
				n++
			}
		}
	}
	return n
}

// secrets looks for what may stand nowhere.
func (p *Play) secrets() {
	p.Helper()
	logs := p.Logs()
	for _, secret := range append(p.Secrets(), canary, p.Wire().liar.Listener.Addr().String()+"/") {
		if strings.Contains(logs, secret) {
			p.Errorf("a log line holds what it may not: %q", secret)
		}
		if strings.Contains(strings.Join(p.errs, "\n"), secret) {
			p.Errorf("an error holds what it may not: %q", secret)
		}
	}
	for _, id := range []string{p.Ana.ID, p.Ben.ID, p.Room.ID} {
		if strings.Contains(logs, id) {
			p.Errorf("the log names a person or a chat")
		}
	}
}
