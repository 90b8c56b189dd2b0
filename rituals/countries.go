package rituals

import (
	_ "embed" // the list of countries
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

//go:embed library/countries.yaml
var countriesFile []byte

// nations are the countries by code, each with the names it is called besides those of
// the Unicode tables, and all their names as they are looked up.
type nations struct {
	codes map[string]bool
	names map[string]string
}

var countries = sync.OnceValue(func() nations {
	var also map[string][]string
	if err := yaml.Unmarshal(countriesFile, &also); err != nil {
		panic(err) // the list is part of the program
	}
	n := nations{make(map[string]bool, len(also)), make(map[string]string)}
	for code := range also {
		n.codes[code] = true
	}
	for code, names := range also {
		for _, lang := range []language.Tag{language.English, language.Spanish} {
			n.names[key(regionName(code, lang))] = code
		}
		region := language.MustParseRegion(code)
		n.names[key(region.ISO3())] = code
		for _, name := range names {
			n.names[key(name)] = code
		}
	}
	return n
})

// FindCountry is the ISO 3166 alpha-2 code of a country typed as a code of two or three
// letters or by its English or Spanish name: "ES", "esp", "spain", "España", "UK".
// "no" and "si" are taken for answers, not for Norway and Slovenia, unless in capitals.
func FindCountry(query string) (code string, ok bool) {
	query = strings.TrimSpace(query)
	name := key(query)
	if name == "no" || name == "si" {
		if query != strings.ToUpper(name) {
			return "", false
		}
	}
	for _, article := range []string{"", "the ", "el ", "la ", "los ", "las "} {
		bare, cut := strings.CutPrefix(name, article)
		if !cut {
			continue
		}
		if up := strings.ToUpper(bare); len(up) == 2 && countries().codes[up] {
			return up, true
		}
		if code, ok = countries().names[bare]; ok {
			return code, true
		}
	}
	return "", false
}

// CountryName is the name of a country in a language, "" for a code that is none. A
// language the Unicode tables do not speak gets English.
func CountryName(code, lang string) string {
	code = strings.ToUpper(code)
	if !countries().codes[code] {
		return ""
	}
	tag, err := language.Parse(lang)
	if err != nil {
		tag = language.English
	}
	return regionName(code, tag)
}

func regionName(code string, tag language.Tag) string {
	region := language.MustParseRegion(code)
	for _, t := range []language.Tag{tag, language.English} {
		if names := display.Regions(t); names != nil {
			if name := names.Name(region); name != "" {
				return name
			}
		}
	}
	return code
}
