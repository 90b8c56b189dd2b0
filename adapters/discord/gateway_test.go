package discord

import (
	"errors"
	"strings"
	"testing"
	"time"

	"evenfall/bot"
)

// TestFinal: close codes that cannot get better end Run with one clear line.
func TestFinal(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]string{
		4004: "EVENFALL_DISCORD_TOKEN", 4010: "shard", 4011: "too many servers", 4012: "version", 4013: "intents", 4014: "developer portal",
	} {
		r := newRig(t, nil)
		r.CloseIdentify(code)
		err := r.finalRun()
		if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%d ends with %q, want something about %q", code, err, want)
		}
		if n := r.Identifies(); n != 1 {
			t.Errorf("%d burnt %d identifies", code, n)
		}
	}
}

// TestWrongToken: a token that Discord does not know uses up no identify at all.
func TestWrongToken(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.a.rest.session.Token = "Bot wrong"
	if err := r.finalRun(); !errors.Is(err, ErrToken) {
		t.Errorf("ended with %v", err)
	}
	if n := r.Identifies(); n != 0 {
		t.Errorf("%d identifies were burnt", n)
	}
}

// TestResume: a connection that is lost is resumed, and what happened meanwhile is heard.
func TestResume(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(r *rig){
		"cut":       func(r *rig) { r.Drop() },
		"closed":    func(r *rig) { r.Close(4000) },
		"reconnect": func(r *rig) { r.Reconnect() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEar(nil)
			r := newRig(t, e.handle)
			r.run()
			r.DM(r.ana, "before")
			e.next(t)
			lose(r)
			r.DM(r.ana, "meanwhile")
			if in := e.next(t); in.Text != "meanwhile" {
				t.Errorf("heard %+v", in)
			}
			if r.Identifies() != 1 || r.Resumes() != 1 {
				t.Errorf("%d identifies and %d resumes, want 1 and 1", r.Identifies(), r.Resumes())
			}
		})
	}
}

// TestIdentifyAnew: a session that is gone is begun anew.
func TestIdentifyAnew(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(r *rig){
		"invalidated":         func(r *rig) { r.Invalidate() },
		"forgotten":           func(r *rig) { r.Forget(); r.Drop() },
		"invalid at first":    func(r *rig) { r.InvalidIdentify(1); r.Forget(); r.Drop() },
		"resume closed 4009?": func(r *rig) { r.CloseIdentify(4009); r.Forget(); r.Drop() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEar(nil)
			r := newRig(t, e.handle)
			r.run()
			r.DM(r.ana, "before")
			e.next(t)
			lose(r)
			// What is said into the gap is gone with the session: say it until it is heard.
			for end := time.Now().Add(time.Minute); len(e.more) == 0; time.Sleep(500 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatal("no new session ever heard anything")
				}
				r.DM(r.ana, "after")
			}
			if in := e.next(t); in.Text != "after" {
				t.Errorf("heard %+v", in)
			}
			if n := r.Identifies(); n < 2 || n > 3 {
				t.Errorf("%d identifies", n)
			}
		})
	}
}

// TestIdentifyStorm: when every identify is answered with "invalid session", discordgo
// would identify without end; the link breaks instead, and then it works.
func TestIdentifyStorm(t *testing.T) {
	t.Parallel()
	e := newEar(nil)
	r := newRig(t, e.handle)
	r.InvalidIdentify(30)
	pauses := make(chan struct{}, 100)
	r.a.pause = func(int) time.Duration { pauses <- struct{}{}; return time.Millisecond }
	r.run()
	r.DM(r.ana, "at last")
	e.next(t)
	if n := len(pauses); n < 2 {
		t.Errorf("30 identifies with %d pauses between them", n)
	}
}

// TestRation: the last identifies of a day are spread over what remains of it.
func TestRation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		left  int
		reset time.Duration
		want  time.Duration
	}{{1000, time.Hour, 0}, {100, time.Hour, 0}, {60, time.Hour, time.Minute}, {0, time.Hour, time.Hour}, {0, 0, 0}} {
		var g gateway
		g.Limit.Remaining, g.Limit.Reset = c.left, c.reset.Milliseconds()
		if got := g.pause(); got != c.want {
			t.Errorf("%d left for %s: pause %s, want %s", c.left, c.reset, got, c.want)
		}
	}
	r := newRig(t, newEar(nil).handle)
	r.Starts(1, 30*time.Millisecond, 1)
	r.run()
	if !strings.Contains(r.logs.String(), "few starts are left") {
		t.Error("nothing warns of the last start")
	}
}

// TestMute: a gateway that accepts and says nothing is left when Run is told to stop.
func TestMute(t *testing.T) {
	t.Parallel()
	r := newRig(t, newEar(nil).handle)
	r.Mute(1)
	stop, ended := r.start()
	r.AwaitConnection()
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("Run ended with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("Run hangs on a gateway that says nothing")
	}
}

// TestGone: channels and servers that the bot is put out of.
func TestGone(t *testing.T) {
	t.Parallel()
	e := newEar(nil)
	r := newRig(t, e.handle)
	other := r.Channel(r.home.ID)
	r.run()
	r.DM(r.ana, "ready")
	e.next(t)
	r.RemoveChannel(other)
	if in := e.next(t); in.Kind != bot.Gone || in.Chat.ID != other {
		t.Errorf("heard %+v", in)
	}
	r.Dispatch("GUILD_DELETE", map[string]any{"id": r.home.ID, "unavailable": true})
	r.Slash(r.ana, r.home.Channel, "menu", "")
	if in := e.next(t); in.Kind != bot.Called || in.Members != 2 {
		t.Errorf("in an outage of the server this was heard: %+v", in)
	}
	r.Kick(r.home.ID)
	if in := e.next(t); in.Kind != bot.Gone || in.Chat != r.room() {
		t.Errorf("heard %+v", in)
	}
}

// TestGoneMeanwhile: a server that the bot was put out of while it was away is forgotten.
func TestGoneMeanwhile(t *testing.T) {
	t.Parallel()
	e := newEar(nil)
	r := newRig(t, e.handle)
	other := r.Guild(r.ana)
	r.run()
	r.DM(r.ana, "ready")
	e.next(t)
	r.Forget()
	r.Kick(r.home.ID)
	r.Drop()
	r.Slash(r.ana, other.Channel, "menu", "")
	if in := e.next(t); in.Members != 1 {
		t.Errorf("heard %+v", in)
	}
	if n := r.a.guilds.people(r.home.ID, r.home.Channel, ""); n != 0 {
		t.Errorf("%d people in a server that is gone", n)
	}
}
