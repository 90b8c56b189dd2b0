package bottest

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"time"

	"evenfall/bot"
)

// clock sets the clock or lets it run.
func (p *player) clock(word []string) {
	if len(word) == 2 {
		at, err := time.Parse("2006-01-02 15:04", word[0]+" "+word[1])
		if err != nil {
			p.Fatal(err)
		}
		p.offset.Store(at.Unix())
		return
	}
	if span, ok := strings.CutPrefix(word[0], "+"); ok {
		p.live(p.now().Add(p.span(span)))
		return
	}
	at, err := time.Parse("15:04", word[0])
	if err != nil {
		p.Fatal(err)
	}
	now := p.now()
	to := time.Date(now.Year(), now.Month(), now.Day(), at.Hour(), at.Minute(), 0, 0, time.UTC)
	if !to.After(now) {
		to = to.AddDate(0, 0, 1)
	}
	p.live(to)
}

// span reads "90m", "3h" or "2d".
func (p *player) span(text string) time.Duration {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil {
			p.Fatal(err)
		}
		return time.Duration(n) * 24 * time.Hour
	}
	span, err := time.ParseDuration(text)
	if err != nil {
		p.Fatal(err)
	}
	return span
}

// live lets every minute until then come as it would.
func (p *player) live(to time.Time) {
	for p.now().Before(to) {
		p.offset.Add(60)
		p.tick()
	}
}

// beat is the heartbeat's: it knows how long the house was away.
func (p *player) beat() {
	if err := p.up().Beat(context.Background()); err != nil {
		p.Fatalf("beat: %v", err)
	}
}

func (p *player) tick() {
	if err := p.up().Tick(context.Background()); err != nil {
		p.Fatalf("tick: %v", err)
	}
	if err := p.bot.Quiet(context.Background()); err != nil { // a letter has its minute too
		p.Fatalf("quiet: %v", err)
	}
}

// chats are all that anyone in the script can see: the room, then the nooks.
func (p *player) chats() []bot.Chat {
	all := []bot.Chat{p.room()}
	for _, name := range p.cast {
		user, _ := p.person(name)
		all = append(all, bot.Nook(user))
	}
	return all
}

func (p *player) network(chat bot.Chat) Network {
	for _, n := range p.Networks {
		if n.Adapter().Network() == chat.Network {
			return n
		}
	}
	p.Fatalf("no network for a chat")
	return nil
}

// report writes what the last line brought: the toast, then what is new in each chat.
func (p *player) report(toast string) string {
	if p.bot != nil {
		ctx, stop := context.WithTimeout(context.Background(), time.Minute)
		defer stop()
		if err := p.bot.Quiet(ctx); err != nil {
			p.Fatalf("letters are stuck: %v", err)
		}
	}
	var out strings.Builder
	if toast != "" {
		write(&out, p.actor+" toast", Shown{Page: bot.Page{Text: toast}})
	}
	for i, chat := range p.chats() {
		name := "room"
		if i > 0 {
			name = p.cast[i-1]
		}
		now := p.network(chat).Messages(chat)
		p.changes(&out, name, p.seen[chat], now)
		p.seen[chat] = now
	}
	return out.String()
}

func (p *player) changes(out *strings.Builder, name string, before, now []Shown) {
	old := map[string]Shown{}
	for _, m := range before {
		old[m.ID] = m
	}
	for _, m := range now {
		was, there := old[m.ID]
		delete(old, m.ID)
		switch {
		case !there:
			write(out, name, m)
		case face(was) != face(m):
			write(out, name+" edit", m)
		}
	}
	for _, m := range before {
		if _, gone := old[m.ID]; gone {
			write(out, name+" gone", Shown{Page: bot.Page{Title: m.Title}})
		}
	}
}

var invitation = regexp.MustCompile(`/start [A-Za-z0-9_-]{22}`)

// face is what a person sees of a message; buttons that look the same may do new things.
func face(m Shown) string {
	var out strings.Builder
	write(&out, "", m)
	return out.String()
}

func write(out *strings.Builder, who string, m Shown) {
	text := strings.Split(invitation.ReplaceAllString(m.Text, "/start TOKEN"), "\n")
	if m.Title != "" {
		text = append([]string{"*" + m.Title + "*"}, text...)
	}
	first := true
	for _, line := range text {
		if line == "" && m.Text == "" {
			continue
		}
		if first {
			out.WriteString("< " + who + ": " + line + "\n")
			first = false
			continue
		}
		out.WriteString(strings.TrimRight("<   "+line, " ") + "\n")
	}
	if m.File != nil {
		out.WriteString("<   (" + m.File.Name + ")\n")
	}
	for _, row := range m.Buttons {
		out.WriteString("<  ")
		for _, key := range row {
			out.WriteString(" [" + key.Label + "]")
		}
		out.WriteString("\n")
	}
}

// Differ shows the first lines in which two scripts differ.
func Differ(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	from := max(0, i-3)
	return "line " + strconv.Itoa(i+1) + ", want:\n" + strings.Join(a[from:min(len(a), i+8)], "\n") +
		"\ngot:\n" + strings.Join(b[from:min(len(b), i+8)], "\n")
}
