package web

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"evenfall/bot"
)

// keep is how many messages a chat remembers.
const keep = 200

// lanes are the chats of this network. Events of one are handled one after another.
var lanes = []string{Room.ID, "@ana", "@ben"}

func known(chat string) bool { return slices.Contains(lanes, chat) }

// chats is what the servers of a network would keep: the people, their chats as
// they see them, and the events that the house does not have yet.
type chats struct {
	file string

	mu       sync.Mutex
	kept     kept
	watchers map[chan update]bool
	bell     map[string]chan struct{} // rings when a lane has something to do
}

// kept is the content of the file.
type kept struct {
	People  []*person             `json:"people"`
	Chats   map[string][]*message `json:"chats"`
	Last    int64                 `json:"last"`    // the last number given to a message or an event
	Arrived bool                  `json:"arrived"` // the bot has been brought into the room
	Waiting []*event              `json:"waiting,omitempty"`
}

// person is the owner of a phone.
type person struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Locale string `json:"locale"`
}

// message is a message in a chat. From is "" for the bot's own.
type message struct {
	ID    string    `json:"id"`
	From  string    `json:"from,omitempty"`
	At    time.Time `json:"at"`
	Page  bot.Page  `json:"page"`
	Nonce string    `json:"nonce,omitempty"` // of the letter that made it, see post
}

// event is something a person did, until the house has it.
type event struct {
	ID int64        `json:"id"`
	In bot.Incoming `json:"in"`
}

// update is one thing that every open page is told.
type update struct {
	Kind    string   `json:"kind"` // "message", "gone", "person", "toast", "clock"
	Chat    string   `json:"chat,omitempty"`
	Message *message `json:"message,omitempty"`
	ID      string   `json:"id,omitempty"`
	Person  *person  `json:"person,omitempty"`
	Text    string   `json:"text,omitempty"`
	Now     string   `json:"now,omitempty"`
	Moving  bool     `json:"moving,omitempty"`
}

// post shows a letter, or rewrites or takes away the message it edits. A letter
// that was shown already (its answer got lost in a crash) is not shown twice.
func (c *chats) post(l bot.Letter, now time.Time) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := c.kept.Chats[l.Chat.ID]
	at := slices.IndexFunc(list, func(m *message) bool { return m.From == "" && m.ID == l.Edit })
	if l.Delete {
		return l.Edit, c.drop(l.Chat.ID, at)
	}
	page := clean(l.Page)
	if l.Edit != "" && at >= 0 {
		m := *list[at]
		m.Page = page
		return m.ID, c.put(l.Chat.ID, &m, at)
	}
	nonce := strconv.FormatInt(int64(l.Couple), 36) + "." + strconv.FormatInt(l.ID, 36) + "." + l.Flow + "." + strconv.Itoa(l.Round) + "." + l.Slot
	for _, m := range list {
		if l.ID != 0 && m.Nonce == nonce && samePage(m.Page, page) {
			return m.ID, nil
		}
	}
	c.kept.Last++
	m := &message{ID: strconv.FormatInt(c.kept.Last, 10), At: now, Page: page, Nonce: nonce}
	return m.ID, c.put(l.Chat.ID, m, -1)
}

// put adds a message, or replaces the one at a place, saves and tells. The caller holds mu.
func (c *chats) put(chat string, m *message, at int) error {
	before := c.kept.Chats[chat]
	list := slices.Clone(before)
	if at >= 0 {
		list[at] = m
	} else if list = append(list, m); len(list) > keep {
		list = list[len(list)-keep:]
	}
	c.kept.Chats[chat] = list
	if err := c.save(); err != nil {
		c.kept.Chats[chat] = before
		return err
	}
	c.tell(update{Kind: "message", Chat: chat, Message: m})
	return nil
}

// drop takes a message away. The caller holds mu.
func (c *chats) drop(chat string, at int) error {
	if at < 0 {
		return nil
	}
	before := c.kept.Chats[chat]
	c.kept.Chats[chat] = slices.Delete(slices.Clone(before), at, at+1)
	if err := c.save(); err != nil {
		c.kept.Chats[chat] = before
		return err
	}
	c.tell(update{Kind: "gone", Chat: chat, ID: before[at].ID})
	return nil
}

// directions are the characters that turn the direction of the text around them.
var directions = func() *strings.Replacer {
	var pairs []string
	for _, r := range "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069" {
		pairs = append(pairs, string(r), "")
	}
	return strings.NewReplacer(pairs...)
}()

// clean is the page without controls of direction, which could make words read as others.
func clean(p bot.Page) bot.Page {
	p.Title, p.Text = directions.Replace(p.Title), directions.Replace(p.Text)
	rows := make([][]bot.Key, len(p.Buttons))
	for i, row := range p.Buttons {
		rows[i] = slices.Clone(row)
		for j := range rows[i] {
			rows[i][j].Label = directions.Replace(rows[i][j].Label)
		}
	}
	p.Buttons = rows
	return p
}

func samePage(a, b bot.Page) bool {
	return a.Title == b.Title && a.Text == b.Text && reflect.DeepEqual(a.File, b.File) &&
		slices.EqualFunc(a.Buttons, b.Buttons, func(x, y []bot.Key) bool { return slices.Equal(x, y) })
}
