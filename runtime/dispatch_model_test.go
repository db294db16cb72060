package runtime_test

import (
	"maps"
	"slices"
	"sync"
	"testing"
)

// A play bounds what happens in the model, so that the worlds that it can come to are finite.
type play struct {
	name   string
	actors int
	limit  int // runners at work
	begin  func(*world)
	left   budget
}

// A budget is how often each thing may happen.
type budget [kinds]uint8

var plays = []play{
	{"handlers tell and block", 3, 1, atRest, budget{puts: 1, tells: 2, blocks: 1}},
	{"tells from outside", 2, 1, atRest, budget{puts: 2, tells: 1, blocks: 1}},
	{"two runners", 3, 2, atRest, budget{puts: 2, tells: 1, blocks: 1}},
	{"waits", 2, 1, atRest, budget{puts: 1, tells: 1, waits: 2, blocks: 1}},
	{"two runners give way", 3, 2, oneRunsOneLooks, budget{puts: 1, yields: 1, rounds: 1, blocks: 2}},
	{"long rows", 3, 1, inTheThick, budget{rows: 1, yields: 1, rounds: 1, blocks: 1}},
	{"preempted runners", 2, 1, atRest, budget{puts: 1, tells: 1, blocks: 1, preempts: 1}},
	{"abandonment", 1, 1, atRest, budget{puts: 1, blocks: 1, stops: 1, overdues: 1, children: 1, preempts: 1}},
	{"abandonment and tell", 2, 1, atRest, budget{puts: 1, tells: 1, stops: 1, overdues: 1}},
	{"abandonment and arrival", 1, 1, atRest, budget{puts: 1, stops: 1, arrivals: 1, overdues: 1, children: 1}},
	{"failure and tell", 2, 1, atRest, budget{puts: 1, tells: 1, failures: 1}},
	{"Goexit and tell", 2, 1, atRest, budget{puts: 1, tells: 1, exits: 1}},
	{"Goexit of a hook", 1, 1, atRest, budget{puts: 1, halts: 1, exits: 1}},
	{"lent contexts", 2, 1, atRest, budget{puts: 1, lends: 1, blocks: 1, preempts: 1}},
	{"lent contexts and tells", 2, 1, atRest, budget{puts: 1, lends: 1, tells: 1}},
	{"waits with a lent context", 2, 1, atRest, budget{puts: 1, tells: 1, lentWaits: 1, blocks: 1}},
	{"known to be slow", 2, 1, atRest, budget{puts: 2, tells: 1, slows: 1, blocks: 1}},
	{"stop and failure", 1, 1, atRest, budget{puts: 1, failures: 1, stops: 2}},
	{"halt and failure", 1, 1, atRest, budget{puts: 1, failures: 1, halts: 1}},
	{"arrival and failure", 1, 1, atRest, budget{puts: 1, failures: 1, arrivals: 1}},
	{"stop and wait", 1, 1, atRest, budget{puts: 1, waits: 1, stops: 1}},
	{"halt and wait", 1, 1, atRest, budget{puts: 1, waits: 1, halts: 1}},
	{"arrival and wait", 1, 1, atRest, budget{puts: 1, waits: 1, arrivals: 1}},
	{"stop and halt", 1, 1, atRest, budget{puts: 1, stops: 1, halts: 1}},
	{"stop and arrival", 1, 1, atRest, budget{puts: 1, stops: 1, arrivals: 1}},
	{"stop with one in the slot", 2, 1, oneInTheSlot, budget{blocks: 1, stops: 1}},
	{"halt with one in the slot", 2, 1, oneInTheSlot, budget{halts: 1}},
	{"arrival with one in the slot", 2, 1, oneInTheSlot, budget{blocks: 1, arrivals: 1}},
	{"stop with one on the list", 2, 1, oneOnTheList, budget{blocks: 1, stops: 1}},
	{"halt of one on the list", 1, 1, oneLeftOnTheList, budget{halts: 1}},
	{"arrival with one on the list", 2, 1, oneOnTheList, budget{blocks: 1, arrivals: 1}},
}

