package runtime_test

import "testing"

// A mutation is one thing that is done wrong in the model. A model that does not find it out proves nothing.
type mutation uint8

const (
	none mutation = iota
	disarmsBlind
	closeKeepsList
	shareDoesNotGuard
	readyDoesNotGuard
	searchEndsBlind
	forsakeKeepsList
	waitKeepsList
	waitKeepsPlace
	sleepsUnseeing
	suspendsUnseeing
	lookUpForgetsAtWork
	lookHoldsNobody
	hireStaysClosed
	tornSlot
	givesWayUnguarded
	abandonKeepsTurn
	mutations
)

func TestHandOffModelFindsWhatIsDoneWrong(t *testing.T) {
	if underRace {
		t.Skip("nothing is shared between goroutines here")
	}
	handlers := play{"", 3, 1, atRest, budget{puts: 1, tells: 2, blocks: 1}}
	outside := play{"", 2, 1, atRest, budget{puts: 2, blocks: 2}}
	waiting := play{"", 2, 1, atRest, budget{puts: 1, tells: 1, waits: 1}}
	abandoning := play{"", 2, 1, atRest, budget{puts: 1, tells: 1, stops: 1, overdues: 1}}
	tests := [mutations]struct {
		name string
		play play
	}{
		disarmsBlind:        {"the watchdog does not look again after it was disarmed", handlers},
		closeKeepsList:      {"a runner that closes keeps its list", handlers},
		shareDoesNotGuard:   {"share does not guard", outside},
		readyDoesNotGuard:   {"ready does not guard", handlers},
		searchEndsBlind:     {"a search does not look again before it ends", handlers},
		forsakeKeepsList:    {"forsake does not hand on", abandoning},
		waitKeepsList:       {"a wait does not hand on", waiting},
		waitKeepsPlace:      {"a wait counts as at work", waiting},
		sleepsUnseeing:      {"an owner sleeps without a look for messages", outside},
		suspendsUnseeing:    {"an owner is suspended without a look for orders", play{"", 1, 1, atRest, budget{puts: 1, failures: 1}}},
		lookUpForgetsAtWork: {"lookUp does not count the runner as at work again", handlers},
		lookHoldsNobody:     {"the watchdog holds nobody", handlers},
		hireStaysClosed:     {"a new runner stays closed", handlers},
		tornSlot:            {"the slot is loaded and then stored", play{"", 2, 1, atRest, budget{puts: 1, lends: 1}}},
		givesWayUnguarded: {"neither who gives way nor who takes from the shared list guards",
			play{"", 3, 2, oneRunsOneLooks, budget{puts: 2, yields: 1, rounds: 1, blocks: 2}}},
		abandonKeepsTurn: {"an abandonment leaves the turn's number", abandoning},
	}
	for m := none + 1; m < mutations; m++ {
		t.Run(tests[m].name, func(t *testing.T) {
			t.Parallel()
			e := newExplorer(&tests[m].play, m)
			f := e.explore()
			if f == nil {
				t.Fatalf("nothing found among %d worlds", len(e.parent))
			}
			t.Logf("%v: among %d worlds, after %d steps", f.what, len(e.parent), f.steps)
		})
	}
}
