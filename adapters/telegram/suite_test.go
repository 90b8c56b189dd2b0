package telegram_test

import (
	"bytes"
	"context"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"

	"evenfall/adapters/adaptertest"
	"evenfall/adapters/telegram"
	"evenfall/adapters/telegram/telegramtest"
	"evenfall/bot"
)

const (
	ana  int64 = 1001
	ben  int64 = 1002
	cleo int64 = 1003
	room int64 = -2001
)

func TestSuite(t *testing.T) {
	adaptertest.Run(t, func(t *testing.T, h bot.Handler) adaptertest.Rig { return newRig(t, h) })
}

// rig is an adapter with a pretend Telegram: Ana and Ben in a room with the bot.
type rig struct {
	t *testing.T
	*telegramtest.Server
	adapter *telegram.Adapter
	handle  bot.Handler
	log     *journal
}

func newRig(t *testing.T, h bot.Handler, change ...func(*telegram.Options)) *rig {
	return rigOn(telegramtest.New(t), t, h, change...)
}

// rigOn is newRig on a server of one's own.
func rigOn(s *telegramtest.Server, t *testing.T, h bot.Handler, change ...func(*telegram.Options)) *rig {
	s.Person(ana, "Ana <b>&_*", "pt-br")
	s.Person(ben, "Ben 👨‍🚀", "en")
	s.Open(ana, ben)
	s.Group(room, ana, ben)
	s.Seat(room)
	log := &journal{}
	o := telegram.Options{
		Token: telegramtest.Token, API: s.URL,
		Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, c := range change {
		c(&o)
	}
	a, err := telegram.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return &rig{t, s, a, h, log}
}

func (r *rig) Adapter() bot.Adapter            { return r.adapter }
func (r *rig) Start(ctx context.Context) error { return r.adapter.Run(ctx, r.handle) }
func (r *rig) Secrets() []string               { return []string{telegramtest.Token, "CANARY"} }
func (r *rig) Logs() string                    { return r.log.String() }

func (r *rig) Cast() adaptertest.Cast {
	return adaptertest.Cast{
		Ana: user(ana), Ben: user(ben), AnaName: "Ana <b>&_*", BenName: "Ben 👨‍🚀", Room: group(room),
	}
}

func user(id int64) bot.User  { return bot.User{Network: "telegram", ID: strconv.FormatInt(id, 10)} }
func group(id int64) bot.Chat { return bot.Chat{Network: "telegram", ID: strconv.FormatInt(id, 10)} }
func nook(id int64) bot.Chat  { return bot.Nook(user(id)) }

// id is Telegram's number of a chat or a person.
func (r *rig) id(name string) int64 {
	n, err := strconv.ParseInt(strings.TrimPrefix(name, "@"), 10, 64)
	if err != nil {
		r.t.Fatal(err)
	}
	return n
}

func (r *rig) Tap(u bot.User, c bot.Chat, message, payload string) (string, bool) {
	return r.Server.Tap(r.id(u.ID), r.id(c.ID), message, payload)
}

func (r *rig) Command(u bot.User, c bot.Chat, command string) {
	r.Server.Say(r.id(u.ID), r.id(c.ID), "/"+command+"@"+telegramtest.Username)
}

// Say answers the bot's newest message in a group: that is what it hears there.
func (r *rig) Say(u bot.User, c bot.Chat, text string) {
	to := ""
	if seen := r.Server.Messages(r.id(c.ID)); len(seen) > 0 {
		to = seen[len(seen)-1].ID
	}
	r.Server.Reply(r.id(u.ID), r.id(c.ID), to, text)
}

func (r *rig) Vanish(c bot.Chat, message string) { r.Server.Vanish(r.id(c.ID), message) }

func (r *rig) Noise() {
	for _, members := range noise {
		r.Update(members)
	}
	r.Anonymous(room, "/menu@"+telegramtest.Username)
	r.Server.Say(ana, room, "/menu@another_bot")
	r.Server.Say(ana, room, "between ourselves")
}

// noise is what Telegram may tell and the bot has no use for, or cannot read.
var noise = []string{
	`"poll":{"id":"1"}`,
	`"some_new_kind":{"a":[1,2,{"b":null}]}`,
	`"message":null`,
	`"message":{}`,
	`"message":{"message_id":"seven"}`,
	`"message":[1]`,
	`"callback_query":{"id":"1","from":{"id":1001,"is_bot":false,"first_name":"A"},"inline_message_id":"x","data":"suite/1/a"}`,
	`"callback_query":{"id":"2","from":{"id":5,"is_bot":true,"first_name":"A"},"data":"suite/1/a","message":{"message_id":1,"date":0,"chat":{"id":-2001,"type":"group"}}}`,
	`"callback_query":{"id":"3","from":{"id":1001,"is_bot":false,"first_name":"A"},"game_short_name":"x","message":{"message_id":1,"date":0,"chat":{"id":-2001,"type":"group"}}}`,
	`"message":{"message_id":9,"date":1,"chat":{"id":1001,"type":"private"},"from":{"id":1001,"is_bot":false,"first_name":"A"},"sticker":{"emoji":"x"}}`,
	`"message":{"message_id":9,"date":1,"chat":{"id":-1005,"type":"channel"},"sender_chat":{"id":-1005,"type":"channel"},"text":"/menu"}`,
	`"message":{"message_id":9,"date":1,"chat":{"id":777000,"type":"private"},"from":{"id":777000,"is_bot":false,"first_name":"Telegram"},"text":"/menu"}`,
	`"message":{"message_id":9,"date":1,"chat":{"id":-2001,"type":"group"},"from":{"id":136817688,"is_bot":true,"first_name":"Channel"},"sender_chat":{"id":-7,"type":"channel"},"text":"/menu"}`,
	`"message":{"message_id":9,"date":1,"chat":{"id":-2001,"type":"group"},"from":{"id":1001,"is_bot":false,"first_name":"A"},"sender_chat":{"id":-2001,"type":"group"},"text":"/menu"}`,
	`"edited_message":{"message_id":9,"date":1,"edit_date":2,"chat":{"id":1001,"type":"private"},"from":{"id":1001,"is_bot":false,"first_name":"A"},"text":"changed"}`,
	`"my_chat_member":{"date":1,"chat":{"id":1001,"type":"private"},"from":{"id":1001,"is_bot":false,"first_name":"A"},"old_chat_member":{"status":"kicked"},"new_chat_member":{"status":"member"}}`,
	`"my_chat_member":{"date":1,"chat":{"id":-2001,"type":"group"},"from":{"id":1001,"is_bot":false,"first_name":"A"},"old_chat_member":{"status":"member"},"new_chat_member":{"status":"administrator"}}`,
}

func (r *rig) Messages(c bot.Chat) (shown []adaptertest.Shown) {
	for _, m := range r.Server.Messages(r.id(c.ID)) {
		s := adaptertest.Shown{ID: m.ID, Title: m.Title, Text: m.Text}
		for _, row := range m.Buttons {
			var keys []bot.Key
			for _, b := range row {
				keys = append(keys, bot.Key{Label: b.Label, Payload: b.Data, Link: b.URL})
			}
			s.Buttons = append(s.Buttons, keys)
		}
		if m.File != nil {
			s.File = &bot.File{Name: m.File.Name, Type: m.File.Type, Data: m.File.Data}
		}
		shown = append(shown, s)
	}
	return shown
}

func (r *rig) Fault(c bot.Chat, f adaptertest.Fault) bool {
	r.Fail("sendMessage", r.id(c.ID), map[adaptertest.Fault]telegramtest.Fault{
		adaptertest.Gone:    telegramtest.Forbidden("bot was kicked from the group chat"),
		adaptertest.Later:   telegramtest.TooMany(7),
		adaptertest.Refused: telegramtest.BadRequest("message is too long"),
		adaptertest.Broken:  telegramtest.BadGateway(),
		adaptertest.Lost:    telegramtest.Lost(),
	}[f], 1)
	return true
}

// journal is a log that can be read while it is written.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}
