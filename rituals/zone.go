package rituals

import (
	"fmt"
	"sync"
	"time"
	_ "time/tzdata" // the house carries its own zone data
)

var locations sync.Map // name → *time.Location

// Location loads a zone by its IANA name, "" being UTC. It refuses "Local", which
// means something else on every machine.
func Location(name string) (*time.Location, error) {
	if loc, ok := locations.Load(name); ok {
		return loc.(*time.Location), nil
	}
	if name == "Local" {
		return nil, fmt.Errorf("rituals: %q is not a zone", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("rituals: %q is not a zone", name)
	}
	locations.Store(name, loc)
	return loc, nil
}
