package bottest

import (
	"bufio"
	"context"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode"

	"evenfall/bot"
	"evenfall/bot/words"
)

// World is where a script is played.
type World struct {
	Networks []Network // the first is Ana's and the room's, the last one Ben's
	Flows    []bot.Conversation
	Open     func() bot.Store                   // opens the store, again after each restart
	Restless bool                               // restart between any two lines
	Log      *slog.Logger                       // nil = nowhere
	Remark   func(comment string, at time.Time) // is told every comment, between two lines, and what the pretend clock shows; nil = nobody
}

// Room is the group of a script's first network.
const Room = "room"

// Name is what a network shows for a person: "ana" is Ana.
func Name(u bot.User) string {
	if u.ID == "" {
		return ""
	}
	r := []rune(u.ID)
	return string(unicode.ToUpper(r[0])) + string(r[1:])
}

// Typed reads words the way networks do: a slash makes a command.
func Typed(in *bot.Incoming, text string) {
	in.Kind, in.Text = bot.Said, text
	if command, ok := strings.CutPrefix(text, "/"); ok {
		in.Kind = bot.Called
		in.Command, in.Text, _ = strings.Cut(command, " ")
	}
}

// Play plays a script and returns it with what the bot said written in anew. Lines:
//
//	# a comment
//	# moment: one has agreed   a comment: the matrix of bot/flows tries everything here
//	clock 2026-03-02 19:00   sets the clock (the first line does) …
//	clock 20:00              … or lets it run to that time today, or tomorrow if it has passed
//	clock +90m, clock +3d    lets it run on, every minute as it would
//	asleep 3h                the house is down that long: no minute in between is lived
//	restart                  the process ends and begins again
//	given                    Ana and Ben are a couple with evenings at eight in UTC: in
//	                         the room, or without one when they are on two networks
//	members 4                how many people are in the room
//	ana enters               Ana brings the bot into the room
//	ana taps 😊              the newest button of that name Ana can see, room or nook
//	ana says hello           in her private chat; "/menu" is a command
//	ana writes /checkin      in the room
//	< room: …                what the bot says, edits or takes away; toasts too
//
// People are called by the first word; anyone but ana and ben is a guest.
func Play(t *testing.T, w World, script string) string {
	t.Helper()
	p := &player{T: t, World: w, seen: map[bot.Chat][]Shown{}}
	p.random = rand.NewChaCha8([32]byte{'e', 'v', 'e', 'n', 'f', 'a', 'l', 'l'})
	defer p.down()
	var out strings.Builder
	lines := bufio.NewScanner(strings.NewReader(script))
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(line, "<") {
			continue
		}
		out.WriteString(line + "\n")
		if comment, ok := strings.CutPrefix(line, "#"); ok && w.Remark != nil {
			w.Remark(strings.TrimSpace(comment), p.now())
		}
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		toast := p.act(strings.Fields(line), line)
		out.WriteString(p.report(toast))
		if w.Restless {
			p.down()
		}
	}
	return out.String()
}

// player is a script under way.
type player struct {
	*testing.T
	World
	offset atomic.Int64 // unix seconds: the pretend clock
	random *rand.ChaCha8
	bot    *bot.Bot
	store  bot.Store
	stop   context.CancelFunc
	ended  chan error
	seen   map[bot.Chat][]Shown
	cast   []string
	actor  string
}

func (p *player) now() time.Time { return time.Unix(p.offset.Load(), 0).UTC() }

// up starts the process, if it is not running.
func (p *player) up() *bot.Bot {
	if p.bot != nil {
		return p.bot
	}
	catalogue, err := words.Load()
	if err != nil {
		p.Fatal(err)
	}
	log := p.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	p.store = p.Open()
	o := bot.Options{Store: p.store, Flows: p.Flows, Words: catalogue, Now: p.now, Random: p.random, Log: log}
	for _, n := range p.Networks {
		o.Adapters = append(o.Adapters, n.Adapter())
	}
	p.bot = bot.New(o)
	ctx, stop := context.WithCancel(context.Background())
	p.stop, p.ended = stop, make(chan error, 1)
	running := p.bot
	go func() {
		err := running.Run(ctx)
		if err != nil {
			panic("bottest: " + err.Error()) // nobody would ever be answered
		}
		p.ended <- err
	}()
	return p.bot
}

// down ends the process as SIGTERM would.
func (p *player) down() {
	if p.bot == nil {
		return
	}
	p.stop()
	<-p.ended
	if n := p.bot.Broken(); n > 0 {
		p.Errorf("%d steps failed", n)
	}
	if err := p.store.Close(); err != nil {
		p.Errorf("close: %v", err)
	}
	p.bot = nil
}

// act does what a line says and returns the toast.
func (p *player) act(word []string, line string) string {
	rest := strings.TrimSpace(strings.TrimPrefix(line, word[0]))
	switch word[0] {
	case "clock":
		p.clock(word[1:])
		return ""
	case "asleep":
		p.beat()
		p.down()
		p.offset.Add(int64(p.span(word[1]) / time.Second))
		p.beat()
		return ""
	case "restart":
		p.down()
		return ""
	case "given":
		p.given()
		return ""
	case "members":
		for _, n := range p.Networks {
			if n, ok := n.(*Pretend); ok {
				n.Members, _ = strconv.Atoi(word[1])
			}
		}
		return ""
	}
	if len(word) < 2 {
		p.Fatalf("what does %q mean?", line)
	}
	p.up()
	p.actor = word[0]
	user, network := p.person(word[0])
	rest = strings.TrimSpace(strings.TrimPrefix(rest, word[1]))
	switch word[1] {
	case "enters":
		network.(interface{ Arrive(bot.User, bot.Chat) }).Arrive(user, p.room())
		return ""
	case "taps":
		return p.tap(user, network, rest)
	case "says":
		return network.Say(user, bot.Nook(user), p.tokens(rest))
	case "writes":
		return network.Say(user, p.room(), p.tokens(rest))
	}
	p.Fatalf("what does %q mean?", line)
	return ""
}
