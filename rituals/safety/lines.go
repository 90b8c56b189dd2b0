package safety

import (
	"fmt"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	library "evenfall/rituals/library/safety"
)

// finder lists help lines all over the world.
const finder = "findahelpline.com"

// Lines are the numbers to show a person. A name or number that nobody has verified
// is empty, and its web address is then the finder's.
type Lines struct {
	Emergency                                 string // several are parted by " / "; "" = not known
	CrisisName, CrisisNumber, CrisisWeb       string
	ViolenceName, ViolenceNumber, ViolenceWeb string
	Checked                                   string // year and month of the last check, "2026-08"; "" = nothing here was checked
}

// line is one help line as the file has it.
type line struct{ Name, Number, Web, Check string }

// verified reports whether somebody read the number at its source.
func (l line) verified() bool {
	return strings.ContainsAny(l.Check, "OP") && !strings.Contains(l.Check, "!") && (l.Number != "" || l.Web != "")
}

// shown is what of the line may be shown.
func (l line) shown() (name, number, web string) {
	switch {
	case !l.verified():
		return "", "", finder
	case l.Name == l.Number:
		return "", l.Number, l.Web
	}
	return l.Name, l.Number, l.Web
}

type country struct {
	Emergency        string
	Crisis, Violence line
}

type atlas struct {
	Checked   string
	Countries map[string]country
}

var lines = sync.OnceValue(func() atlas {
	var a atlas
	data, err := library.Files.ReadFile("lines.yaml")
	if err == nil {
		err = yaml.Unmarshal(data, &a)
	}
	if err != nil {
		panic(fmt.Errorf("safety: lines.yaml: %w", err)) // the file is part of the program, and tested
	}
	return a
})

// LinesFor is what to show somebody in a country (ISO 3166 alpha-2). An unknown
// country has no numbers at all, only the finder.
func LinesFor(code string) Lines {
	a := lines()
	c := a.Countries[strings.ToUpper(code)]
	l := Lines{Emergency: c.Emergency}
	l.CrisisName, l.CrisisNumber, l.CrisisWeb = c.Crisis.shown()
	l.ViolenceName, l.ViolenceNumber, l.ViolenceWeb = c.Violence.shown()
	if c.Crisis.verified() || c.Violence.verified() {
		l.Checked = a.Checked
	}
	return l
}

// Args are the arguments of a page's words: Emergency, Crisis and Violence as
// phrases that read well whether or not a number is known, Checked, and the plain
// fields. Say puts a key of the catalogue into the person's language.
func (l Lines) Args(say func(key string, args map[string]any) string) map[string]any {
	phrase := func(name, number, web string) string {
		if number == "" && web == finder {
			return say("safety.line.finder", nil)
		}
		parts := map[string]any{"Name": name, "Number": number, "Web": web}
		if number == "" {
			return say("safety.line.site", parts)
		}
		return say("safety.line.known", parts)
	}
	emergency := l.Emergency
	if emergency == "" {
		emergency = say("safety.line.emergency", nil)
	}
	checked := ""
	if l.Checked != "" {
		checked = say("safety.line.checked", map[string]any{"Month": l.Checked})
	}
	return map[string]any{
		"Emergency":  emergency,
		"Crisis":     phrase(l.CrisisName, l.CrisisNumber, l.CrisisWeb),
		"Violence":   phrase(l.ViolenceName, l.ViolenceNumber, l.ViolenceWeb),
		"Checked":    checked,
		"CrisisName": l.CrisisName, "CrisisNumber": l.CrisisNumber, "CrisisWeb": l.CrisisWeb,
		"ViolenceName": l.ViolenceName, "ViolenceNumber": l.ViolenceNumber, "ViolenceWeb": l.ViolenceWeb,
	}
}
