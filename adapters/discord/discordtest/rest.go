package discordtest

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// route is an operation of the description with what the server does for it.
type route struct {
	op   string
	path *regexp.Regexp
	free bool // outside the global limit, and without the bot's token
	do   func(s *Server, w http.ResponseWriter, c call)
}

// call is one request: the ids in its path and its body.
type call struct {
	ids  []string
	body map[string]any
	raw  []byte
	file *File
	r    *http.Request
}

var routes = []route{
	at("GET /gateway", (*Server).gatewayURL),
	at("GET /gateway/bot", (*Server).gatewayBot),
	at("GET /applications/@me", (*Server).application),
	at("GET /users/@me/guilds", (*Server).myGuilds),
	at("GET /guilds/{guild_id}", (*Server).oneGuild),
	at("POST /users/@me/channels", (*Server).openDM),
	at("POST /channels/{channel_id}/messages", (*Server).createMessage),
	at("PATCH /channels/{channel_id}/messages/{message_id}", (*Server).editMessage),
	at("DELETE /channels/{channel_id}/messages/{message_id}", (*Server).deleteMessage),
	at("GET /applications/{application_id}/commands", (*Server).listCommands),
	at("PUT /applications/{application_id}/commands", (*Server).putCommands),
	outside(at("POST /interactions/{interaction_id}/{interaction_token}/callback", (*Server).callback)),
	outside(at("PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original", (*Server).editOriginal)),
	outside(at("DELETE /webhooks/{webhook_id}/{webhook_token}/messages/@original", (*Server).deleteOriginal)),
}

var inBraces = regexp.MustCompile(`\{\w+\}`)

func at(op string, do func(*Server, http.ResponseWriter, call)) route {
	_, path, _ := strings.Cut(op, " ")
	return route{op: op, path: regexp.MustCompile("^/api/v9" + inBraces.ReplaceAllString(path, `([\w-]+)`) + "$"), do: do}
}

func outside(r route) route {
	r.free = true
	return r
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/pretend-gateway/" {
		s.connect(w, r)
		return
	}
	for _, route := range routes {
		ids := route.path.FindStringSubmatch(r.URL.Path)
		if ids != nil && strings.HasPrefix(route.op, r.Method+" ") {
			s.handle(w, r, route, ids[1:])
			return
		}
	}
	s.t.Errorf("discordtest: nobody knows %s %s", r.Method, r.URL.Path)
	refuse(w, http.StatusNotFound, 0)
}

func (s *Server) handle(w http.ResponseWriter, r *http.Request, route route, ids []string) {
	raw, file, err := read(r)
	if err != nil {
		s.t.Errorf("discordtest: a form that cannot be read: %v", err)
	}
	if file != nil && route.op != "POST /channels/{channel_id}/messages" {
		s.t.Errorf("discordtest: a file on its way to %s", route.op)
	}
	s.mu.Lock()
	s.requests = append(s.requests, Request{Op: route.op, Path: r.URL.Path, Body: raw})
	s.news.Broadcast()
	crowd := !route.free && s.crowded()
	s.mu.Unlock()
	do := func(w http.ResponseWriter) {
		c := call{ids: ids, raw: raw, file: file, r: r}
		json.Unmarshal(raw, &c.body)
		s.mu.Lock()
		defer s.mu.Unlock()
		defer s.news.Broadcast()
		route.do(s, w, c)
	}
	if f := s.fault(route.op, r.URL.Path); f != nil {
		f.play(w, r, do)
		return
	}
	if !route.free && r.Header.Get("Authorization") != "Bot "+Token {
		refuse(w, http.StatusUnauthorized, 0)
		return
	}
	if crowd {
		s.t.Error("discordtest: over 50 requests in a second")
		tooMany(w, 1, false, true)
		return
	}
	if wrong := Check(route.op, r.URL.Query(), raw); len(wrong) > 0 {
		s.t.Errorf("discordtest: a bad request, %s: %s", route.op, strings.Join(wrong, "; "))
		refuse(w, http.StatusBadRequest, 50035)
		return
	}
	if !s.spend(w, route, r.URL.Path) {
		return
	}
	do(w)
}

// read is the JSON of a request, and the file that goes along.
func read(r *http.Request) (raw []byte, file *File, err error) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "multipart/form-data" {
		raw, _ = io.ReadAll(r.Body)
		return raw, nil, nil
	}
	if err := r.ParseMultipartForm(50 << 20); err != nil {
		return nil, nil, err
	}
	for name, files := range r.MultipartForm.File {
		if name != "files[0]" || len(files) != 1 || file != nil {
			return nil, nil, errors.New("a file called " + name)
		}
		from, err := files[0].Open()
		if err != nil {
			return nil, nil, err
		}
		defer from.Close()
		data, err := io.ReadAll(from)
		if err != nil {
			return nil, nil, err
		}
		file = &File{Name: files[0].Filename, Type: files[0].Header.Get("Content-Type"), Data: data}
	}
	return []byte(r.PostFormValue("payload_json")), file, nil
}

