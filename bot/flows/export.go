package flows

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"evenfall/bot"
	"evenfall/rituals"
)

// Export gives a partner a copy to take along, in their nook only: all that is theirs, what was
// revealed to them, and nothing else of the other's. It comes as one page to read and as
// JSON for programs, see takeaway.
var Export = bot.Flow[bystander, *bystander]{
	Name:     "export",
	Commands: []string{"export"},
	Step:     export,
}

func export(sc bot.Scene, s bystander, ev bot.Event) (bystander, bot.Reply) {
	var r bot.Reply
	here := bot.Message{Lines: []bot.Text{bot.T("export.text"), bot.T("export.page")}}
	switch {
	case ev.Kind != bot.Called:
		return s, bot.Reply{Ack: bot.T("stale")}
	case !ev.Private() && !sc.Partner(ev.Who).Open:
		r.Say(bot.Only(ev.Who), "", here) // nothing but the way to the nook is said
		return s, r
	case !sc.Loaded:
		return s, bot.Reply{Want: bot.Want{Days: true, Own: ev.Who}}
	case !ev.Private():
		r.Ack = bot.T("export.there")
	}
	name := "evenfall-" + rituals.DateOf(ev.At).String()
	t := takeawayOf(sc, ev)
	here.File = &bot.File{Name: name + ".html", Type: "text/html", Data: t.page(sc, ev)}
	r.Say(bot.Only(ev.Who), "", here)
	r.Say(bot.Only(ev.Who), "", bot.Message{
		Lines: []bot.Text{bot.T("export.json")},
		File:  &bot.File{Name: name + ".json", Type: "application/json", Data: t.json()},
	})
	return s, r
}

// takeaway is the JSON file. Version grows when the meaning of a field changes or one goes;
// new ones may come at any time.
type takeaway struct {
	Format   string   `json:"format"` // "evenfall"
	Version  int      `json:"version"`
	Made     string   `json:"made"` // RFC 3339
	You      you      `json:"you"`
	Together together `json:"together"`
	Streak   streak   `json:"streak"`
	Evenings []night  `json:"evenings"` // by date
	Entries  []line   `json:"entries"`  // by date
}

type you struct {
	Network  string   `json:"network"`
	ID       string   `json:"id"` // the network's own
	Name     string   `json:"name,omitempty"`
	Language string   `json:"language"`
	Zone     string   `json:"zone"` // IANA name
	Country  string   `json:"country,omitempty"`
	Off      []string `json:"off"` // kinds of prompts that are switched off
	Rest     string   `json:"rest_until,omitempty"`
	Hide     bool     `json:"hides_streak"`
}

type together struct {
	Types    []string `json:"types"`
	Evening  string   `json:"evening"` // on the clocks of the zone, "20:00"
	Free     []string `json:"free"`    // days of the week without an evening
	Zone     string   `json:"zone"`
	Language string   `json:"language"`
	Rest     string   `json:"rest_until,omitempty"`
}

type streak struct {
	Now     int `json:"now"`
	Best    int `json:"best"`
	Total   int `json:"total"`
	Candles int `json:"candles"`
}

type night struct {
	Date string `json:"date"` // the evening's, "2026-03-02"
	Mark string `json:"mark"` // "together", "neutral" or "missed"
}

// line is one entry. Moods, pressure ("load") and closeness ("close") are from 1 to 5, replies
// ("heart") from 1 to 3; a note is words.
type line struct {
	Date     string `json:"date"`
	Kind     string `json:"kind"`
	Whose    string `json:"whose"` // "mine", "partner" or "both"
	Value    string `json:"value"`
	Revealed bool   `json:"revealed"`
}

// takeawayOf gathers what is the asker's.
func takeawayOf(sc bot.Scene, ev bot.Event) takeaway {
	p, all := sc.Partner(ev.Who), rituals.Fold(sc.Days)
	t := takeaway{
		Format: "evenfall", Version: 1, Made: ev.At.Format(time.RFC3339),
		You: you{Network: p.User.Network, ID: p.User.ID, Name: p.Name, Language: sc.Tongue(ev.Who), Zone: sc.Location(ev.Who).String(),
			Country: p.Country, Off: []string{}, Rest: until(p.Rest), Hide: p.Hide},
		Together: together{Types: append([]string{}, sc.Types...), Evening: sc.Evening.String(), Free: []string{},
			Zone: sc.Zone, Language: sc.Tongue(bot.Nobody), Rest: until(sc.Rest)},
		Streak:   streak{all.Now, all.Best, all.Total, all.Candles},
		Evenings: []night{}, Entries: []line{},
	}
	for kind, off := range p.Off {
		if off {
			t.You.Off = append(t.You.Off, kind)
		}
	}
	slices.Sort(t.You.Off)
	for d := time.Sunday; d <= time.Saturday; d++ {
		if sc.Free.Has(d) {
			t.Together.Free = append(t.Together.Free, strings.ToLower(d.String()))
		}
	}
	for _, d := range sc.Days {
		t.Evenings = append(t.Evenings, night{d.Date.String(), marks[d.Mark]})
	}
	for _, e := range sc.Entries {
		whose := "mine"
		switch {
		case e.Who == bot.Both:
			whose = "both"
		case e.Who != ev.Who && !e.Shared:
			continue // the store gives none; should it ever, it ends here
		case e.Who != ev.Who:
			whose = "partner"
		}
		t.Entries = append(t.Entries, line{e.Date.String(), e.Kind, whose, e.Value, e.Shared})
	}
	slices.SortStableFunc(t.Entries, func(a, b line) int { return strings.Compare(a.Date, b.Date) })
	return t
}

var marks = map[rituals.Mark]string{rituals.Together: "together", rituals.Neutral: "neutral", rituals.Missed: "missed"}

func until(d rituals.Date) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// json is the file for programs. What turns the direction of a text is written as an escape.
func (t takeaway) json() []byte {
	text, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		panic(err) // plain data always can be
	}
	var out bytes.Buffer
	for _, r := range string(append(text, '\n')) {
		if unicode.Is(unicode.Bidi_Control, r) {
			out.WriteString(`\u` + strconv.FormatInt(0x10000+int64(r), 16)[1:])
		} else {
			out.WriteRune(r)
		}
	}
	return out.Bytes()
}

//go:embed export.html
var exportPage string

var exportTemplate = template.Must(template.New("export").Parse(exportPage))
