package safety

import (
	"regexp"
	"strings"
	"testing"
)

var digits = regexp.MustCompile(`\d+`)

// said is everything that a person in a country may get to read.
func said(code string) string {
	var b strings.Builder
	for _, v := range LinesFor(code).Args(func(key string, args map[string]any) string {
		if key == "safety.line.emergency" {
			return "112"
		}
		var parts []string
		for _, name := range []string{"Name", "Number", "Web"} {
			if s, ok := args[name].(string); ok {
				parts = append(parts, s)
			}
		}
		return strings.Join(parts, " ")
	}) {
		b.WriteString(v.(string) + " ")
	}
	return b.String()
}

func TestUnverifiedNumbersAreNeverShown(t *testing.T) {
	shown := 0
	for code, c := range lines().Countries {
		text := said(code)
		for what, l := range map[string]line{"crisis": c.Crisis, "violence": c.Violence} {
			verified := sourced(l)
			has := l.Number != "" && strings.Contains(text, l.Number)
			switch {
			case verified && l.Number != "" && !has:
				t.Errorf("%s: the verified %s number is not shown", code, what)
			case !verified && has && !strings.Contains(c.Emergency+" "+verifiedNumbers(c), l.Number):
				t.Errorf("%s: the unverified %s number %s is shown", code, what, l.Number)
			case has:
				shown++
			}
			if l.Check == "" {
				t.Errorf("%s: nobody says how the %s line was checked", code, what)
			}
		}
		if c.Emergency == "" || !strings.Contains(text, c.Emergency) {
			t.Errorf("%s has no emergency number", code)
		}
	}
	if shown < 20 {
		t.Errorf("only %d numbers are shown", shown)
	}
}

// sourced is the rule of the file, written a second time.
func sourced(l line) bool {
	return regexp.MustCompile(`^[^!]*[OP][^!]*$`).MatchString(l.Check)
}

func TestDisputedLinesAreNotVerified(t *testing.T) {
	for check, want := range map[string]bool{"O": true, "P D": true, "W d P": true, "W D": false, "": false, "O!": false, "!P": false, "D": false, "U": false} {
		if got := (line{Number: "1", Check: check}).verified(); got != want {
			t.Errorf("%q is verified: %t", check, got)
		}
	}
}

func verifiedNumbers(c country) string {
	all := ""
	for _, l := range []line{c.Crisis, c.Violence} {
		if sourced(l) {
			all += l.Number + " "
		}
	}
	return all
}

func TestUnknownCountryHasNoNumber(t *testing.T) {
	for _, code := range []string{"", "XX", "--", "USA", "A"} {
		if l := LinesFor(code); l.CrisisNumber+l.ViolenceNumber+l.Emergency+l.Checked != "" || l.CrisisWeb != finder || l.ViolenceWeb != finder {
			t.Errorf("%q: %+v", code, l)
		}
		if !strings.Contains(said(code), "112") {
			t.Errorf("%q: no word on emergencies", code)
		}
		for _, n := range digits.FindAllString(said(code), -1) {
			if n != "112" {
				t.Errorf("%q: the number %s is shown", code, n)
			}
		}
	}
}

func TestCanadaHasNoForeignViolenceLine(t *testing.T) {
	l := LinesFor("ca")
	if l.ViolenceNumber != "" || l.ViolenceWeb != "sheltersafe.ca" || l.CrisisNumber != "988" || l.Emergency != "911" {
		t.Errorf("%+v", l)
	}
	us := lines().Countries["US"].Violence.Number
	for code := range lines().Countries {
		if code != "US" && strings.Contains(said(code), strings.Fields(us)[0]) {
			t.Errorf("%s shows the violence line of the USA", code)
		}
	}
}
