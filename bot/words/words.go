// Package words holds everything the bot says, by language, in go-i18n catalogues.
// A new language is one more file of words beside en.yaml.
package words

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"go.yaml.in/yaml/v3"
	"golang.org/x/text/language"
)

//go:embed *.yaml
var files embed.FS

// Catalogue finds words by language and key. It is safe for concurrent use.
type Catalogue struct {
	speakers  map[string]*i18n.Localizer
	languages []string
	forms     map[string]map[string][]string // language → key → every plural form
	plain     sync.Map                       // said → words, for what has no placeholders
}

type said struct{ language, key string }

// Load reads the embedded catalogues.
func Load() (*Catalogue, error) {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("yaml", yaml.Unmarshal)
	c := &Catalogue{speakers: map[string]*i18n.Localizer{}, forms: map[string]map[string][]string{}}
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		file, err := bundle.LoadMessageFileFS(files, name)
		if err != nil {
			return nil, fmt.Errorf("words: %s: %w", name, err)
		}
		lang := file.Tag.String()
		if c.forms[lang] == nil {
			c.forms[lang] = map[string][]string{}
		}
		for _, m := range file.Messages {
			c.forms[lang][m.ID] = append(c.forms[lang][m.ID], m.Zero, m.One, m.Two, m.Few, m.Many, m.Other)
		}
	}
	for lang := range c.forms {
		c.languages = append(c.languages, lang)
		c.speakers[lang] = i18n.NewLocalizer(bundle, lang, "en")
	}
	slices.Sort(c.languages)
	return c, nil
}

// Languages are the codes of the languages there are, "en" among them, in order.
func (c *Catalogue) Languages() []string { return c.languages }

// Keys are the keys a language has, in order.
func (c *Catalogue) Keys(language string) []string {
	return slices.Sorted(maps.Keys(c.forms[language]))
}

// Nearest is the language of the catalogue for a locale such as "es-MX", or "" if there is none.
func (c *Catalogue) Nearest(locale string) string {
	base, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(locale), "_", "-"), "-")
	if _, ok := c.speakers[base]; ok {
		return base
	}
	return ""
}

// Say puts a key into a language; "Count" among args chooses the plural. A language
// that lacks the key falls back to English, and a key that is nowhere to "…".
func (c *Catalogue) Say(lang, key string, args map[string]any) string {
	if len(args) == 0 {
		if words, ok := c.plain.Load(said{lang, key}); ok {
			return words.(string)
		}
	}
	speaker, ok := c.speakers[lang]
	if !ok {
		speaker = c.speakers["en"]
	}
	words, err := speaker.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: args, PluralCount: args["Count"]})
	if err != nil && words == "" {
		return "…"
	}
	if len(args) == 0 {
		c.plain.Store(said{lang, key}, words)
	}
	return words
}