func (s *Server) application(w http.ResponseWriter, _ call) { reply(w, 200, s.app) }

func (s *Server) myGuilds(w http.ResponseWriter, c call) {
	limit, _ := strconv.Atoi(c.r.URL.Query().Get("limit"))
	after := c.r.URL.Query().Get("after")
	var ids []string
	for id := range s.guilds {
		if len(id) > len(after) || id > after {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	list := []any{}
	for _, id := range ids[:min(limit, len(ids))] {
		list = append(list, map[string]any{"id": id, "name": s.guilds[id].name, "permissions": s.guilds[id].permissions})
	}
	reply(w, 200, list)
}

func (s *Server) oneGuild(w http.ResponseWriter, c call) {
	g := s.guilds[c.ids[0]]
	if g == nil {
		refuse(w, http.StatusForbidden, 50001)
		return
	}
	reply(w, 200, map[string]any{"id": g.id, "approximate_member_count": g.count()})
}

func (s *Server) openDM(w http.ResponseWriter, c call) {
	user, _ := c.body["recipient_id"].(string)
	if _, ok := s.users[user]; !ok {
		refuse(w, http.StatusBadRequest, 50033)
		return
	}
	reply(w, 200, map[string]any{"id": s.nook(user).id, "type": 1})
}

// room is the channel of a call, or nil when the call was refused.
func (s *Server) room(w http.ResponseWriter, id string) *channel {
	c := s.channels[id]
	switch {
	case c == nil:
		refuse(w, http.StatusNotFound, 10003)
		return nil
	case c.closed:
		refuse(w, http.StatusForbidden, 50007)
		return nil
	}
	return c
}

func (s *Server) createMessage(w http.ResponseWriter, c call) {
	room := s.room(w, c.ids[0])
	if room == nil {
		return
	}
	if id := s.nonces[asText(c.body["nonce"])]; id != "" {
		reply(w, 200, map[string]any{"id": id, "channel_id": room.id})
		return
	}
	m := &Message{ID: s.nextID(), Channel: room.id}
	m.set(c.body)
	m.File = c.file
	room.messages = append(room.messages, m)
	s.nonces[asText(c.body["nonce"])] = m.ID
	reply(w, 200, map[string]any{"id": m.ID, "channel_id": room.id})
}

// set makes the message what a request says.
func (m *Message) set(body map[string]any) {
	m.raw = body
	m.Content = asText(body["content"])
	m.Title, m.Text = See(m.Content)
	m.Buttons = nil
	for _, row := range asList(body["components"]) {
		var line []Button
		for _, b := range asList(asMap(row)["components"]) {
			b := asMap(b)
			line = append(line, Button{asText(b["label"]), asText(b["custom_id"]), asText(b["url"])})
		}
		m.Buttons = append(m.Buttons, line)
	}
}

// message is a message of a call, or nil when the call was refused.
func (s *Server) message(w http.ResponseWriter, c call) *Message {
	room := s.room(w, c.ids[0])
	if room == nil {
		return nil
	}
	for _, m := range room.messages {
		if m.ID == c.ids[1] {
			return m
		}
	}
	refuse(w, http.StatusNotFound, 10008)
	return nil
}

func (s *Server) editMessage(w http.ResponseWriter, c call) {
	if m := s.message(w, c); m != nil {
		for _, kept := range []string{"content", "components"} {
			if _, ok := c.body[kept]; !ok { // what an edit does not name stays
				c.body[kept] = m.raw[kept]
			}
		}
		m.set(c.body)
		m.Edits++
		reply(w, 200, map[string]any{"id": m.ID})
	}
}

func (s *Server) deleteMessage(w http.ResponseWriter, c call) {
	if m := s.message(w, c); m != nil {
		room := s.channels[c.ids[0]]
		room.messages = slices.DeleteFunc(room.messages, func(o *Message) bool { return o == m })
		reply(w, http.StatusNoContent, nil)
	}
}

func (s *Server) listCommands(w http.ResponseWriter, _ call) {
	if s.commands == nil {
		reply(w, 200, []any{})
		return
	}
	reply(w, 200, s.commands)
}

// putCommands keeps the menu and adds what Discord adds when it is read again.
func (s *Server) putCommands(w http.ResponseWriter, c call) {
	var list []any
	json.Unmarshal(c.raw, &list)
	for _, item := range list {
		m := asMap(item)
		m["id"], m["application_id"], m["version"], m["nsfw"] = s.nextID(), s.App, s.nextID(), false
		m["name_localizations"], m["default_member_permissions"] = nil, nil
	}
	s.commands = list
	reply(w, 200, list)
}

// Op is the operation that a request is, as in Fault.Op; "" when there is none.
func Op(r *http.Request) string {
	for _, route := range routes {
		if strings.HasPrefix(route.op, r.Method+" ") && route.path.MatchString(r.URL.Path) {
			return route.op
		}
	}
	return ""
}

// Ops are all operations that the server knows.
func Ops() (ops []string) {
	for _, route := range routes {
		ops = append(ops, route.op)
	}
	return ops
}
