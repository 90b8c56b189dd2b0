package rituals

import (
	_ "embed" // the tables of places
	"fmt"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed library/cities.yaml
var citiesFile []byte

//go:embed library/zones.yaml
var zonesFile []byte

// gazetteer is the table of places, ready to be looked through.
type gazetteer struct {
	names []placeName
	known []Place // the best known zones by their main cities, best known first
	// faces are the places that stand for their zones; cities are the keys of all names of cities.
	faces  map[string]placeName
	cities map[string]bool
}

// placeName is one name of one place.
type placeName struct {
	key   string
	place Place
	of    int  // number of the place: its names share it
	rank  int  // the lower the better known
	face  bool // the place stands for its zone in its country
	zone  bool // the name is the zone's, not the city's
}

var atlas = sync.OnceValue(func() *gazetteer {
	g, err := readAtlas(citiesFile, zonesFile)
	if err != nil {
		panic(err) // the tables are part of the program
	}
	return g
})

// readAtlas reads the table of cities and the list of zone names.
func readAtlas(cities, zones []byte) (*gazetteer, error) {
	var table struct {
		Known  []string
		Places inOrder[inOrder[[]string]] // zone → country → places
	}
	if err := yaml.Unmarshal(cities, &table); err != nil {
		return nil, fmt.Errorf("rituals: the table of cities: %w", err)
	}
	var names []string
	if err := yaml.Unmarshal(zones, &names); err != nil {
		return nil, fmt.Errorf("rituals: the list of zones: %w", err)
	}
	rank := make(map[string]int)
	for i, zone := range table.Known {
		rank[zone] = i - len(table.Known)
	}
	g := &gazetteer{faces: make(map[string]placeName), cities: make(map[string]bool)}
	for _, zone := range table.Places {
		for _, country := range zone.value {
			for i, city := range country.value {
				// a large zone's third city is about as well known as the main city some zones further on
				g.add(placeName{
					place: Place{Country: country.key, Zone: zone.key},
					rank:  rank[zone.key] + 3*i,
					face:  i == 0,
				}, city)
			}
		}
	}
	for _, zone := range table.Known {
		face, ok := g.faces[zone]
		if !ok {
			return nil, fmt.Errorf("rituals: the table of cities knows no place in %s", zone)
		}
		g.known = append(g.known, face.place)
	}
	g.addZones(names)
	return g, nil
}

// add enters a place under each of its names: "London|Londres|~GMT".
func (g *gazetteer) add(n placeName, names string) {
	n.of = len(g.names)
	for i, name := range strings.Split(names, "|") {
		bare, silent := strings.CutPrefix(name, "~")
		if n.key = key(bare); i == 0 || !silent {
			n.place.City = bare
		}
		if silent {
			n.place.City, _, _ = strings.Cut(names, "|")
		}
		g.names = append(g.names, n)
		g.cities[n.key] = true
		if _, there := g.faces[n.place.Zone]; !there {
			g.faces[n.place.Zone] = n
		}
	}
}

// addZones enters the zones by their own names. Old short names are left out: "EST"
// in the time zone database is Panama's, and "Etc/GMT+5" is five hours behind.
func (g *gazetteer) addZones(names []string) {
	for _, zone := range names {
		area, city, parted := strings.Cut(zone, "/")
		if !parted && zone != "UTC" || area == "Etc" {
			continue
		}
		n, there := g.faces[zone]
		if !there {
			city = strings.ReplaceAll(city[strings.LastIndex(city, "/")+1:], "_", " ")
			n = placeName{key: key(city), place: Place{City: city, Zone: zone}, of: len(g.names)}
			if !parted {
				n.place.City = zone
			} else if cityAreas[area] && !g.cities[n.key] {
				g.names = append(g.names, n)
			}
		}
		n.key, n.zone = key(zone), true
		g.names = append(g.names, n)
	}
}

// cityAreas are the parts of the time zone database whose zones are called after cities.
var cityAreas = wordSet("Africa America Antarctica Arctic Asia Atlantic Australia Europe Indian Pacific")

// inOrder is a YAML mapping in the order of the file.
type inOrder[V any] []pair[V]

type pair[V any] struct {
	key   string
	value V
}

// UnmarshalYAML reads the pairs of a mapping.
func (o *inOrder[V]) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: not a mapping", node.Line)
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		p := pair[V]{key: node.Content[i].Value}
		if err := node.Content[i+1].Decode(&p.value); err != nil {
			return err
		}
		*o = append(*o, p)
	}
	return nil
}
