package telegram_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"evenfall/adapters/telegram"
	"evenfall/adapters/telegram/telegramtest"
	"evenfall/bot"
)

// What the core could not keep stays with Telegram, and the next process gets it.
func TestUnkeptStays(t *testing.T) {
	s := play(t)
	var tries atomic.Int32
	failed := make(chan struct{})
	s.answer = func(_ context.Context, in bot.Incoming) (bot.Answer, error) {
		if in.Text == "keep me" {
			if tries.Add(1) == 2 {
				close(failed)
			}
			return bot.Answer{}, errors.New("the disk is full")
		}
		return bot.Answer{}, nil
	}
	s.Server.Say(ben, ben, "one")
	s.Server.Say(ana, ana, "keep me")
	s.Server.Say(ben, ben, "two")
	s.Server.Say(ana, ana, "and me")
	stop := s.run()
	<-failed
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if n := s.Waiting(); n != 3 {
		t.Errorf("Telegram keeps %d updates, want 3: from the first that was not kept", n)
	}
	s.answer = nil
	for len(s.heard) > 0 {
		<-s.heard
	}
	s.run()
	got := map[string]int{}
	var ana []string
	for range 3 {
		in := s.next()
		got[in.Text]++
		if in.User == user(1001) {
			ana = append(ana, in.Text)
		}
	}
	if got["keep me"] != 1 || got["and me"] != 1 || got["two"] != 1 || ana[0] != "keep me" {
		t.Errorf("the next process heard %v, Ana's in the order %v", got, ana)
	}
	if !s.Drained() {
		t.Error("not everything was confirmed")
	}
}

// Telegram is not told that an update was received before it is kept.
func TestConfirmedAfterKept(t *testing.T) {
	s := play(t)
	begun, end := make(chan bool, 10), make(chan bool)
	s.answer = func(ctx context.Context, in bot.Incoming) (bot.Answer, error) {
		begun <- true
		<-end
		return bot.Answer{Toast: "kept"}, nil
	}
	id := s.post(nook(ana), bot.Page{Text: "x", Buttons: [][]bot.Key{{{Label: "a", Payload: "a/1/a"}}}})
	query := s.Press(ana, ana, id, "a/1/a")
	s.run()
	<-begun
	s.Server.Say(ben, ben, "later") // is fetched while the tap is being kept
	<-begun
	if n := s.Waiting(); n != 2 {
		t.Errorf("Telegram keeps %d updates, want both", n)
	}
	if _, ticked := s.Toast(query); ticked || s.Calls("answerCallbackQuery") > 0 {
		t.Error("the tap was ticked before it was kept")
	}
	close(end)
	s.next()
	s.next()
	if !s.Drained() {
		t.Error("what was kept was never confirmed")
	}
}

// What is in the core's hands when the program stops is finished, ticked and confirmed.
func TestStopFinishes(t *testing.T) {
	s := play(t)
	begun, end := make(chan bool, 1), make(chan bool)
	s.answer = func(ctx context.Context, _ bot.Incoming) (bot.Answer, error) {
		begun <- true
		<-end
		return bot.Answer{Toast: "kept"}, ctx.Err()
	}
	query := s.Press(ana, room, "1", "a/1/a")
	stop := s.run()
	<-begun
	time.AfterFunc(50*time.Millisecond, func() { close(end) })
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if toast, ok := s.Toast(query); !ok || toast != "kept" || s.Waiting() != 0 {
		t.Errorf("toast %q, ticked %v, %d waiting", toast, ok, s.Waiting())
	}
}

func TestDuplicatesAndDisorder(t *testing.T) {
	s := play(t)
	s.Reverse()
	for i := range 50 {
		s.Server.Say(ana, ana, fmt.Sprint(i))
	}
	s.run()
	for i := range 50 {
		if in := s.next(); in.Text != fmt.Sprint(i) {
			t.Fatalf("heard %q, want %d", in.Text, i)
		}
	}
	if !s.Drained() {
		t.Fatal("not everything was confirmed")
	}
	s.Repeat()
	s.Server.Say(ana, ana, "after")
	if in := s.next(); in.Text != "after" {
		t.Errorf("heard %q again", in.Text)
	}
	if !s.Drained() {
		t.Fatal("not everything was confirmed")
	}
	// After an idle week Telegram numbers its updates anew, lower perhaps.
	s.Renumber(1000)
	for i := range 250 {
		s.Server.Say(ana, ana, fmt.Sprint("new ", i))
	}
	for i := range 250 {
		if in := s.next(); in.Text != fmt.Sprint("new ", i) {
			t.Fatalf("heard %q, want new %d", in.Text, i)
		}
	}
	if !s.Drained() {
		t.Error("not everything was confirmed")
	}
}

