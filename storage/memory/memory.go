// Package memory is a bot.Store that forgets everything when the process ends: for
// tests, and the plainest statement of what the contract means. One lock, maps,
// and copies of whatever goes in or out.
package memory

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"evenfall/bot"
	"evenfall/rituals"
)

var errClosed = errors.New("memory: the store is closed")

// Store is a bot.Store in memory.
type Store struct {
	mu      sync.Mutex
	closed  bool
	couples int64 // the last number given to a couple
	last    int64 // the last number given to a letter
	houses  map[bot.CoupleID]*house
	users   map[bot.User]bot.CoupleID
	rooms   map[bot.Chat]bot.CoupleID
	letters []bot.Letter // by ID
	seen    map[event]time.Time
	beat    time.Time
	away    []bot.Span
}

type event struct{ network, id string }

// house is everything kept about one couple.
type house struct {
	couple  []byte // JSON, so that nobody shares its maps
	states  map[string]bot.State
	days    map[rituals.Date]rituals.Mark
	entries map[line]bot.Entry
	posted  map[place]post
	invite  *bot.Invite
}

type line struct {
	date rituals.Date
	kind string
	who  bot.Who
}

type place struct {
	flow, slot string
	chat       bot.Chat
}

type post struct {
	round   int
	message string
}

// New is an empty store.
func New() *Store {
	return &Store{
		houses: map[bot.CoupleID]*house{},
		users:  map[bot.User]bot.CoupleID{},
		rooms:  map[bot.Chat]bot.CoupleID{},
		seen:   map[event]time.Time{},
	}
}

// Find is bot.Store's.
func (s *Store) Find(ctx context.Context, u bot.User, c bot.Chat, invite []byte, now time.Time) (bot.Found, error) {
	unlock, err := s.lock(ctx)
	if err != nil {
		return bot.Found{}, err
	}
	defer unlock()
	f := bot.Found{ByUser: s.users[u], ByChat: s.rooms[c]}
	if invite != nil {
		for id, h := range s.houses {
			if h.invite != nil && bytes.Equal(h.invite.Hash, invite) && h.invite.Expires.Unix() > now.Unix() {
				f.ByInvite = id
			}
		}
	}
	return f, nil
}

// Close is bot.Store's.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

// Reopen is the store as the next process finds it.
func (s *Store) Reopen() *Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = false
	return s
}

// lock takes the store, unless it is closed or ctx has ended.
func (s *Store) lock(ctx context.Context) (unlock func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, errClosed
	}
	return s.mu.Unlock, nil
}

// freeze and thaw copy a value through JSON, as a database would.
func freeze(v any) ([]byte, error) { return json.Marshal(v) }

func thaw(data []byte, id bot.CoupleID) (bot.Couple, error) {
	var c bot.Couple
	err := json.Unmarshal(data, &c)
	c.ID = id
	return c, err
}

func copyLetter(l bot.Letter) bot.Letter {
	rows := make([][]bot.Key, len(l.Page.Buttons))
	for i, row := range l.Page.Buttons {
		rows[i] = append([]bot.Key(nil), row...)
	}
	if l.Page.Buttons != nil {
		l.Page.Buttons = rows
	}
	return l
}
