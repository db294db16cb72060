package runtimetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// steps is the way of one seed through f, choice by choice. Inlined, it would have several names in them.
//
//go:noinline
func steps(t *testing.T, seed uint64, f func(*World)) (all []string, w *World) {
	synctest.Test(t, func(*testing.T) {
		w = explore(seed, f, func(pick, of int, task task) {
			all = append(all, fmt.Sprintf("%d/%d #%d %s", pick, of, task.number, task.what))
		})
	})
	return all, w
}

type busyMessage struct {
	runtime.Reply[int]
	n int
}

// busy is a system in which much happens: it fails, restarts, watches, pipes, asks, waits for room, and is shut down early.
func busy(w *World) {
	system := w.System(runtime.Config{Children: supervisor.Config{MaxRestarts: supervisor.Unlimited,
		Backoff: supervisor.Backoff{Min: time.Millisecond, Max: time.Second, Jitter: 1}}})
	var refs []runtime.Ref[busyMessage]
	spawn := func(p runtime.Parent, name string) runtime.Ref[busyMessage] {
		ref, err := runtime.Spawn(p, runtime.Props[busyMessage]{Name: name, Redeliver: 1,
			Mailbox: mailbox.Config[busyMessage]{Capacity: 2},
			New: func() runtime.Actor[busyMessage] {
				return runtime.Func[busyMessage](func(ctx *runtime.Context[busyMessage], m busyMessage) error {
					switch m.n {
					case 3:
						return errors.New("three")
					case 5:
						panic("five")
					case 6:
						runtime.Pipe(ctx, func(context.Context) (int, error) { return 7, nil },
							func(n int, _ error) busyMessage { return busyMessage{n: n} })
					case 7:
						ctx.After(time.Second, busyMessage{n: 8})
					}
					m.Send(m.n)
					return nil
				})
			}})
		if err != nil {
			w.Fatalf("%v", err)
		}
		return ref
	}
	for i := range 3 {
		refs = append(refs, spawn(system, fmt.Sprint("actor-", i)))
	}
	watcher, _ := runtime.SpawnFunc(system, "watcher", func(ctx *runtime.Context[int], m int) error {
		if m > 0 {
			return nil // one has ended
		}
		for _, ref := range refs {
			runtime.Watch(ctx, ref, func(error) int { return 1 })
		}
		return nil
	})
	_ = watcher.Tell(w.Context(), 0)
	for i := range 3 {
		w.Go(func() {
			r := w.Rand()
			for range 6 {
				to, n := refs[r.IntN(3)], r.IntN(9)
				if i == 0 {
					_, _ = runtime.Ask(w.Context(), to, func(r runtime.Reply[int]) busyMessage { return busyMessage{r, n} })
				} else {
					_ = to.Tell(w.Context(), busyMessage{n: n})
				}
			}
		})
	}
	w.Go(func() {
		w.Sleep(time.Duration(w.Rand().IntN(1000)) * time.Millisecond)
		refs[1].Stop()
	})
}

func TestSeedAlwaysLeadsTheSameWay(t *testing.T) {
	ways := map[string]bool{}
	for seed := range uint64(300) {
		first, w := steps(t, seed, busy)
		if len(w.failed) > 0 {
			t.Fatalf("seed %d: %v", seed, w.failed)
		}
		second, _ := steps(t, seed, busy)
		if !slices.Equal(first, second) {
			for i := range first {
				if i >= len(second) || first[i] != second[i] {
					t.Fatalf("seed %d: step %d of %d and %d:\n%s\n%s", seed, i, len(first), len(second), first[max(0, i-3):min(i+3, len(first))], second[max(0, i-3):min(len(second), i+3)])
				}
			}
			t.Fatalf("seed %d: %d steps, and then %d", seed, len(first), len(second))
		}
		ways[fmt.Sprint(first)] = true
	}
	if len(ways) < 290 {
		t.Errorf("300 seeds lead only %d ways", len(ways))
	}
}
