package safety

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	library "evenfall/rituals/library/safety"
)

// file is a language's rules as they are written.
type file struct {
	Spell  map[string]string   `yaml:"spell"`  // a word or short form → what it stands for
	Sounds []string            `yaml:"sounds"` // pairs: letters → how they sound
	Near   string              `yaml:"near"`   // weighty words, found when misspelt too
	Keep   string              `yaml:"keep"`   // words that only look like weighty ones
	Sets   map[string]string   `yaml:"sets"`
	Idioms []string            `yaml:"idioms"` // harmless: taken out before the rules look
	Raise  []string            `yaml:"raise"`  // danger, where there is violence
	Rules  map[string][]string `yaml:"rules"`  // by classes: "V1", "S4 V1!" (! = danger)
}

// tongue is one language's rules, ready to read with.
type tongue struct {
	sounds *strings.Replacer
	spell  map[string][]string
	near   *near
	idioms map[string][]*rule // by first word
	rules  map[string][]*rule
}

// open compiles a language's rules. The files are part of the program and tested,
// so a fault in them is a fault of the program.
func open(language string) *tongue {
	var f file
	for _, part := range []string{"", ".force", ".control", ".crisis", ".others"} {
		name := language + part + ".yaml"
		data, err := library.Files.ReadFile(name)
		if err == nil {
			err = yaml.Unmarshal(data, &f) // the parts add to each other
		}
		if err != nil {
			panic(fmt.Errorf("safety: %s: %w", name, err))
		}
	}
	t, err := compile(f)
	if err != nil {
		panic(fmt.Errorf("%s: %w", language, err))
	}
	return t
}

func compile(f file) (*tongue, error) {
	t := &tongue{sounds: strings.NewReplacer(f.Sounds...), spell: map[string][]string{}, idioms: map[string][]*rule{}, rules: map[string][]*rule{}}
	for short, full := range f.Spell {
		t.spell[bare(short)] = t.all(strings.Fields(full))
	}
	t.near = newNear(t.all(strings.Fields(f.Near)))
	for _, word := range t.all(strings.Fields(f.Keep)) {
		t.near.known[word] = true
	}
	sets, err := unfold(f.Sets)
	if err != nil {
		return nil, err
	}
	if err := t.take(t.idioms, f.Idioms, sets, rule{}); err != nil {
		return nil, err
	}
	if err := t.take(t.rules, f.Raise, sets, rule{raise: true}); err != nil {
		return nil, err
	}
	for names, rows := range f.Rules {
		kind, err := deeds(names)
		if err != nil {
			return nil, err
		}
		if err := t.take(t.rules, rows, sets, kind); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// unfold puts the members of sets into the sets that name them.
func unfold(written map[string]string) (map[string][]string, error) {
	sets := map[string][]string{}
	var fill func(name string, depth int) ([]string, error)
	fill = func(name string, depth int) ([]string, error) {
		text, ok := written[name]
		if !ok || depth > 5 {
			return nil, fmt.Errorf("safety: no set %q", name)
		}
		var members []string
		for _, word := range strings.Fields(text) {
			inner, ok := strings.CutPrefix(word, "@")
			if !ok {
				members = append(members, word)
				continue
			}
			more, err := fill(inner, depth+1)
			if err != nil {
				return nil, err
			}
			members = append(members, more...)
		}
		return members, nil
	}
	for name := range written {
		var err error
		if sets[name], err = fill(name, 0); err != nil {
			return nil, err
		}
	}
	return sets, nil
}

// deeds reads the names above a list of rules.
func deeds(text string) (rule, error) {
	var r rule
	for name := range strings.FieldsSeq(text) {
		name, alarm := strings.CutSuffix(name, "!")
		class := slices.Index(names[:], name)
		if class <= 0 {
			return r, fmt.Errorf("safety: no class %q", name)
		}
		r.deeds = append(r.deeds, Class(class))
		r.alarm = r.alarm || alarm
	}
	return r, nil
}

// take compiles rules into a table. Their words count as known.
func (t *tongue) take(table map[string][]*rule, rows []string, sets map[string][]string, kind rule) error {
	for _, row := range rows {
		r, err := parse(row, sets, t.written)
		if err != nil {
			return err
		}
		r.deeds, r.alarm, r.raise = kind.deeds, kind.alarm, kind.raise
		for word := range r.parts[0].words {
			table[word] = append(table[word], r)
		}
		for _, p := range r.parts {
			for word := range p.words {
				t.near.known[word] = true
			}
		}
	}
	return nil
}

// sound is the form of a word that rules and texts are compared in.
func (t *tongue) sound(word string) string { return squeeze(t.sounds.Replace(word)) }

// written is the sound of a word as the files write it, with its accents.
func (t *tongue) written(word string) string { return t.sound(bare(word)) }

func (t *tongue) all(words []string) []string {
	heard := make([]string, len(words))
	for i, word := range words {
		heard[i] = t.written(word)
	}
	return heard
}
