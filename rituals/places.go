package rituals

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Place is a city and the zone its clocks follow.
type Place struct {
	City    string // under the name it was looked for: "London", "Londres"
	Country string // ISO 3166 alpha-2, or "" when the place is only a zone
	Zone    string // IANA name; Location loads it
}

// FindZones lists places for what a person typed when asked where they live: a city in
// English, Spanish or its own language ("Londres", "Valencia, Venezuela"), the beginning
// of one, an IANA name ("Europe/Madrid") or a country. Accents and capitals do not
// matter. Whole names come before beginnings, and better known places before others.
func FindZones(query string, limit int) []Place {
	city, in, _ := strings.Cut(query, ",")
	country, only := FindCountry(in)
	found := atlas().search(key(city), country)
	if len(found) == 0 && only {
		found = atlas().search(key(city), "")
	}
	return found[:max(0, min(limit, len(found)))]
}

// ZonesShowing lists well-known places, one for each zone, where the wall clock now is
// within seven minutes of what a person says it is.
func ZonesShowing(c Clock, now time.Time) []Place {
	var found []Place
	for _, p := range atlas().known {
		loc, err := Location(p.Zone)
		if err != nil {
			continue
		}
		t := now.In(loc)
		off := (t.Hour()*60 + t.Minute() - int(c) + 1440) % 1440
		if off <= 7 || off >= 1440-7 {
			found = append(found, p)
		}
	}
	return found
}

// how good a match is
const (
	whole = iota
	wholeZone
	byCountry
	beginning
	inside
	byCode // of a country
	noMatch
)

func (n placeName) match(query, nation string) int {
	switch {
	case n.key == query:
		return pick(n.zone, wholeZone, whole)
	case n.zone:
		return noMatch
	case n.place.Country == nation && n.face && len(query) > 3:
		return byCountry
	case strings.HasPrefix(n.key, query):
		return beginning
	case strings.Contains(n.key, " "+query):
		return inside
	case n.place.Country == nation && n.face:
		return byCode
	}
	return noMatch
}

// search lists the places that a query, as made by key, may mean; country "" is any.
func (g *gazetteer) search(query, country string) []Place {
	type hit struct {
		placeName
		match int
	}
	if query == "" {
		return nil
	}
	nation, ok := FindCountry(query)
	if !ok {
		nation = "none"
	}
	best := make(map[int]hit)
	for _, n := range g.names {
		if country != "" && n.place.Country != country {
			continue
		}
		m := n.match(query, nation)
		if h, seen := best[n.of]; m != noMatch && (!seen || m < h.match) {
			best[n.of] = hit{n, m}
		}
	}
	hits := make([]hit, 0, len(best))
	for _, h := range best {
		hits = append(hits, h)
	}
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(a.match-b.match, a.rank-b.rank, a.of-b.of)
	})
	places := make([]Place, len(hits))
	for i, h := range hits {
		places[i] = h.place
	}
	return places
}
