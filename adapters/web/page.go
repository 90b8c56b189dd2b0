package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"evenfall/bot"
)

//go:embed page words
var files embed.FS

var shell = template.Must(template.ParseFS(files, "page/index.html"))

// catalogue is the page's own words by language and key.
type catalogue map[string]map[string]string

func loadWords() (catalogue, error) {
	names, err := fs.Glob(files, "words/*.json")
	if err != nil {
		return nil, err
	}
	c := catalogue{}
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var words map[string]string
		if err := json.Unmarshal(text, &words); err != nil {
			return nil, fmt.Errorf("web: %s: %w", name, err)
		}
		c[strings.TrimSuffix(strings.TrimPrefix(name, "words/"), ".json")] = words
	}
	return c, nil
}

// languages are the page's languages in order, English first.
func (c catalogue) languages() []string {
	list := make([]string, 0, len(c))
	for lang := range c {
		if lang != "en" {
			list = append(list, lang)
		}
	}
	slices.Sort(list)
	return append([]string{"en"}, list...)
}

// best is the page's language that suits a browser most.
func (c catalogue) best(accept string) string {
	list := c.languages()
	tags := make([]language.Tag, len(list))
	for i, lang := range list {
		tags[i] = language.Make(lang)
	}
	wanted, _, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		return list[0]
	}
	_, at, _ := language.NewMatcher(tags).Match(wanted...)
	return list[at]
}

// boot is what the page's script begins with.
type boot struct {
	Token     string        `json:"token"`
	People    []person      `json:"people"`
	Words     catalogue     `json:"words"`
	Languages []string      `json:"languages"`
	Commands  []bot.Command `json:"commands"`
	Clock     bool          `json:"clock"`
	Evening   bool          `json:"evening"`
	Now       string        `json:"now"`
}

// phone is what the template needs for one phone.
type phone struct {
	Person    person
	Languages []string
	All       catalogue
}

// routes is everything that the page can ask for.
func (a *Adapter) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", a.page)
	for _, name := range []string{"style.css", "app.js", "icon.svg"} {
		mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, r *http.Request) {
			http.ServeFileFS(w, r, files, "page/"+name)
		})
	}
	mux.HandleFunc("GET /events", a.events)
	mux.HandleFunc("POST /tap", a.act(a.tap))
	mux.HandleFunc("POST /say", a.act(a.say))
	mux.HandleFunc("POST /start", a.act(a.start))
	mux.HandleFunc("POST /group", a.act(a.group))
	mux.HandleFunc("POST /self", a.act(a.self))
	mux.HandleFunc("POST /forward", a.act(a.forward))
	return a.guard(mux)
}

// page shows the page. The first time anyone opens it, the bot comes into the room.
func (a *Adapter) page(w http.ResponseWriter, r *http.Request) {
	lang := a.words.best(r.Header.Get("Accept-Language"))
	if err := a.chats.arrive(lang, a.Now()); err != nil {
		a.Log.Warn("web: the chats could not be saved", "error", err)
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	b := boot{
		Token: a.token, People: a.chats.people(), Words: a.words, Languages: a.words.languages(),
		Commands: a.Commands, Clock: a.Forward != nil, Evening: a.Evening != nil, Now: a.shown(),
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	var phones [2]phone
	for i := range phones {
		phones[i] = phone{b.People[i], b.Languages, a.words}
	}
	err := shell.Execute(w, map[string]any{"Lang": lang, "Boot": b, "Words": a.words[lang], "Phones": phones})
	if err != nil {
		a.Log.Warn("web: the page was not written", "error", err)
	}
}
