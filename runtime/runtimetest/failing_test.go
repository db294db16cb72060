package runtimetest

import (
	"fmt"
	goruntime "runtime"
	"strings"
	"testing"
	"time"

	"github.com/troupe-go/troupe/runtime"
)

// A visit is to be alone: what worlds do between calls of the runtime needs no lock, also when they have failed.
type visit struct {
	w      *World
	inside int
}

func (v *visit) be() {
	v.inside++
	for range 100 {
		goruntime.Gosched()
	}
	if v.inside != 1 {
		v.w.Errorf("%d at the same time", v.inside)
	}
	v.inside--
}

// hang has n goroutines wait for an answer that never comes, and then do what must be done alone.
func hang(w *World, n int, then func()) {
	system := w.System(runtime.Config{})
	silent, err := runtime.SpawnFunc(system, "silent", func(*runtime.Context[runtime.Reply[int]], runtime.Reply[int]) error { return nil })
	if err != nil {
		w.Fatalf("%v", err)
	}
	for range n {
		w.Go(func() {
			_, err := runtime.Ask(w.Context(), silent, func(r runtime.Reply[int]) runtime.Reply[int] { return r })
			if err == nil {
				w.Errorf("an answer came")
			}
			then()
		})
	}
}

func TestWorldThatFailsIsSaidWhy(t *testing.T) {
	for _, tt := range []struct {
		name string
		f    func(w *World)
		want string
	}{
		{"it waits for ever", func(w *World) { hang(w, 1, func() {}) }, "stuck: all wait, and nothing is to come"},
		{"it waits for ever, for a channel", func(w *World) { <-make(chan int) }, "stuck: all wait, and nothing is to come"},
		{"it has no end", func(w *World) {
			for w.Context().Err() == nil {
				w.Yield()
			}
		}, "no end after 200000 steps"},
		{"it has no end, whatever ends", func(w *World) {
			for {
				w.Yield()
			}
		}, "no end after 200000 steps"},
		{"it has no end once it is over", func(w *World) {
			late, err := runtime.SpawnFunc(w.System(runtime.Config{}), "late", func(*runtime.Context[int], int) error {
				for <-w.Context().Done(); ; w.Yield() {
				}
			})
			if err != nil {
				w.Fatalf("%v", err)
			}
			if err := late.Tell(w.Context(), 1); err != nil {
				w.Errorf("%v", err)
			}
			w.Sleep(time.Second)
			late.Stop() // abandons it in time
		}, "after the shutdown: no end after"},
		{"it panics", func(w *World) { panic("by accident") }, "panic: by accident"},
		{"it says so", func(w *World) { w.Fatalf("this is %d", 5) }, "this is 5"},
		{"it panics when it is stuck", func(w *World) { hang(w, 2, func() { panic("afterwards") }) }, "stuck: all wait"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := inBubble(t, 1, tt.f, false)
			if len(w.failed) == 0 || !strings.HasPrefix(w.failed[0], tt.want) {
				t.Errorf("it is said to fail of %q, want %q first", w.failed, tt.want)
			}
		})
	}
}

// Who goes on only because the world has failed goes on as before: one at a time, and as the seed has it.
func TestWorldThatFailsEndsOneAtATime(t *testing.T) {
	for seed := range uint64(20) {
		var order [2][]int
		for i := range order {
			v := &visit{}
			w := inBubble(t, seed, func(w *World) {
				v.w = w
				n := 0
				hang(w, 8, func() {
					n++
					me := n
					for range 3 {
						v.be()
						w.Yield()
						order[i] = append(order[i], me)
					}
				})
			}, false)
			if len(w.failed) != 1 || !strings.HasPrefix(w.failed[0], "stuck") {
				t.Fatalf("seed %d: %s", seed, strings.Join(w.failed, "\n"))
			}
		}
		if got := fmt.Sprint(order[0]); len(order[0]) != 24 || got != fmt.Sprint(order[1]) {
			t.Fatalf("seed %d: %v, and then %v", seed, order[0], order[1])
		}
	}
}
