package telegram

import (
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"

	"evenfall/bot"
)

// kinds of updates the bot asks for. Telegram remembers the list of the last
// request, so every request names it.
const kinds = `["message","callback_query","my_chat_member"]`

type update struct {
	ID         int64       `json:"update_id"`
	Message    *message    `json:"message"`
	Callback   *callback   `json:"callback_query"`
	Membership *membership `json:"my_chat_member"`

	broken bool
}

type person struct {
	ID       int64  `json:"id"`
	Bot      bool   `json:"is_bot"`
	Name     string `json:"first_name"`
	Language string `json:"language_code"`
}

type chat struct {
	ID   int64  `json:"id"`
	Kind string `json:"type"`
}

type message struct {
	ID         int64           `json:"message_id"`
	From       *person         `json:"from"`
	SenderChat json.RawMessage `json:"sender_chat"`
	Chat       chat            `json:"chat"`
	Text       string          `json:"text"`
	ReplyTo    *struct {
		From *person `json:"from"`
	} `json:"reply_to_message"`
	MigrateTo int64    `json:"migrate_to_chat_id"`
	Joined    []person `json:"new_chat_members"`
	Left      *person  `json:"left_chat_member"`
}

type callback struct {
	ID      string  `json:"id"`
	From    *person `json:"from"`
	Data    string  `json:"data"`
	Message *struct {
		ID   int64 `json:"message_id"`
		Chat chat  `json:"chat"`
	} `json:"message"`
}

type membership struct {
	Chat chat    `json:"chat"`
	From *person `json:"from"`
	Old  member  `json:"old_chat_member"`
	New  member  `json:"new_chat_member"`
}

type member struct {
	Status string `json:"status"`
	Member bool   `json:"is_member"` // for "restricted"
}

func (m member) inside() bool {
	switch m.Status {
	case "creator", "administrator", "member":
		return true
	case "restricted":
		return m.Member
	}
	return false
}

// event is an update as the loop carries it.
type event struct {
	id    int64
	chat  int64         // events of one chat stay in order
	in    *bot.Incoming // nil = nothing for the core
	query string        // the tap to tick
	stale bool          // the chat's number of members has changed
	next  int64         // the chat's new number

	broken bool // it could not be read
}

// updates is an answer to getUpdates. What cannot be read spoils nothing but itself.
type updates []update

// readUpdates reads all at once, which is nearly always enough, and one by one when
// something in it is odd.
func readUpdates(raw []byte) (updates, error) {
	var all updates
	if json.Unmarshal(raw, &all) == nil {
		return all, nil
	}
	var each []json.RawMessage
	if json.Unmarshal(raw, &each) != nil {
		return nil, errors.New("telegram: getUpdates: the result is no list")
	}
	all = make(updates, len(each))
	for i, raw := range each {
		u := &all[i]
		if err := json.Unmarshal(raw, u); err != nil {
			var id struct {
				ID int64 `json:"update_id"`
			}
			_ = json.Unmarshal(raw, &id)
			*u = update{ID: id.ID, broken: true}
		}
	}
	return all, nil
}

// event is what an update means. One that nobody needs has neither in nor stale.
func (me self) event(u *update) (ev event) {
	defer func() {
		if recover() != nil {
			ev = event{id: u.ID, broken: true}
		}
	}()
	ev.id, ev.broken = u.ID, u.broken
	switch {
	case u.broken:
	case u.Message != nil:
		me.message(&ev, u.Message)
	case u.Callback != nil:
		tapped(&ev, u.Callback)
	case u.Membership != nil:
		moved(&ev, u.Membership)
	}
	if ev.in != nil {
		ev.in.ID = strconv.FormatInt(u.ID, 10)
	}
	return ev
}

// whole reports whether this is a person who can be told from others: not a bot,
// not an administrator in disguise, not a channel, not Telegram itself.
func (p *person) whole() bool {
	return p != nil && p.ID > 0 && !p.Bot && p.ID != 1087968824 && p.ID != 777000 && p.ID != 136817688
}

func (p *person) user() bot.User {
	return bot.User{Network: network, ID: strconv.FormatInt(p.ID, 10)}
}

