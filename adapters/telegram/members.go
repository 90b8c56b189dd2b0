package telegram

import (
	"context"
	"sync"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

const (
	memberLife = time.Hour // joins while the bot was away are noticed after this
	memberTime = 3 * time.Second
	memberRoom = 100_000 // chats remembered
)

// members remembers how many people are in a group. Telegram tells of people who
// come and go, so one question for each group and hour is enough.
type members struct {
	mu    sync.Mutex
	chats map[int64]counted
}

type counted struct {
	people int
	at     time.Time
}

func newMembers() *members { return &members{chats: map[int64]counted{}} }

func (m *members) forget(chat int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.chats, chat)
}

func (m *members) known(chat int64) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c, ok := m.chats[chat]; ok && time.Since(c.at) < memberLife {
		return c.people
	}
	return 0
}

func (m *members) learn(chat int64, people int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.chats) >= memberRoom {
		clear(m.chats)
	}
	m.chats[chat] = counted{people, time.Now()}
}

// people counts who is in a group besides the bot; 0 = Telegram did not say.
func (a *Adapter) people(ctx context.Context, chat int64) int {
	if n := a.members.known(chat); n > 0 {
		return n
	}
	id := place(chat).ID
	var n int
	err := a.wire.callFor(ctx, min(memberTime, a.wire.most), "getChatMemberCount", tgbotapi.Params{"chat_id": id}, &n)
	if err != nil || n < 2 {
		return 0
	}
	a.members.learn(chat, n-1)
	return n - 1
}
