package flows

import (
	"slices"
	"strings"

	"evenfall/bot"
	"evenfall/rituals"
)

// Where people live: the zone their evening follows, a partner's own zone, and the
// country for help lines.

const (
	mostPlaces   = 6  // to choose from
	longestLabel = 38 // of a button
	none         = "-"
)

// guesses are the zones offered before anybody has typed a place, by language.
var guesses = map[string][]string{
	"en": {"Europe/London", "America/New_York", "America/Chicago", "America/Los_Angeles", "Asia/Kolkata", "Australia/Sydney"},
	"es": {"Europe/Madrid", "America/Mexico_City", "America/Bogota", "America/Lima", "America/Santiago", "America/Argentina/Buenos_Aires"},
}

var zoneQuestion = question{
	name: "zone", wide: 2,
	options: func(x asking) []option { return places(x, x.Zone) },
	read:    readPlace,
	set: func(c *bot.Couple, _ bot.Who, value string) bool {
		if !isZone(value) {
			return false
		}
		c.Zone = value
		return true
	},
	show: func(x asking) bot.Text { return clockIn(x, x.Zone) },
}

var placeQuestion = question{
	name: "place", wide: 2,
	options: func(x asking) []option {
		own := x.Partner(x.who).Zone
		return append([]option{{bot.T("ask.place.same"), none, own == ""}}, places(x, own)...)
	},
	read: readPlace,
	set: func(c *bot.Couple, who bot.Who, value string) bool {
		if value != none && !isZone(value) {
			return false
		}
		c.Partners[who.Index()].Zone = strings.TrimPrefix(value, none)
		return true
	},
	show: func(x asking) bot.Text {
		if own := x.Partner(x.who).Zone; own != "" {
			return clockIn(x, own)
		}
		return bot.T("ask.place.same")
	},
}

var countryQuestion = question{
	name: "country", wide: 2,
	options: func(x asking) (all []option) {
		own := x.Partner(x.who).Country
		for _, code := range []string{own, countryOf(x.Zone)} {
			name := rituals.CountryName(code, x.Tongue(x.who))
			if name != "" && (len(all) == 0 || all[0].value != code) {
				all = append(all, option{bot.Verbatim(name), code, code == own})
			}
		}
		return append(all, option{bot.T("ask.country.skip"), none, false})
	},
	read: func(_ asking, text string) reading {
		code, _ := rituals.FindCountry(text)
		return reading{value: code}
	},
	set: func(c *bot.Couple, who bot.Who, value string) bool {
		if value != none && rituals.CountryName(value, "en") == "" {
			return false
		}
		c.Partners[who.Index()].Country = strings.TrimPrefix(value, none)
		return true
	},
	show: func(x asking) bot.Text {
		if name := rituals.CountryName(x.Partner(x.who).Country, x.Tongue(x.who)); name != "" {
			return bot.Verbatim(name)
		}
		return bot.T("ask.country.none")
	},
}

func isZone(name string) bool {
	_, err := rituals.Location(name)
	return err == nil && name != ""
}

// places are the buttons for a zone: what the last words may have meant, or guesses.
func places(x asking, now string) (all []option) {
	found := x.found
	if len(found) == 0 {
		for _, zone := range guessed(x) {
			found = append(found, rituals.FindZones(zone, 1)...)
		}
	}
	for _, p := range found {
		all = append(all, option{placeLabel(p, x.Tongue(x.who)), p.Zone, p.Zone == now && len(x.found) == 0})
	}
	return all
}

// guessed are the zones of the partner's country if that is known, else of the language.
func guessed(x asking) (zones []string) {
	country := ""
	if x.who != bot.Nobody {
		country = x.Partner(x.who).Country
	}
	for _, p := range rituals.FindZones(rituals.CountryName(country, "en"), mostPlaces) {
		if p.Country == country {
			zones = append(zones, p.Zone)
		}
	}
	if len(zones) > 0 {
		return zones
	}
	if zones = guesses[x.Tongue(x.who)]; zones == nil {
		zones = guesses["en"]
	}
	return zones
}

func placeLabel(p rituals.Place, lang string) bot.Text {
	label := p.City
	if name := rituals.CountryName(p.Country, lang); name != "" {
		label += ", " + name
	}
	if len([]rune(label)) > longestLabel {
		label = p.City
	}
	return bot.Verbatim(label)
}

// readPlace understands a city, a zone's name, a country, or what the clock shows now.
func readPlace(x asking, text string) reading {
	text = strings.TrimSpace(text)
	found := rituals.FindZones(text, mostPlaces)
	if len(found) == 0 {
		clocks := rituals.ParseNow(text) // two if the half of the day is open
		for _, clock := range clocks {
			there := rituals.ZonesShowing(clock, x.at)
			found = append(found, there[:min(len(there), mostPlaces/len(clocks))]...)
		}
		return reading{found: found}
	}
	exact := slices.DeleteFunc(slices.Clone(found), func(p rituals.Place) bool {
		return fold(p.City) != fold(text) && p.Zone != text
	})
	if len(found) == 1 || len(exact) == 1 && found[0] == exact[0] {
		return reading{value: found[0].Zone}
	}
	return reading{found: found}
}

func countryOf(zone string) string {
	for _, p := range rituals.FindZones(zone, 1) {
		return p.Country
	}
	return ""
}

// clockIn is a zone in words: its city, and what the clocks show there.
func clockIn(x asking, zone string) bot.Text {
	loc, err := rituals.Location(zone)
	if err != nil || zone == "" {
		return bot.T("ask.zone.none")
	}
	city := zone
	for _, p := range rituals.FindZones(zone, 1) {
		city = p.City
	}
	return bot.T("ask.zone.clock", "City", city, "Clock", x.at.In(loc).Format("15:04"))
}