func TestTaps(t *testing.T) {
	s := play(t)
	old := s.Press(ana, room, "1", "a/1/old")
	s.Advance(151 * time.Second)
	s.answer = func(_ context.Context, in bot.Incoming) (bot.Answer, error) {
		if in.Payload == "a/1/slow" {
			s.Advance(11 * time.Minute) // too late to be ticked, but kept
		}
		return bot.Answer{Toast: fmt.Sprintf("%0300d", 7) + "😊"}, nil
	}
	stop := s.run()
	s.Fail("answerCallbackQuery", 0, telegramtest.BadGateway(), 1)
	s.Fail("answerCallbackQuery", 0, telegramtest.Lost(), 1)
	query := s.Press(ben, room, "1", "a/1/new")
	if in := s.next(); in.Payload != "a/1/new" || in.Message != "1" {
		t.Errorf("heard %+v", in)
	}
	if !s.Drained() {
		t.Error("not confirmed")
	}
	if !s.Await(func() bool { _, ok := s.Toast(query); return ok }) {
		t.Fatal("the tap was never ticked")
	}
	s.Press(ben, room, "1", "a/1/slow")
	s.next()
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if toast, ok := s.Toast(query); !ok || len(toast) > 203 {
		t.Errorf("the toast has %d bytes", len(toast))
	}
	if n := s.Calls("answerCallbackQuery"); n != 4 {
		t.Errorf("ticked %d times, want twice in vain, once, and once too late", n)
	}
	if _, ok := s.Toast(old); ok {
		t.Error("a tap that Telegram had dropped was ticked")
	}
	if n := s.adapter.Counts().Unticked; n != 0 {
		t.Errorf("%d taps count as unticked; too old is no failure", n)
	}
}

// A chat whose event can never be kept does not stop everybody else for good.
func TestPoison(t *testing.T) {
	s := play(t)
	telegram.Hurry(s.adapter)
	s.answer = func(_ context.Context, in bot.Incoming) (bot.Answer, error) {
		if in.Text == "poison" {
			panic("a bug")
		}
		return bot.Answer{}, nil
	}
	s.Server.Say(ana, ana, "poison")
	for i := range 250 {
		s.Server.Say(ben, ben, fmt.Sprint(i))
	}
	s.run()
	for i := range 250 {
		if in := s.next(); in.Text != fmt.Sprint(i) {
			t.Fatalf("heard %q, want %d", in.Text, i)
		}
	}
	if c := s.adapter.Counts(); c.Dropped != 1 || c.Received != 250 {
		t.Errorf("counts %+v, want one given up and 250 received", c)
	}
}

// When nothing can be kept, nothing is given up.
func TestFullDisk(t *testing.T) {
	s := play(t)
	telegram.Hurry(s.adapter)
	var tries atomic.Int32
	s.answer = func(context.Context, bot.Incoming) (bot.Answer, error) {
		if tries.Add(1) < 1100 {
			return bot.Answer{}, errors.New("the disk is full")
		}
		return bot.Answer{}, nil
	}
	for i := range int64(120) {
		s.Server.Say(5000+i, 5000+i, "hello")
	}
	s.run()
	for range 120 {
		s.next()
	}
	if c := s.adapter.Counts(); c.Dropped != 0 || !s.Drained() {
		t.Errorf("counts %+v", c)
	}
}

func TestCounts(t *testing.T) {
	s := play(t)
	s.Noise()
	s.run()
	s.Server.Say(ana, ana, "after")
	s.next()
	if !s.Drained() {
		t.Error("noise was not confirmed")
	}
	c := s.adapter.Counts()
	if c.Broken != 2 || c.Received != 1 || c.Ignored != int64(len(noise))-2+1 {
		t.Errorf("counts %+v of %d", c, len(noise))
	}
}
