package main

import (
	"context"
	"flag"
	"fmt"
	"sync"
	"testing"

	"github.com/troupe-go/troupe/runtime"
)

var all = flag.Bool("all", false, "benchmark every row of a section, not just those of -quick")

var senders = []int{1, 8, 64}

// share calls f(i) for each i below n, from so many goroutines.
func share(goroutines, n int, f func(int)) {
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			for i := g; i < n; i += goroutines {
				f(i)
			}
		})
	}
	all.Wait()
}

// BenchmarkMailbox is the section mailbox of the command, for go test: the rows of -quick, or with -args -all all of them.
// The last part of a name is by=contender, so that benchstat -col /by sets them side by side.
func BenchmarkMailbox(b *testing.B) {
	for _, r := range mailboxRows() {
		if !r.quick && !*all {
			continue
		}
		for _, c := range r.contenders {
			b.Run(r.name+"/by="+c.name, func(b *testing.B) {
				b.ReportAllocs()
				move := c.prepare()
				move(4096) // slots allocated, branches learnt
				b.ResetTimer()
				move(b.N)
			})
		}
	}
}

func newSystem(b *testing.B) *runtime.System {
	system, err := runtime.New(runtime.Config{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = system.Shutdown(context.Background()) })
	return system
}

func BenchmarkTell(b *testing.B) {
	for _, n := range senders {
		b.Run(fmt.Sprintf("actor/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			handled, done := 0, make(chan struct{})
			ref, err := runtime.SpawnFunc(newSystem(b), "", func(*runtime.Context[int], int) error {
				if handled++; handled == b.N {
					close(done)
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
			ctx := context.Background()
			b.ResetTimer()
			share(n, b.N, func(i int) { _ = ref.Tell(ctx, i) })
			<-done
		})
	}
}

type question struct{ runtime.Reply[int] }

func BenchmarkAsk(b *testing.B) {
	b.Run("channel", func(b *testing.B) {
		b.ReportAllocs()
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		questions := make(chan chan int)
		go func() {
			for answer := range questions {
				answer <- 1
			}
		}()
		for range b.N {
			answer := make(chan int, 1)
			select {
			case questions <- answer:
			case <-ctx.Done():
			}
			select {
			case <-answer:
			case <-ctx.Done():
			}
		}
		close(questions)
	})
	for _, inline := range []bool{false, true} {
		b.Run(fmt.Sprintf("actor/inline=%v", inline), func(b *testing.B) {
			b.ReportAllocs()
			ref, err := runtime.Spawn(newSystem(b), runtime.Props[question]{Inline: inline, New: func() runtime.Actor[question] {
				return runtime.Func[question](func(_ *runtime.Context[question], q question) error {
					q.Send(1)
					return nil
				})
			}})
			if err != nil {
				b.Fatal(err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			b.ResetTimer()
			for range b.N {
				_, _ = runtime.Ask(ctx, ref, func(r runtime.Reply[int]) question { return question{r} })
			}
		})
	}
}
