package discord

import (
	"encoding/json"
	"testing"
	"time"

	"evenfall/adapters/discord/discordtest"
)

const everyone, bots, theBot = "10", "17", "99"

func raw(v any) json.RawMessage {
	b, _ := json.Marshal(v)
	return b
}

// TestPeople: who can read a channel, as far as Discord tells. In doubt it counts everybody.
func TestPeople(t *testing.T) {
	t.Parallel()
	over := func(id string, kind int, allow, deny string) overwrite { return overwrite{id, kind, allow, deny} }
	closed := over(everyone, 0, "0", "1024")
	me := over(theBot, 1, "1024", "0")
	ana, ben := over("1", 1, "1024", "0"), over("2", 1, "3072", "0")
	for name, c := range map[string]struct {
		channel channel
		roles   []role
		count   int
		want    int
	}{
		"a server of two":          {channel{}, nil, 3, 2},
		"an open channel":          {channel{Overwrites: []overwrite{ana, ben}}, nil, 50, 49},
		"a closed channel":         {channel{Overwrites: []overwrite{closed, me, ana, ben}}, nil, 50, 2},
		"the owner sees it too":    {channel{Overwrites: []overwrite{closed, me, ben}}, nil, 50, 2},
		"one more member":          {channel{Overwrites: []overwrite{closed, me, ana, ben, over("3", 1, "1024", "0")}}, nil, 50, 3},
		"a member who may not":     {channel{Overwrites: []overwrite{closed, me, ana, ben, over("3", 1, "0", "1024")}}, nil, 50, 2},
		"the bot's own role":       {channel{Overwrites: []overwrite{closed, over(bots, 0, "1024", "0"), ana, ben}}, nil, 50, 2},
		"a role sees it":           {channel{Overwrites: []overwrite{closed, ana, ben, over("20", 0, "1024", "0")}}, nil, 50, 49},
		"administrators":           {channel{Overwrites: []overwrite{closed, me, ana, ben}}, []role{{ID: "20", Permissions: "8"}}, 50, 49},
		"number of members hidden": {channel{}, nil, 0, 0},
		"closed, number hidden":    {channel{Overwrites: []overwrite{closed, me, ana, ben}}, nil, 0, 2},
	} {
		g := newGuilds(time.Now)
		g.only(nil, theBot)
		own := role{ID: bots, Permissions: "8"}
		own.Tags.Bot = theBot
		c.channel.ID, c.channel.Guild = "5", everyone
		g.put(raw(map[string]any{"id": everyone, "owner_id": "1", "member_count": c.count,
			"roles": append(c.roles, own), "channels": []channel{c.channel}, "threads": []channel{{ID: "6", Parent: "5", Type: 11}}}))
		for _, id := range []string{"5", "6"} {
			if got := g.people(everyone, id, ""); got != c.want {
				t.Errorf("%s: %d people in %s, want %d", name, got, id, c.want)
			}
		}
		if got := g.people(everyone, "8", "5"); got != c.want {
			t.Errorf("%s: %d people in a thread that is new, want %d", name, got, c.want)
		}
		if got := g.people("11", "5", ""); got != 0 {
			t.Errorf("%d people in a server that is not known", got)
		}
	}
}

// TestPeopleChange: a role that becomes an administrator, and a channel that opens.
func TestPeopleChange(t *testing.T) {
	t.Parallel()
	e := newEar(nil)
	r := newRig(t, e.handle)
	r.Join(r.home.ID, 40)
	closed := r.Channel(r.home.ID, r.ana, r.ben)
	r.run()
	people := func() int {
		t.Helper()
		r.Slash(r.ana, closed, "menu", "")
		return e.next(t).Members
	}
	if got := people(); got != 2 {
		t.Errorf("%d people in the closed channel, want 2", got)
	}
	r.Dispatch("GUILD_ROLE_UPDATE", map[string]any{"guild_id": r.home.ID, "role": map[string]any{"id": "20", "permissions": "8"}})
	if got := people(); got != 42 {
		t.Errorf("%d people with administrators, want 42", got)
	}
	r.Dispatch("GUILD_ROLE_UPDATE", map[string]any{"guild_id": r.home.ID, "role": map[string]any{"id": "20", "permissions": "0"}})
	if got := people(); got != 2 {
		t.Errorf("%d people without administrators, want 2", got)
	}
	r.Dispatch("CHANNEL_UPDATE", map[string]any{"id": closed, "guild_id": r.home.ID, "type": 0, "permission_overwrites": []any{}})
	if got := people(); got != 42 {
		t.Errorf("%d people in the opened channel, want 42", got)
	}
}

// TestRecount: who joins is not told, so the number is asked for when it is old.
func TestRecount(t *testing.T) {
	t.Parallel()
	e := newEar(nil)
	r := newRig(t, e.handle)
	r.run()
	people := func() int {
		t.Helper()
		r.Slash(r.ana, r.home.Channel, "menu", "")
		return e.next(t).Members
	}
	people()
	r.Join(r.home.ID, 1)
	r.a.guilds.mu.Lock()
	r.a.guilds.m[r.home.ID].asked = time.Now().Add(-recountAfter)
	r.a.guilds.mu.Unlock()
	if got := people(); got != 3 {
		t.Errorf("%d people after one joined, want 3", got)
	}
	people()
	if n := len(r.Requests("GET /guilds/{guild_id}")); n != 1 {
		t.Errorf("asked %d times, want once", n)
	}
}

// TestCommands: the menu is set once, and not again when Discord has it already.
func TestCommands(t *testing.T) {
	t.Parallel()
	const put, list = "PUT /applications/{application_id}/commands", "GET /applications/{application_id}/commands"
	r := newRig(t, newEar(nil).handle)
	r.Fault(discordtest.Fault{Op: list, Status: 502, HTML: true})
	r.run()
	r.AwaitCommands()
	start := r.Commands()[0].(map[string]any)
	if start["name"] != "start" || len(start["options"].([]any)) != 1 || start["description_localizations"].(map[string]any)["es-419"] != "Empezar" {
		t.Errorf("the menu has %v", start)
	}
	if err := r.a.publishOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(r.Requests(put)); n != 1 {
		t.Errorf("the menu was set %d times, want once", n)
	}
	r.a.options.Commands[1].Description["es"] = "Otra cosa"
	if err := r.a.publishOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(r.Requests(put)); n != 2 {
		t.Errorf("a changed menu was set %d times in all, want twice", n)
	}
}