// from fills in who and where.
func from(p *person, c chat, kind bot.Kind) *bot.Incoming {
	in := &bot.Incoming{Kind: kind, User: p.user(), Name: p.Name, Locale: p.Language}
	if c.Kind == "private" {
		in.Chat, in.Open = bot.Nook(in.User), true
	} else {
		in.Chat = place(c.ID)
	}
	return in
}

func place(id int64) bot.Chat {
	return bot.Chat{Network: network, ID: strconv.FormatInt(id, 10)}
}

func (c chat) group() bool { return c.Kind == "group" || c.Kind == "supergroup" }

func (me self) message(ev *event, m *message) {
	ev.chat = m.Chat.ID
	switch {
	case !m.Chat.group() && m.Chat.Kind != "private":
	case m.MigrateTo != 0:
		ev.next = m.MigrateTo
		ev.in = &bot.Incoming{Kind: bot.Moved, Chat: place(m.Chat.ID), To: place(m.MigrateTo)}
	case len(m.Joined) > 0 || m.Left != nil:
		ev.stale = true
		if ours := len(m.Joined) == 1 && m.Joined[0].ID == me.ID || m.Left != nil && m.Left.ID == me.ID; !ours {
			ev.in = &bot.Incoming{Kind: bot.Counted, Chat: place(m.Chat.ID)}
		}
	case !m.From.whole() || m.SenderChat != nil || m.Text == "":
	default:
		me.words(ev, m)
	}
}

var commandShape = regexp.MustCompile(`^/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]+))?(?:\s+|$)`)

// words tells commands from talk. In a group only an answer to the bot is meant for it.
func (me self) words(ev *event, m *message) {
	private := m.Chat.Kind == "private"
	cmd := commandShape.FindStringSubmatch(m.Text)
	switch {
	case cmd != nil && cmd[2] != "" && !strings.EqualFold(cmd[2], me.Username):
		// for another bot
	case cmd != nil:
		in := from(m.From, m.Chat, bot.Called)
		in.Command = strings.ToLower(cmd[1])
		in.Text = strings.TrimSpace(m.Text[len(cmd[0]):])
		if in.Command == "start" {
			started(in, private)
		}
		ev.in = in
	case private || m.ReplyTo != nil && m.ReplyTo.From != nil && m.ReplyTo.From.ID == me.ID:
		ev.in = from(m.From, m.Chat, bot.Said)
		ev.in.Text = m.Text
	}
	if ev.in != nil {
		ev.in.Quiet = true
	}
}

// started reads what a deep link brought: a button's payload, an invitation, or
// just a greeting.
func started(in *bot.Incoming, private bool) {
	if in.Text == greeting {
		in.Text = ""
	}
	if payload, ok := unpack(in.Text); ok && private {
		in.Kind, in.Command, in.Text, in.Payload = bot.Tapped, "", "", payload
	}
}

func tapped(ev *event, c *callback) {
	if !c.From.whole() || c.Message == nil || c.Data == "" || !c.Message.Chat.group() && c.Message.Chat.Kind != "private" {
		return
	}
	ev.chat, ev.query = c.Message.Chat.ID, c.ID
	ev.in = from(c.From, c.Message.Chat, bot.Tapped)
	ev.in.Payload = c.Data
	ev.in.Message = strconv.FormatInt(c.Message.ID, 10)
}

func moved(ev *event, m *membership) {
	ev.chat = m.Chat.ID
	before, after := m.Old.inside(), m.New.inside()
	switch {
	case m.From == nil || before == after:
	case m.Chat.Kind == "private" && before && m.From.whole():
		ev.in = from(m.From, m.Chat, bot.Gone)
		ev.in.Open = false
	case m.Chat.group() && before:
		ev.in = from(m.From, m.Chat, bot.Gone)
		if !m.From.whole() {
			ev.in.User, ev.in.Name, ev.in.Locale = bot.User{}, "", ""
		}
	case m.Chat.group() && m.From.whole():
		ev.stale = true
		ev.in = from(m.From, m.Chat, bot.Arrived)
	}
}
