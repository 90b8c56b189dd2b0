package flows_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"evenfall/bot"
)

var kinds = slices.Sorted(maps.Keys(forgeries))

// forgeries are the ways to forge a button. Now and then one comes out that is true.
var forgeries = map[string]func(*forger, *still) string{
	"true, but somebody else's": func(f *forger, s *still) string {
		return now(s, pick(f, f.real), s.ours()).String()
	},
	"of another round": func(f *forger, s *still) string {
		a := now(s, pick(f, f.real), s.ours())
		a.Round = pick(f, []int{a.Round - 1, a.Round + 1, 0, 1, -1, f.IntN(1 << 20), 1<<63 - 1})
		return a.String()
	},
	"of another couple": func(f *forger, s *still) string {
		return now(s, pick(f, f.real), pick(f, slices.Sorted(maps.Keys(s.couples)))).String()
	},
	"of another flow": func(f *forger, s *still) string {
		a := pick(f, f.real)
		a.Flow = pick(f, f.flows)
		return now(s, a, s.ours()).String()
	},
	"of a flow that is none": func(f *forger, s *still) string {
		a := now(s, pick(f, f.real), s.ours())
		a.Flow = f.garbled(a.Flow)
		return a.String()
	},
	"of a verb that is none": func(f *forger, s *still) string {
		a := now(s, pick(f, f.real), s.ours())
		a.Verb = f.garbled(a.Verb)
		return a.String()
	},
	"changed in its argument": func(f *forger, s *still) string {
		a := now(s, pick(f, f.real), s.ours())
		a.Arg = f.other(a.Arg)
		return a.String()
	},
	"changed in some byte": func(f *forger, s *still) string {
		return f.garbled(now(s, pick(f, f.real), s.ours()).String())
	},
	"cut off": func(f *forger, s *still) string {
		payload := now(s, pick(f, f.real), s.ours()).String()
		return payload[:f.IntN(len(payload))]
	},
	"too long": func(f *forger, s *still) string {
		payload := pick(f, []string{now(s, pick(f, f.real), s.ours()).String(), "/checkin", "/leave 1"})
		pad := pick(f, []string{"0", " ", "/", "x", "\x00"})
		return payload + strings.Repeat(pad, bot.MaxPayload+1-len(payload)+f.IntN(2)*f.IntN(5000))
	},
	"no button at all": func(f *forger, _ *still) string {
		some := make([]byte, f.IntN(bot.MaxPayload+1))
		for i := range some {
			some[i] = byte(f.Uint32())
		}
		return string(some)
	},
}

// now is a button in the round that a couple's flow is in.
func now(s *still, a bot.Action, id bot.CoupleID) bot.Action {
	a.Round = s.round(id, a.Flow)
	return a
}

// other is another argument: another number, the same number written in another way, or nonsense.
func (f *forger) other(arg string) string {
	head, last := "", arg
	if i := strings.LastIndexByte(arg, ':') + 1; i > 0 {
		head, last = arg[:i], arg[i:]
	}
	number := strconv.Itoa(f.IntN(40) - 5)
	return head + pick(f, []string{"", "0" + last, "+" + last, " " + last, last + " ", last + "/" + last, "-" + last, number, "٤", "0x4", "4e0", "１", f.garbled(last)})
}

// garbled has one byte changed, left out or added.
func (f *forger) garbled(text string) string {
	i, some := f.IntN(len(text)+1), byte(f.Uint32())
	if i == len(text) {
		return text + string(rune(some))
	}
	return pick(f, []string{text[:i] + text[i+1:], text[:i] + string(rune(some)) + text[i:], text[:i] + string([]byte{text[i] ^ 1<<(some%8)}) + text[i+1:]})
}
