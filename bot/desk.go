package bot

import "sync"

// Of each network. A network that is slow, or wants to be left alone, so holds up no other.
const (
	carriers = 64 // letters under way at the same time
	patient  = 16 // of these, for letters that answer nobody: more than a network takes in a round trip
)

// desk is where the letters for one network are handed to its carriers. The post's mutex is
// held in all of it.
type desk struct {
	work  *sync.Cond    // a box is ready, or the post closes
	ready [lanes][]*box // boxes with a letter to send now, by the lane of the letter
	calm  int           // letters under way that answer nobody
}

// line puts a box at the end of the ready ones.
func (d *desk) line(bx *box) {
	lane := min(bx.letters[0].Lane, lanes-1)
	d.ready[lane] = append(d.ready[lane], bx)
	d.work.Signal()
}

// next takes the box whose turn it is, if there is one: those that answer somebody first.
// Only some carriers are ever under way for the others, so that an answer does not
// wait behind an evening's prompts.
func (d *desk) next() *box {
	for lane, waiting := range d.ready {
		if len(waiting) > 0 && (Lane(lane) == Answers || d.calm < patient) {
			d.ready[lane] = waiting[1:]
			return waiting[0]
		}
	}
	return nil
}

// empty reports whether nothing is ready.
func (d *desk) empty() bool {
	for _, waiting := range d.ready {
		if len(waiting) > 0 {
			return false
		}
	}
	return true
}
