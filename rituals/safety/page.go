package safety

import (
	"fmt"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	library "evenfall/rituals/library/safety"
)

// Page is one fixed reply.
type Page struct {
	Text    string // key of its words; they take the arguments of Lines.Args
	Buttons []Choice
}

// Choice is a button of a page. Four choices make the bot do something before the
// next page is shown: "remove" deletes the bot's own messages of this path; "send",
// "keep" and "change" say what becomes of words that were meant for the partner.
type Choice struct {
	Label string // key of its words
	ID    string // for the payload safety/0/<page>/<ID>
	Next  string // the page it leads to
}

// Support is the page of the menu entry that everyone can open at any time.
const Support = "support"

// Hold is the page that asks what to do with words that were meant for the partner.
const Hold = "hold"

// Open is the page that answers a result, "" if nothing was found.
func Open(r Result) string {
	life := r.Classes.Has(S1, S2, S3)
	now := func(page string) string {
		if r.Danger {
			return page + "-now"
		}
		return page
	}
	switch class := r.Class(); {
	case class == None:
		return ""
	case life && r.Classes.Has(V1, V2, V3, V4, V7):
		return "both"
	case r.Classes.Has(S3):
		return "crisis-now"
	case r.Classes.Has(V2):
		return now("assault")
	case life:
		return "crisis"
	case r.Classes.Has(S4) && r.Classes.Has(V1):
		return "threat"
	case class == V1:
		return now("violence")
	case r.Classes.Has(V7) && r.Classes.Has(Minor):
		return "young"
	case class == V3, class == V4:
		if r.Ambiguous {
			return "ask"
		}
		return now("violence")
	}
	return map[Class]string{V5: "own", V6: "watch", V7: "child", S4: "friend", S5: "low", Minor: "minor"}[r.Class()]
}

// PageOf is the page of that name.
func PageOf(id string) (Page, bool) {
	p, ok := book().pages[id]
	return p, ok
}

// Next is the page that a choice on a page leads to. It is false for a choice that
// the page does not have.
func Next(page, choice string) (string, bool) {
	for _, c := range book().pages[page].Buttons {
		if c.ID == choice {
			return c.Next, true
		}
	}
	return "", false
}

type graph struct {
	roots []string
	pages map[string]Page
}

var book = sync.OnceValue(func() graph {
	data, err := library.Files.ReadFile("pages.yaml")
	if err != nil {
		panic(err)
	}
	g, err := bind(data)
	if err != nil {
		panic(err) // the file is part of the program, and tested
	}
	return g
})

func bind(data []byte) (graph, error) {
	var file struct {
		Roots []string            `yaml:"roots"`
		Pages map[string][]string `yaml:"pages"`
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		return graph{}, fmt.Errorf("safety: pages.yaml: %w", err)
	}
	g := graph{roots: file.Roots, pages: map[string]Page{}}
	for id, choices := range file.Pages {
		p := Page{Text: "safety." + id + ".text"}
		for _, c := range choices {
			choice, next, ok := strings.Cut(c, ">")
			if !ok {
				next = choice
			}
			if _, ok := file.Pages[next]; !ok {
				return graph{}, fmt.Errorf("safety: pages.yaml: %s leads to %s, which is nowhere", id, next)
			}
			p.Buttons = append(p.Buttons, Choice{Label: "safety.choice." + choice, ID: choice, Next: next})
		}
		g.pages[id] = p
	}
	return g, nil
}
