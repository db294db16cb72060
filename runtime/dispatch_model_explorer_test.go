package runtime_test

import (
	"errors"
	"fmt"
	"hash/maphash"
	"strings"
)

// An explorer walks through all worlds that a play can come to, breadth first, so that the way to what it finds is as short
// as can be. Of the worlds that it has seen it keeps 128 bits each.
type explorer struct {
	*play
	mutation mutation

	seeds    [2]maphash.Seed
	seen     map[[2]uint64]uint32 // their numbers
	parent   []uint32
	first    []uint32 // of each world's own, in own
	own      []uint32 // worlds to which steps lead that need nobody outside, and no handler that is blocked
	good     []bool   // nobody waits to be run there, or such steps lead to a world where that is so
	outcomes []outcomeOf
	foreign  bool // of the outcomes that come now

	transitions int
	cut         int // steps that were not explored, because the model has too few goroutines
	covered     map[meeting]bool
}

// An outcomeOf is a world to which a step of a goroutine leads.
type outcomeOf struct {
	world  world
	thread int
	own    bool
}

// A finding is a world that must not be, and how it came to be.
type finding struct {
	what  error
	steps int
	way   string // each of the steps, and where it led
}

var errStranded = errors.New("somebody is ready, and nobody will run it")

func (f *finding) Error() string { return f.what.Error() + "\n" + f.way }

func newExplorer(p *play, m mutation) *explorer {
	return &explorer{
		play: p, mutation: m,
		seeds:   [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		seen:    map[[2]uint64]uint32{},
		covered: map[meeting]bool{},
	}
}

func (e *explorer) emit(w *world, t int) { e.emitFrom(w, t, false) }

// emitFrom adds an outcome. A step that follows and that nobody else has to do with is no step of its own.
func (e *explorer) emitFrom(w *world, t int, outside bool) {
	if outside && !e.foreign {
		e.foreign = true
		defer func() { e.foreign = false }()
	}
	if e.private(w, t) {
		e.step(*w, t)
	} else {
		e.outcomes = append(e.outcomes, outcomeOf{*w, t, !e.foreign})
	}
}

// private reports whether the next step of t commutes with all that others may do: it reads and writes only what nobody else
// writes or reads in this play, and for which it makes no difference when that is done.
func (e *explorer) private(w *world, t int) bool {
	th := &w.threads[t]
	lent := e.left[lends]+e.left[lentWaits] > 0
	patient := e.left[overdues] == 0
	switch th.at {
	case takes:
		return e.left[rounds] == 0
	case activates, setsOn, takesOverOn:
		return !lent && patient
	case wakesUp, leavesWork, entersHook, afterHook, failsNode:
		return patient
	case settlesHook:
		return patient && th.hook != stoppedHook
	case takesNext:
		r := &w.runners[t]
		return !lent && (r.next == 0 || r.next == nobodyNext)
	case takesList:
		return !lent && w.runners[t].list[0] == 0
	case endsTurn:
		return w.runners[t].watched
	case decides:
		return patient && w.left[stops]+w.left[halts]+w.left[arrivals] == 0 && w.actor(th.n).asks == alive
	case stopsKids:
		return true
	}
	return false
}

// twin reports whether actor i differs in nothing from one with a lower number, so that whatever happens to it might as
// well happen to that.
func (w *world) twin(i int) bool {
	for j := range i {
		if w.actors[i] == w.actors[j] && !w.involved(uint8(i+1)) && !w.involved(uint8(j+1)) {
			return true
		}
	}
	return false
}

func (w *world) involved(a uint8) bool {
	for i := range w.threads {
		th := &w.threads[i]
		if th.n == a || th.m == a || th.target == a || th.at == hereStores || th.at == hereLoads {
			return true
		}
	}
	return w.ready(a) > 0
}

// steps explores what may happen next in w.
func (e *explorer) steps(w *world) []outcomeOf {
	e.outcomes = e.outcomes[:0]
	for t := range w.threads {
		e.step(*w, t)
	}
	return e.outcomes
}

func (e *explorer) key(w *world) [2]uint64 {
	return [2]uint64{maphash.Comparable(e.seeds[0], *w), maphash.Comparable(e.seeds[1], *w)}
}

// add numbers w, and reports whether it is new.
func (e *explorer) add(w *world, parent uint32) (number uint32, isNew bool) {
	key := e.key(w)
	if number, seen := e.seen[key]; seen {
		return number, false
	}
	number = uint32(len(e.parent))
	e.seen[key] = number
	e.parent = append(e.parent, parent)
	e.good = append(e.good, e.settled(w))
	return number, true
}

// explore returns what it found first, or nil.
func (e *explorer) explore() *finding {
	level := []world{*newWorld(e.play)}
	e.add(&level[0], 0)
	for number := uint32(0); len(level) > 0; {
		var next []world
		for i := range level {
			cut := e.cut
			e.first = append(e.first, uint32(len(e.own)))
			outcomes := e.steps(&level[i])
			e.transitions += len(outcomes)
			for j := range outcomes {
				o := &outcomes[j]
				to, isNew := e.add(&o.world, number)
				if o.own {
					e.own = append(e.own, to)
				}
				if !isNew {
					continue
				}
				if err := e.check(&o.world); err != nil {
					return e.found(to, err)
				}
				next = append(next, o.world)
			}
			switch {
			case e.cut > cut:
				e.good[number] = true // for all that the model can say
			case len(outcomes) == 0:
				if err := e.checkEnd(&level[i]); err != nil {
					return e.found(number, fmt.Errorf("at the end: %w", err))
				}
			case !e.good[number] && len(e.own) == int(e.first[number]):
				return e.found(number, errStranded)
			}
			number++
		}
		level = next
	}
	e.first = append(e.first, uint32(len(e.own)))
	return e.findStranded()
}

// findStranded looks for a world in which somebody waits to be run, and never is unless a handler that is blocked returns
// or somebody outside does something.
func (e *explorer) findStranded() *finding {
	for changed := true; changed; {
		changed = false
		for i := len(e.good) - 1; i >= 0; i-- {
			for _, to := range e.own[e.first[i]:e.first[i+1]] {
				if !e.good[i] && e.good[to] {
					e.good[i], changed = true, true
				}
			}
		}
	}
	for i, good := range e.good {
		if !good {
			return e.found(uint32(i), errStranded)
		}
	}
	return nil
}

// found is about world number. It tells how that came to be.
func (e *explorer) found(number uint32, what error) *finding {
	var numbers []uint32
	for ; number != 0; number = e.parent[number] {
		numbers = append(numbers, number)
	}
	w := *newWorld(e.play)
	var way strings.Builder
	for i := len(numbers) - 1; i >= 0; i-- {
		for _, o := range e.steps(&w) {
			if e.seen[e.key(&o.world)] == numbers[i] {
				fmt.Fprintf(&way, "\t%v\n", describe(&w, &o))
				w = o.world
				break
			}
		}
	}
	fmt.Fprintf(&way, "\t%+v", w)
	return &finding{what, len(numbers), way.String()}
}

func describe(w *world, o *outcomeOf) string {
	before, after := w.threads[o.thread], o.world.threads[o.thread]
	who := fmt.Sprintf("runner %d", o.thread+1)
	switch {
	case o.thread == lane:
		who = "supervisor"
	case o.thread >= firstOther:
		who = fmt.Sprintf("outsider %d", o.thread-firstOther+1)
	case o.thread >= firstWatcher:
		who = fmt.Sprintf("watchdog %d", o.thread-firstWatcher+1)
	}
	return fmt.Sprintf("%-10s %2d -> %2d  %+v", who, before.at, after.at, after)
}
