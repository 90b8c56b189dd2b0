package discordtest

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

//go:embed testdata/openapi.json
var factsJSON []byte

// schema is the part of JSON Schema that the description uses.
type schema struct {
	Type       any                `json:"type"`
	Enum       []any              `json:"enum"`
	OneOf      []*schema          `json:"oneOf"`
	AnyOf      []*schema          `json:"anyOf"`
	AllOf      []*schema          `json:"allOf"`
	Ref        string             `json:"$ref"`
	Properties map[string]*schema `json:"properties"`
	Required   []string           `json:"required"`
	Items      *schema            `json:"items"`
	More       *schema            `json:"additionalProperties"`
	MaxLength  *int               `json:"maxLength"`
	MinLength  *int               `json:"minLength"`
	MaxItems   *int               `json:"maxItems"`
	MinItems   *int               `json:"minItems"`
	MaxProps   *int               `json:"maxProperties"`
	Maximum    *float64           `json:"maximum"`
	Minimum    *float64           `json:"minimum"`
	Unique     bool               `json:"uniqueItems"`
	Pattern    string             `json:"pattern"`
}

type operation struct {
	Query map[string]*schema `json:"query"`
	Body  *schema            `json:"body"`
}

var facts = func() (f struct {
	Operations map[string]operation `json:"operations"`
	Schemas    map[string]*schema   `json:"schemas"`
}) {
	if err := json.Unmarshal(factsJSON, &f); err != nil {
		panic(err)
	}
	return f
}()

// parse reads JSON; null counts as absent.
func parse(raw []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return dropNulls(v), nil
}

func dropNulls(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			if inner == nil {
				delete(v, k)
			} else {
				v[k] = dropNulls(inner)
			}
		}
	case []any:
		for i := range v {
			v[i] = dropNulls(v[i])
		}
	}
	return v
}

// faults lists what is wrong with v, each with the place.
func (s *schema) faults(v any, at string) []string {
	if s.Ref != "" {
		return facts.Schemas[s.Ref].faults(v, at)
	}
	var out []string
	if !s.typed(v) {
		return []string{fmt.Sprintf("%s: is %T, want %v", at, v, s.Type)}
	}
	if len(s.Enum) > 0 && !slices.ContainsFunc(s.Enum, func(e any) bool { return reflect.DeepEqual(e, v) }) {
		out = append(out, fmt.Sprintf("%s: %v is not one of %v", at, v, s.Enum))
	}
	for _, all := range s.AllOf {
		out = append(out, all.faults(v, at)...)
	}
	out = append(out, choose(append(slices.Clone(s.OneOf), s.AnyOf...), v, at)...)
	switch v := v.(type) {
	case string:
		out = append(out, s.text(v, at)...)
	case float64:
		if s.Maximum != nil && v > *s.Maximum || s.Minimum != nil && v < *s.Minimum {
			out = append(out, fmt.Sprintf("%s: %v is out of bounds", at, v))
		}
	case []any:
		out = append(out, s.list(v, at)...)
	case map[string]any:
		out = append(out, s.object(v, at)...)
	}
	return out
}

// choose wants one of the schemas to fit, and otherwise tells the faults of the nearest.
func choose(among []*schema, v any, at string) []string {
	var best []string
	for i, one := range among {
		f := one.faults(v, at)
		if len(f) == 0 {
			return nil
		}
		if i == 0 || len(f) < len(best) {
			best = f
		}
	}
	return best
}

func (s *schema) typed(v any) bool {
	names, ok := s.Type.([]any)
	if !ok {
		names = []any{s.Type}
	}
	for _, name := range names {
		switch name {
		case nil:
			return true
		case "null":
			if v == nil {
				return true
			}
		case "integer":
			if f, ok := v.(float64); ok && f == math.Trunc(f) {
				return true
			}
		default:
			if name == kind(v) {
				return true
			}
		}
	}
	return false
}

func kind(v any) string {
	switch v.(type) {
	case string:
		return "string"
	case float64:
		return "number"
	case bool:
		return "boolean"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	return "null"
}

func (s *schema) text(v, at string) []string {
	n := utf8.RuneCountInString(v)
	if s.MaxLength != nil && n > *s.MaxLength || s.MinLength != nil && n < *s.MinLength {
		return []string{fmt.Sprintf("%s: %d characters", at, n)}
	}
	if s.Pattern != "" && !regexp.MustCompile(s.Pattern).MatchString(v) {
		return []string{fmt.Sprintf("%s: does not look like %s", at, s.Pattern)}
	}
	return nil
}

func (s *schema) list(v []any, at string) []string {
	var out []string
	if s.MaxItems != nil && len(v) > *s.MaxItems || s.MinItems != nil && len(v) < *s.MinItems {
		out = append(out, fmt.Sprintf("%s: %d items", at, len(v)))
	}
	for i, item := range v {
		if s.Items != nil {
			out = append(out, s.Items.faults(item, fmt.Sprintf("%s[%d]", at, i))...)
		}
		if s.Unique && slices.ContainsFunc(v[:i], func(e any) bool { return reflect.DeepEqual(e, item) }) {
			out = append(out, fmt.Sprintf("%s[%d]: is there twice", at, i))
		}
	}
	return out
}

// object also reports names that the facts do not know: a misspelt one is silently
// ignored by Discord.
func (s *schema) object(v map[string]any, at string) []string {
	var out []string
	if s.MaxProps != nil && len(v) > *s.MaxProps {
		out = append(out, fmt.Sprintf("%s: %d properties", at, len(v)))
	}
	for _, name := range s.Required {
		if _, ok := v[name]; !ok {
			out = append(out, fmt.Sprintf("%s: %s is missing", at, name))
		}
	}
	names := make([]string, 0, len(v))
	for name := range v {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		switch p, ok := s.Properties[name]; {
		case ok:
			out = append(out, p.faults(v[name], at+"."+name)...)
		case s.More != nil:
			out = append(out, s.More.faults(v[name], at+"."+name)...)
		case s.Properties != nil:
			out = append(out, fmt.Sprintf("%s: %s is not known", at, strings.ToValidUTF8(name, "?")))
		}
	}
	return out
}
