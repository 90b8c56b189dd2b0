package telegramtest

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// The facts name their source, commit and licence in the file; facts_make.go made it.
//
//go:embed testdata/botapi.json
var factsFile []byte

type fact struct {
	Types    []string `json:"types"`
	Required bool     `json:"required"`
	Min      int      `json:"min"`
	Max      int      `json:"max"`
	Unit     string   `json:"unit"`
}

var facts = func() (f struct {
	Methods, Types map[string]map[string]fact
}) {
	if err := json.Unmarshal(factsFile, &f); err != nil {
		panic(err)
	}
	return f
}()

// unions are types that stand for one of several others: those of them that occur here.
var unions = map[string][]string{
	"BotCommandScope":          {"BotCommandScopeDefault"},
	"ChatMember":               {"ChatMemberMember", "ChatMemberLeft", "ChatMemberBanned"},
	"MaybeInaccessibleMessage": {"Message"},
}

// fields judges an object against its facts.
func fields(where string, known map[string]fact, has map[string]any) (wrong []string) {
	for name, value := range has {
		f, ok := known[name]
		if !ok {
			wrong = append(wrong, fmt.Sprintf("%s has no %s", where, name))
			continue
		}
		wrong = append(wrong, f.judge(where+"."+name, value)...)
	}
	for name, f := range known {
		if _, ok := has[name]; f.Required && !ok {
			wrong = append(wrong, fmt.Sprintf("%s lacks %s", where, name))
		}
	}
	slices.Sort(wrong)
	return wrong
}

// judge wants the value to be of one of the types and within the limits.
func (f fact) judge(where string, value any) (wrong []string) {
	var last []string
	for _, typ := range f.Types {
		if last = kind(where, typ, value); len(last) == 0 {
			return f.size(where, value)
		}
	}
	return last
}

func kind(where, typ string, value any) []string {
	not := []string{fmt.Sprintf("%s is not of type %s", where, typ)}
	if inner, ok := strings.CutPrefix(typ, "Array of "); ok {
		list, ok := value.([]any)
		if !ok {
			return not
		}
		var wrong []string
		for i, v := range list {
			wrong = append(wrong, kind(fmt.Sprintf("%s[%d]", where, i), inner, v)...)
		}
		return wrong
	}
	switch typ {
	case "Integer":
		n, ok := value.(json.Number)
		if !ok {
			return not
		}
		if _, err := strconv.ParseInt(n.String(), 10, 64); err != nil {
			return not
		}
		return nil
	case "String":
		if _, ok := value.(string); !ok {
			return not
		}
		return nil
	case "Boolean", "True":
		if b, ok := value.(bool); !ok || typ == "True" && !b {
			return not
		}
		return nil
	}
	object, ok := value.(map[string]any)
	if !ok {
		return not
	}
	if union, ok := unions[typ]; ok {
		return fact{Types: union}.judge(where, value)
	}
	known, ok := facts.Types[typ]
	if !ok {
		return []string{fmt.Sprintf("%s is a %s, which the bot has no use for", where, typ)}
	}
	return fields(where, known, object)
}

func (f fact) size(where string, value any) []string {
	n := 0
	switch v := value.(type) {
	case string:
		n = units(v)
		if f.Unit == "bytes" {
			n = len(v)
		}
	case []any:
		n = len(v)
	case json.Number:
		i, _ := v.Int64()
		n = int(i)
	}
	if f.Max > 0 && (n < f.Min || n > f.Max) {
		return []string{fmt.Sprintf("%s has size %d, allowed are %d to %d", where, n, f.Min, f.Max)}
	}
	return nil
}

// units is the length in UTF-16 code units, which is how Telegram counts.
func units(s string) int { return len(utf16.Encode([]rune(s))) }
