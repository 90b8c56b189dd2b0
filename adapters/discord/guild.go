package discord

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/bwmarrin/discordgo"
)

// Bits of permissions.
const (
	administrator = 1 << 3
	viewChannel   = 1 << 10
)

// recountAfter is how old the number of a server's members may get.
const recountAfter = 5 * time.Minute

// guilds knows of each server only what it takes to count who can read a channel.
type guilds struct {
	mu   sync.Mutex
	self string
	now  func() time.Time
	m    map[string]*guild
}

type guild struct {
	count    int // members, the bot among them; 0 = not known
	asked    time.Time
	owner    string
	roles    map[string]role
	channels map[string]channel
}

type role struct {
	ID          string `json:"id"`
	Permissions string `json:"permissions"`
	Tags        struct {
		Bot string `json:"bot_id"`
	} `json:"tags"`
}

type channel struct {
	ID         string      `json:"id"`
	Guild      string      `json:"guild_id"`
	Parent     string      `json:"parent_id"`
	Type       int         `json:"type"`
	Overwrites []overwrite `json:"permission_overwrites"`
}

type overwrite struct {
	ID    string `json:"id"`
	Type  int    `json:"type"` // 0 = a role, 1 = a member
	Allow string `json:"allow"`
	Deny  string `json:"deny"`
}

func has(bits string, bit uint64) bool {
	n, err := strconv.ParseUint(bits, 10, 64)
	return err == nil && n&bit != 0
}

func newGuilds(now func() time.Time) *guilds { return &guilds{now: now, m: map[string]*guild{}} }

// only forgets the servers that READY does not name.
func (g *guilds) only(ids []string, self string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.self = self
	keep := map[string]*guild{}
	for _, id := range ids {
		if old := g.m[id]; old != nil {
			keep[id] = old
		}
	}
	g.m = keep
}

// put takes a GUILD_CREATE, or a GUILD_UPDATE, which has no channels and no number of members.
func (g *guilds) put(raw json.RawMessage) {
	var in struct {
		ID          string    `json:"id"`
		Unavailable bool      `json:"unavailable"`
		Count       int       `json:"member_count"`
		Owner       string    `json:"owner_id"`
		Roles       []role    `json:"roles"`
		Channels    []channel `json:"channels"`
		Threads     []channel `json:"threads"`
	}
	if json.Unmarshal(raw, &in) != nil || in.ID == "" || in.Unavailable {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.m[in.ID]
	if s == nil {
		s = &guild{channels: map[string]channel{}}
		g.m[in.ID] = s
	}
	s.owner, s.roles = in.Owner, map[string]role{}
	for _, r := range in.Roles {
		s.roles[r.ID] = r
	}
	if in.Count > 0 {
		s.count, s.asked = in.Count, g.now()
	}
	for _, c := range append(in.Channels, in.Threads...) {
		s.channels[c.ID] = c
	}
}

func (g *guilds) putRole(raw json.RawMessage) {
	var in struct {
		Guild string `json:"guild_id"`
		Role  role   `json:"role"`
	}
	if json.Unmarshal(raw, &in) != nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if s := g.m[in.Guild]; s != nil {
		s.roles[in.Role.ID] = in.Role
	}
}

func (g *guilds) putChannel(raw json.RawMessage) {
	var c channel
	if json.Unmarshal(raw, &c) != nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if s := g.m[c.Guild]; s != nil {
		s.channels[c.ID] = c
	}
}

// drop forgets a server and names its channels.
func (g *guilds) drop(id string) []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var ids []string
	if s := g.m[id]; s != nil {
		for channel := range s.channels {
			ids = append(ids, channel)
		}
	}
	delete(g.m, id)
	return ids
}

func (g *guilds) dropChannel(id, channel string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if s := g.m[id]; s != nil {
		delete(s.channels, channel)
	}
}

// people is how many besides the bot can read a channel, 0 when that cannot be told.
// parent is the channel that a thread hangs on.
func (g *guilds) people(id, channel, parent string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.m[id]
	if s == nil {
		return 0
	}
	all := max(0, s.count-1)
	c, ok := s.channels[channel]
	if isThread(c.Type) {
		parent = c.Parent
	}
	if p, hangs := s.channels[parent]; hangs && (!ok || isThread(c.Type)) {
		c = p
	}
	if n := g.invited(s, id, c); n > 0 && (all == 0 || n < all) {
		return n
	}
	return all
}

func isThread(kind int) bool { return kind >= 10 && kind <= 12 }

// invited counts the members of a channel that is closed to everyone else. It is 0
// when the channel is open, or when a role decides whose members nobody can count.
func (g *guilds) invited(s *guild, id string, c channel) int {
	people := map[string]bool{s.owner: true}
	closed := false
	for _, r := range s.roles {
		if has(r.Permissions, administrator) && r.Tags.Bot != g.self {
			return 0
		}
	}
	for _, o := range c.Overwrites {
		switch sees := has(o.Allow, viewChannel); {
		case o.Type == 0 && o.ID == id:
			closed = has(o.Deny, viewChannel)
		case o.Type == 0 && sees && s.roles[o.ID].Tags.Bot != g.self:
			return 0
		case o.Type == 1 && sees && o.ID != g.self:
			people[o.ID] = true
		}
	}
	if !closed {
		return 0
	}
	return len(people)
}

// stale reports whether the number of members has to be asked for, and takes the task.
func (g *guilds) stale(id string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.m[id]
	if s == nil || g.now().Sub(s.asked) < recountAfter {
		return false
	}
	s.asked = g.now()
	return true
}

// recount asks how many members a server has. Without an answer the last number stays.
func (a *Adapter) recount(ctx context.Context, id string) {
	raw, err := a.rest.call(ctx, http.MethodGet, discordgo.EndpointGuild(id)+"?with_counts=true", "guild "+id, nil)
	var in struct {
		Count int `json:"approximate_member_count"`
	}
	if err != nil || json.Unmarshal(raw, &in) != nil || in.Count == 0 {
		a.counts.add("recounts failed")
		return
	}
	a.guilds.mu.Lock()
	defer a.guilds.mu.Unlock()
	if s := a.guilds.m[id]; s != nil {
		s.count = in.Count
	}
}
