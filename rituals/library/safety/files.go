// Package safety is the data of the safety path: the rules by which words are read
// (one file per language), the pages that answer, and the help lines by country.
// It holds no code; rituals/safety reads it.
package safety

import "embed"

// Files holds the rules (en.yaml with words and idioms, en.force.yaml and so on with
// the rules themselves; the same for es), pages.yaml and lines.yaml.
//
//go:embed *.yaml
var Files embed.FS
