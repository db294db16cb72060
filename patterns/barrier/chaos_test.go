package barrier_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/troupe-go/troupe/patterns/barrier"
	"github.com/troupe-go/troupe/runtime"
)

// Parties give up at the very moment at which the last one comes, and Actions fail. Each round lets all go or none, whoever
// hears of it how, and nobody hangs.
func TestARoundLetsAllGoOrNoneUnderChaos(t *testing.T) {
	const n = 4
	system := newSystem(t)
	onPurpose := errors.New("on purpose")
	for _, acts := range []bool{false, true} {
		var actions, whole, broken atomic.Int64
		c := barrier.Config{Parties: n}
		if acts {
			c.Action = func() error {
				switch actions.Add(1) % 20 {
				case 0:
					panic(onPurpose)
				case 1:
					return onPurpose
				}
				return nil
			}
		}
		b := newBarrier(t, system, c)
		for round := range scaled(2000, 100_000) {
			random := rand.New(rand.NewPCG(uint64(round), 1))
			var passed atomic.Int64
			var indices [n]atomic.Bool
			var all sync.WaitGroup
			for range n {
				impatient := random.IntN(5) == 0
				all.Go(func() {
					ctx, cancel := context.WithCancel(context.Background())
					defer cancel()
					if impatient {
						go cancel()
					}
					index, err := b.Wait(ctx)
					switch {
					case err == nil:
						passed.Add(1)
						if indices[index].Swap(true) {
							t.Errorf("two parties of round %d have the index %d", round, index)
						}
					case !errors.Is(err, barrier.ErrBroken):
						t.Errorf("round %d: Wait returns %v, want ErrBroken", round, err)
					}
				})
			}
			all.Wait()
			switch passed.Load() {
			case 0:
				broken.Add(1)
				if err := b.Reset(); err != nil {
					t.Fatal(err)
				}
			case n:
				whole.Add(1)
				wantBroken(t, b, false)
			default:
				t.Fatalf("round %d let %d of %d parties go, want all or none", round, passed.Load(), n)
			}
		}
		t.Logf("%d rounds were let go, %d broke", whole.Load(), broken.Load())
	}
}

// Actors are the parties, and one in ten messages crashes its handler before it comes to the barrier or while a goroutine of
// its waits there. A party that just does not come is for the others' patience: here somebody calls Abort for each crash.
func TestNobodyHangsWhereActorsCrash(t *testing.T) {
	const n = 4
	system := newSystem(t)
	b := newBarrier(t, system, barrier.Config{Parties: n})
	var refs [n]runtime.Ref[act]
	for i := range refs {
		refs[i] = newActor(t, system, "")
	}
	var passed, failed, crashed atomic.Int64
	rounds := scaled(500, 50_000)
	for round := range rounds {
		var all sync.WaitGroup
		for i, ref := range refs {
			all.Add(1)
			random := rand.New(rand.NewPCG(uint64(round), uint64(i)))
			crash, aside := random.IntN(10) == 0, random.IntN(2) == 0
			tell(t, ref, func(ctx *runtime.Context[act]) error {
				switch {
				case crash && aside:
					crashed.Add(1)
					go func() { // waits on behalf of a behaviour that is about to crash
						defer all.Done()
						if _, err := b.Wait(context.WithoutCancel(ctx)); err == nil {
							passed.Add(1)
						} else {
							failed.Add(1)
						}
					}()
					panic("on purpose")
				case crash:
					defer all.Done()
					crashed.Add(1)
					failed.Add(1)
					_ = b.Abort()
					panic("on purpose")
				}
				defer all.Done()
				if _, err := b.Wait(ctx); err == nil {
					passed.Add(1)
				} else if failed.Add(1); !errors.Is(err, barrier.ErrBroken) {
					t.Errorf("Wait returns %v, want ErrBroken", err)
				}
				return nil
			})
		}
		all.Wait()
		if err := b.Reset(); err != nil {
			t.Fatal(err)
		}
	}
	if got := passed.Load() + failed.Load(); got != int64(n*rounds) {
		t.Errorf("%d of %d waits are accounted for", got, n*rounds)
	}
	t.Logf("%d passed, %d failed, %d crashed", passed.Load(), failed.Load(), crashed.Load())
}
