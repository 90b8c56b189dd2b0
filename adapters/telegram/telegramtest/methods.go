package telegramtest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// do carries out a request that passed the checks.
func (s *Server) do(r *http.Request, method string) answer {
	form := r.PostForm
	if method == "getUpdates" {
		return s.getUpdates(r.Context(), form)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.touch()
	switch method {
	case "getMe":
		return success(object{
			"id": BotID, "is_bot": true, "first_name": "Evenfall", "username": Username,
			"can_join_groups": !s.shy, "can_read_all_group_messages": s.nosy, "supports_inline_queries": false,
		})
	case "getWebhookInfo":
		return success(object{"url": s.webhook, "has_custom_certificate": false, "pending_update_count": len(s.queue)})
	case "deleteWebhook":
		s.webhook = ""
		return success(true)
	case "getMyCommands":
		if list, ok := s.menus[form.Get("language_code")]; ok {
			return success(list)
		}
		return success([]any{})
	case "setMyCommands":
		s.menus[form.Get("language_code")] = json.RawMessage(form.Get("commands"))
		return success(true)
	case "getChatMemberCount":
		c := s.chat(number(form, "chat_id"))
		if a, bad := s.reach(c, form); bad {
			return a
		}
		return success(len(c.members) + 1)
	case "answerCallbackQuery":
		return s.answerCallback(form)
	}
	return s.write(r, method, form)
}

// write is the four methods that change what a chat shows.
func (s *Server) write(r *http.Request, method string, form url.Values) answer {
	c := s.chat(number(form, "chat_id"))
	if a, bad := s.reach(c, form); bad {
		return a
	}
	if method == "deleteMessage" {
		return s.deleteMessage(c, form)
	}
	if s.rates != nil {
		if n := s.rates.wait(c.id, s.now()); n > 0 {
			a := failure(429, "Too Many Requests: retry after "+strconv.Itoa(n))
			a.Parameters = &parameters{RetryAfter: n}
			return a
		}
	}
	if method == "editMessageText" {
		return s.editMessage(c, form)
	}
	s.message++
	m := &Message{ID: strconv.Itoa(s.message), From: BotID, at: s.now()}
	m.set(form)
	if method == "sendDocument" {
		if m.File = attached(r); m.File == nil || len(m.File.Data) == 0 {
			return failure(400, "Bad Request: there is no document in the request")
		}
	}
	c.messages = append(c.messages, m)
	c.wrote = true
	return success(s.messageObject(c, m))
}

// reach refuses chats that the bot cannot write to.
func (s *Server) reach(c *chat, form url.Values) (answer, bool) {
	switch {
	case c == nil:
		return failure(400, "Bad Request: chat not found"), true
	case c.kind == "private" && s.person(c.id).blocked:
		return failure(403, "Forbidden: bot was blocked by the user"), true
	case c.kind == "private" && !s.person(c.id).open:
		return failure(403, "Forbidden: bot can't initiate conversation with a user"), true
	case c.moved != 0:
		a := failure(400, "Bad Request: group chat was upgraded to a supergroup chat")
		a.Parameters = &parameters{MigrateTo: c.moved}
		return a, true
	case c.kind != "private" && !c.bot:
		return failure(403, "Forbidden: bot was kicked from the "+c.kind+" chat"), true
	}
	return answer{}, false
}

func (s *Server) editMessage(c *chat, form url.Values) answer {
	m := c.find(form.Get("message_id"))
	if m == nil {
		return failure(400, "Bad Request: message to edit not found")
	}
	if m.From != BotID {
		return failure(400, "Bad Request: message can't be edited")
	}
	old := *m
	m.set(form)
	if m.same(old) {
		return failure(400, "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message")
	}
	m.Edits++
	return success(s.messageObject(c, m))
}

func (s *Server) deleteMessage(c *chat, form url.Values) answer {
	m := c.find(form.Get("message_id"))
	if m == nil {
		return failure(400, "Bad Request: message to delete not found")
	}
	if m.From != BotID || s.now().Sub(m.at) > 48*time.Hour {
		return failure(400, "Bad Request: message can't be deleted")
	}
	c.remove(m.ID)
	return success(true)
}

func (s *Server) answerCallback(form url.Values) answer {
	q, ok := s.queries[form.Get("callback_query_id")]
	if !ok || q.answered || s.now().Sub(q.at) > 10*time.Minute {
		return failure(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
	}
	q.answered, q.toast = true, form.Get("text")
	return success(true)
}

func number(form url.Values, name string) int64 {
	n, _ := strconv.ParseInt(form.Get(name), 10, 64)
	return n
}

func (c *chat) find(id string) *Message {
	for _, m := range c.messages {
		if m.ID == id {
			return m
		}
	}
	return nil
}

func (c *chat) remove(id string) {
	c.messages = slices.DeleteFunc(c.messages, func(m *Message) bool { return m.ID == id })
}

// Message is one message of a chat as people see it.
type Message struct {
	ID      string
	From    int64  // whose; BotID for the bot's
	Title   string // what is bold at the start
	Text    string // what follows it
	Buttons [][]Button
	File    *File // nil = none; else Title and Text stand under it
	Edits   int   // how often it was changed

	at   time.Time
	body string
}

// File is a document.
type File struct {
	Name, Type string
	Data       []byte
}

// Button is one button: it has Data or URL.
type Button struct {
	Label string `json:"text"`
	Data  string `json:"callback_data"`
	URL   string `json:"url"`
}

// set puts what a request says into the message, the way Telegram does: blank space
// at the ends is dropped.
func (m *Message) set(form url.Values) {
	text := form.Get("text") + form.Get("caption")
	var bold []struct{ Offset, Length int }
	_ = json.Unmarshal([]byte(form.Get("entities")+form.Get("caption_entities")), &bold)
	title := ""
	if len(bold) > 0 && bold[0].Offset == 0 {
		title = prefix(text, bold[0].Length)
	}
	m.body = text
	m.Title = strings.TrimSpace(title)
	m.Text = strings.TrimSpace(strings.TrimPrefix(text, title))
	var markup struct {
		Rows [][]Button `json:"inline_keyboard"`
	}
	_ = json.Unmarshal([]byte(form.Get("reply_markup")), &markup)
	m.Buttons = markup.Rows
}

// prefix is the first n UTF-16 units of s.
func prefix(s string, n int) string {
	for i := range s {
		if units(s[:i]) >= n {
			return s[:i]
		}
	}
	return s
}

func (m *Message) same(old Message) bool {
	return m.body == old.body && m.Title == old.Title &&
		slices.EqualFunc(m.Buttons, old.Buttons, slices.Equal[[]Button])
}
