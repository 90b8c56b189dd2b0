package flows_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"evenfall/bot"
	"evenfall/bot/flows"
)

// deed is one thing that somebody may try.
type deed struct {
	bot.Kind
	flow, verb, arg string // a button, or the form that one opens
	command, text   string // a command, or a button that stands for one; words
}

func (d deed) String() string {
	button := strings.TrimSpace(strings.Join([]string{d.flow, d.verb, d.arg}, " "))
	switch {
	case d.Kind == bot.Tapped && d.command != "":
		return strings.TrimSpace("tap /" + d.command + " " + d.text)
	case d.Kind == bot.Tapped:
		return "tap " + button
	case d.Kind == bot.Called:
		return strings.TrimSpace("/" + d.command + " " + d.text)
	case d.Kind == bot.Said:
		return strings.TrimSpace("say " + d.text + " " + button)
	}
	return chatEvents[d.Kind]
}

// chatEvents are what happens to a chat.
var chatEvents = map[bot.Kind]string{bot.Arrived: "bring the bot", bot.Gone: "put the bot out", bot.Counted: "be counted", bot.Moved: "move the chat"}

// door is what the deed asks of the house: its button whatever the argument, or its command.
func (d deed) door() string { return strings.TrimSpace(d.flow + " " + d.verb + " " + d.command) }

// asks reports whether somebody means the bot and waits for an answer.
func (d deed) asks() bool { return d.Kind == bot.Tapped || d.Kind == bot.Called }

// safety is what the house answers to anyone, and keeps nowhere.
func (d deed) safety() bool {
	return d.command == "support" || d.flow == "safety" && d.Kind == bot.Tapped || d.text == danger
}

// token is the name of the invitation that the deed brings, or "".
func (d deed) token() string {
	name, _, _ := strings.Cut(d.text, " ")
	if d.command == "start" && slices.Contains(tokens, name) {
		return name
	}
	return ""
}

// tokens are the invitations of the house, by what they are.
var tokens = []string{"ours", "claimed", "used", "nia's", "replaced", "late"}

const danger = "he hit me again last night"

// deeds are all there is to try: every command of the house, every button that any conversation
// ever showed, as a button and as a form, words, and what happens to chats. What a new flow
// brings is among them by itself.
func deeds(commands []bot.Command, shown map[string]bool) (all []deed) {
	for _, c := range commands {
		for _, text := range []string{"", "1", "yes"} {
			all = append(all, deed{Kind: bot.Called, command: c.Name, text: text})
		}
	}
	all = append(all, deed{Kind: bot.Called, command: "start", text: "here"})
	for _, token := range tokens {
		all = append(all, deed{Kind: bot.Called, command: "start", text: token}, deed{Kind: bot.Called, command: "start", text: token + " yes"})
	}
	for _, text := range []string{"4", "yes", "a line of mine", danger} {
		all = append(all, deed{Kind: bot.Said, text: text})
	}
	for _, kind := range slices.Sorted(maps.Keys(chatEvents)) {
		all = append(all, deed{Kind: kind})
	}
	return append(all, presses(shown)...)
}

// presses are the buttons among the deeds, and one of each flow that nobody ever showed.
func presses(shown map[string]bool) (all []deed) {
	type button struct{ flow, verb string }
	args := map[button][]string{}
	for _, f := range flows.All() {
		args[button{nameOf(f), "nonsense"}] = []string{"1"}
	}
	for _, payload := range slices.Sorted(maps.Keys(shown)) {
		if a, ok := bot.ParseAction(payload); ok {
			args[button{a.Flow, a.Verb}] = append(args[button{a.Flow, a.Verb}], a.Arg)
		}
		command, isCommand := strings.CutPrefix(payload, "/")
		name, text, _ := strings.Cut(command, " ")
		if withToken := len(strings.Fields(text)) > 1; isCommand && !withToken {
			all = append(all, deed{Kind: bot.Tapped, command: name, text: text})
		}
	}
	buttons := slices.SortedFunc(maps.Keys(args), func(a, b button) int { return strings.Compare(a.flow+" "+a.verb, b.flow+" "+b.verb) })
	for _, b := range buttons {
		slices.Sort(args[b])
		for _, arg := range some(slices.Compact(args[b])) {
			all = append(all, deed{Kind: bot.Tapped, flow: b.flow, verb: b.verb, arg: arg})
		}
		all = append(all, deed{Kind: bot.Said, flow: b.flow, verb: b.verb, arg: args[b][0], text: "4"})
	}
	return all
}

// nameOf is what a flow is called.
func nameOf(f bot.Conversation) string { return reflect.ValueOf(f).FieldByName("Name").String() }

// some are the first, the middle and the last.
func some(args []string) []string {
	return slices.Compact([]string{args[0], args[len(args)/2], args[len(args)-1]})
}
