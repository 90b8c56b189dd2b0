package discord

import (
	"errors"
	"strings"
)

var errPanic = errors.New("discord: the handler panicked")

// person is a user as events tell of one.
type person struct {
	ID       string `json:"id"`
	Username string `json:"username"`
	Global   string `json:"global_name"`
	Bot      bool   `json:"bot"`
	System   bool   `json:"system"`
}

// name is the name that the person shows.
func (p person) name() string {
	if p.Global != "" {
		return p.Global
	}
	return p.Username
}

// typed reads a command that was written as words: "/name the rest".
func typed(text string) (command, rest string, ok bool) {
	after, ok := strings.CutPrefix(text, "/")
	if !ok {
		return "", "", false
	}
	command, rest, _ = strings.Cut(after, " ")
	for _, r := range command {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-') {
			return "", "", false
		}
	}
	return strings.ToLower(command), strings.TrimSpace(rest), command != ""
}