// largePlays are for TROUPE_STRESS=1. They have seven times as many worlds, and take two minutes and a gigabyte.
var largePlays = []play{
	{"more tells from outside", 2, 1, atRest, budget{puts: 3, tells: 1, blocks: 1}},
	{"more waits", 2, 1, atRest, budget{puts: 2, tells: 1, waits: 2, blocks: 1}},
	{"two runners give way twice", 3, 2, oneRunsOneLooks, budget{puts: 2, yields: 1, rounds: 1, blocks: 2}},
	{"stop in the thick", 3, 1, inTheThick, budget{blocks: 1, stops: 1}},
	{"halt in the thick", 3, 1, inTheThick, budget{halts: 1}},
	{"arrival in the thick", 3, 1, inTheThick, budget{blocks: 1, arrivals: 1}},
	{"more preempted runners", 3, 1, atRest, budget{puts: 1, tells: 2, preempts: 1}},
	{"abandonment after an arrival", 1, 1, atRest, budget{puts: 1, blocks: 2, stops: 1, arrivals: 1, overdues: 1, children: 1}},
}

func atRest(*world) {}

// oneRunsOneLooks has the first actor run, and a second runner look for work.
func oneRunsOneLooks(w *world) {
	w.actors[0] = worldActor{working: true, inHand: 1, on: 1}
	w.runners[0] = worldRunner{onDuty: true, begun: true}
	w.runners[1] = worldRunner{onDuty: true, begun: true, looking: true}
	w.threads[0] = thread{at: handles, n: 1}
	w.threads[1] = thread{at: searchesOn}
	w.atWork, w.looking = 2, 1
}

// inTheThick has the first actor run, the second in the slot of its runner and the third on its list, and a watchdog.
func inTheThick(w *world) {
	oneInTheSlot(w)
	w.actors[2] = w.actors[1]
	w.runners[0].list = line{3}
}

func oneInTheSlot(w *world) {
	oneOnTheList(w)
	w.runners[0].next, w.runners[0].list = 2, line{}
}

func oneOnTheList(w *world) {
	w.actors[0] = worldActor{working: true, inHand: 1, on: 1}
	w.actors[1] = worldActor{working: true, queued: 1}
	w.runners[0] = worldRunner{onDuty: true, begun: true, list: line{2}}
	w.threads[0] = thread{at: handles, n: 1}
	w.threads[firstWatcher] = thread{at: naps}
	w.armed, w.short, w.atWork = true, false, 1
}

// oneLeftOnTheList has a runner come to the only actor, which is on its list.
func oneLeftOnTheList(w *world) {
	oneOnTheList(w)
	w.actors[0], w.actors[1] = w.actors[1], newWorld(&play{begin: atRest}).actors[1]
	w.runners[0].list = line{1}
	w.threads[0] = thread{at: endsTurn}
}

func TestHandOffModel(t *testing.T) {
	if underRace {
		t.Skip("nothing is shared between goroutines here")
	}
	all := plays
	if scale > 1 {
		all = append(slices.Clone(plays), largePlays...)
	}
	var mu sync.Mutex
	covered := map[meeting]bool{}
	var worlds, transitions int
	t.Run("plays", func(t *testing.T) {
		for _, p := range all {
			t.Run(p.name, func(t *testing.T) {
				t.Parallel()
				e := newExplorer(&p, none)
				if f := e.explore(); f != nil {
					t.Fatal(f)
				}
				t.Logf("%d worlds, %d transitions, %d not explored", len(e.parent), e.transitions, e.cut)
				mu.Lock()
				defer mu.Unlock()
				maps.Copy(covered, e.covered)
				worlds += len(e.parent)
				transitions += e.transitions
			})
		}
	})
	t.Logf("%d worlds, %d transitions, %d meetings of order and situation", worlds, transitions, len(covered))
	for order, name := range map[kind]string{stops: "stop", halts: "restart", arrivals: "interrupt"} {
		for _, s := range situations {
			if !covered[meeting{order, s}] {
				t.Errorf("no %s came to an actor that was %s", name, s)
			}
		}
	}
}
