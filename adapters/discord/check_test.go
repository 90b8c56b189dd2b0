package discord

import (
	"strings"
	"testing"
	"time"
)

// report is the doctor's report, one line each: "ok" or "!!", and what to do.
func report(r *rig) string {
	var b strings.Builder
	for _, f := range r.a.Check(r.t.Context()) {
		mark := "!! "
		if f.OK {
			mark = "ok "
		}
		if f.OK != (f.Fix == "") {
			r.t.Errorf("what is not well needs a fix, and only that: %+v", f)
		}
		b.WriteString(mark + f.Line + " | " + f.Fix + "\n")
	}
	return b.String()
}

func TestCheck(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	if got := report(r); strings.Contains(got, "!!") || !strings.Contains(got, `the bot is "Evenfall"`) || !strings.Contains(got, "in 1 server(s)") {
		t.Errorf("all is well, and the report says\n%s", got)
	}
	r.Permissions(r.home.ID, "1024")
	r.Application("flags", 1<<19|1<<14)
	r.Application("interactions_endpoint_url", "https://example.org")
	r.Application("bot_require_code_grant", true)
	r.Starts(3, time.Hour, 2)
	got := report(r)
	for _, want := range []string{
		`!! in the server "home" the bot lacks: Send Messages, Send Messages in Threads, Embed Links, Attach Files, Read Message History`,
		"client_id=" + r.App + "&permissions=274878024704&scope=bot+applications.commands",
		"!! the bot may do more than it needs: Message Content, Server Members Intent",
		"!! buttons and commands are sent to a web address",
		"!! the bot cannot be invited",
		"!! only 3 starts are left",
		"!! the bot is in too many servers for one connection",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the report lacks %q:\n%s", want, got)
		}
	}
	r.Permissions(r.home.ID, "8")
	if got := report(r); strings.Contains(got, "lacks") {
		t.Errorf("an administrator lacks something:\n%s", got)
	}
	for range 2*serversMost - 1 {
		r.Guild(r.ana)
	}
	if got := report(r); !strings.Contains(got, "in 400 server(s)") {
		t.Errorf("of 400 servers the report says\n%s", got)
	}
	r.a.rest.session.Token = "Bot wrong"
	if got := report(r); strings.Count(got, "\n") != 1 || !strings.Contains(got, "!! Discord does not accept the token") {
		t.Errorf("a wrong token gives\n%s", got)
	}
}

func TestCheckNoServer(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.Kick(r.home.ID)
	if got := report(r); !strings.Contains(got, "!! the bot is in no server yet | open this") {
		t.Errorf("the report says\n%s", got)
	}
	a, err := New(Options{Token: "t", API: "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	if got := a.Check(t.Context()); len(got) != 1 || got[0].OK || strings.Contains(got[0].Line, "\n") {
		t.Errorf("nobody there gives %+v", got)
	}
}
