package bot

import (
	"encoding/json"
	"fmt"
	"time"

	"evenfall/rituals"
)

// Stage is the part of a flow's state that the engine reads. Every flow's state embeds it.
type Stage struct {
	Round  int       `json:"round,omitempty"`  // buttons of another round are dead
	Wake   time.Time `json:"wake,omitzero"`    // when to be woken; zero = never
	Listen Who       `json:"listen,omitempty"` // whose next words are for this flow
	Open   bool      `json:"open,omitempty"`   // it shows something that waits for taps: it is told when the house was away
}

func (s *Stage) stage() *Stage { return s }

// Scene is what a step may read besides its own state and the event.
type Scene struct {
	Couple
	Days    []rituals.Day // filled when the step wanted them
	Entries []Entry       // filled when the step wanted them
	Loaded  bool          // the step's Want has been met
	Away    []Span        // when the house was not there, of the last days
}

// Reply is all that a step may ask of the world: plain data, committed with the state as one.
type Reply struct {
	Want   Want  // not zero: load this and play the step again from the start; the rest of the reply is dropped
	Says   []Say // what to say
	Ack    Text  // the private toast for the person who did it
	Keep   []Entry
	Days   []rituals.Day
	Set    *Couple   // the couple as it shall be
	Invite time.Time // the event's Token becomes an invitation until then
	Used   bool      // the invitation the visitor came with is used up
	Leave  Who       // these partners go: their entries, every open round and every waiting letter with them
	Forget Who       // what this partner said is erased, here and in the states of all flows; Both: all that the two have been through
}

// Say adds a message.
func (r *Reply) Say(to To, slot string, m Message) {
	r.Says = append(r.Says, Say{To: to, Slot: slot, Message: m})
}

// Flow is one kind of conversation over a state S, which embeds Stage.
//
// Step is pure: the same scene, state and event give the same state and reply. It
// does no I/O, reads no clock, throws no dice, starts no goroutine, and it may be
// played more than once for one event.
type Flow[S any, P interface {
	*S
	stage() *Stage
}] struct {
	Name     string               // in payloads and in the store; short, a-z
	Commands []string             // the commands it answers
	Visitors bool                 // it also hears people without a seat
	Settled  bool                 // it wants Arranged events
	Hears    bool                 // it gets the words of a partner whom no flow has asked for any
	Sealed   []string             // verbs whose answers nobody else may learn before both have answered
	Keeps    map[string]int       // how many days each kind of entry is kept; a kind that is not here, until it is deleted
	Own      func(S, Who) []Entry // what of the state is a partner's own and not history yet; nil = nothing
	Forget   func(S, Who) S       // the state without what a partner said; nil = it holds nothing of the kind
	Step     func(Scene, S, Event) (S, Reply)
}

// Conversation is a flow with its state's type hidden: what the engine works with.
type Conversation interface {
	name() string
	commands() []string
	visitors() bool
	settled() bool
	hears() bool
	sealed() []string
	keeps() map[string]int
	own(state []byte, who Who) ([]Entry, error)
	forget(state []byte, who Who) (State, error)
	play(sc Scene, state []byte, ev Event, live bool) (played, error)
}

type played struct {
	state  []byte
	before Stage
	stage  Stage
	reply  Reply
	dead   bool // the event's button belongs to another round
}

func (f Flow[S, P]) name() string          { return f.Name }
func (f Flow[S, P]) commands() []string    { return f.Commands }
func (f Flow[S, P]) visitors() bool        { return f.Visitors }
func (f Flow[S, P]) settled() bool         { return f.Settled }
func (f Flow[S, P]) hears() bool           { return f.Hears }
func (f Flow[S, P]) sealed() []string      { return f.Sealed }
func (f Flow[S, P]) keeps() map[string]int { return f.Keeps }

func (f Flow[S, P]) play(sc Scene, state []byte, ev Event, live bool) (played, error) {
	s, err := f.thaw(state)
	if err != nil {
		return played{}, err
	}
	before := *P(&s).stage()
	if live && before.Round != ev.Action.Round {
		return played{dead: true}, nil
	}
	s, reply := f.Step(sc, s, ev)
	out, err := f.freeze(s)
	if err != nil {
		return played{}, err
	}
	return played{state: out, before: before, stage: *P(&s).stage(), reply: reply}, nil
}

func (f Flow[S, P]) thaw(state []byte) (s S, err error) {
	if state == nil {
		return s, nil
	}
	if err := json.Unmarshal(state, &s); err != nil {
		return s, fmt.Errorf("bot: state of flow %s: %w", f.Name, err)
	}
	return s, nil
}

func (f Flow[S, P]) freeze(s S) ([]byte, error) {
	out, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("bot: state of flow %s: %w", f.Name, err)
	}
	return out, nil
}

// SealedVerbs are the verbs of each flow, by name, whose answers are sealed.
func SealedVerbs(flows []Conversation) map[string][]string {
	verbs := map[string][]string{}
	for _, f := range flows {
		if len(f.sealed()) > 0 {
			verbs[f.name()] = f.sealed()
		}
	}
	return verbs
}
