package runtime

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A rota is two lists: of the young the last goes first, and every so often one that has waited.
func TestRotaModel(t *testing.T) {
	ran := newRunner(&dispatcher{})
	rapid.Check(t, func(t *rapid.T) {
		var l rota
		var young, old []*node
		left := 0
		takes := func(got *node, from *[]*node, at int) {
			if len(*from) == 0 {
				if got != nil {
					t.Fatal("an empty rota has somebody")
				}
				return
			}
			if got != (*from)[at] {
				t.Fatalf("not the one at %d of %d young and %d old", at, len(young), len(old))
			}
			*from = slices.Delete(*from, at, at+1)
		}
		t.Repeat(map[string]func(*rapid.T){
			"push young": func(t *rapid.T) {
				for range rapid.IntRange(1, 40).Draw(t, "n") {
					n := &node{}
					young = append(young, n)
					l.push(n)
				}
			},
			"push old": func(t *rapid.T) {
				for range rapid.IntRange(1, 40).Draw(t, "n") {
					n := &node{}
					n.on.Store(ran)
					old = append(old, n)
					l.push(n)
				}
			},
			"pop": func(t *rapid.T) {
				for range rapid.IntRange(1, 80).Draw(t, "n") {
					if left > 0 && len(young) > 0 {
						left--
						takes(l.pop(), &young, len(young)-1)
						continue
					}
					if len(young) > 0 {
						old = append(old, young[0])
						young = young[1:]
					}
					left = max(maxRow, len(young))
					takes(l.pop(), &old, 0)
				}
			},
			"shift": func(t *rapid.T) {
				if len(young) > 0 {
					takes(l.shift(), &young, 0)
				} else {
					takes(l.shift(), &old, 0)
				}
			},
			"": func(t *rapid.T) {
				if l.len() != len(young)+len(old) || l.any() != (l.len() > 0) {
					t.Fatalf("len is %d, any %v: want %d young and %d old", l.len(), l.any(), len(young), len(old))
				}
			},
		})
	})
}

// An actor is young until it has run on a runner, and not again when it runs elsewhere.
func TestActorIsYoungOnce(t *testing.T) {
	n := &node{}
	n.moveElsewhere()
	var l rota
	if l.push(n); l.young.n != 1 {
		t.Error("an actor that has run on no runner, but in Spawn or for an inline ask, is not young")
	}
	n.on.Store(newRunner(&dispatcher{}))
	n.moveElsewhere()
	if l.push(n); l.old.n != 1 || n.runner() != nil {
		t.Error("an actor that has run on a runner, and then elsewhere, is young again, or still on the runner")
	}
}
