package batch

import (
	"context"
	"io"
	"math"
	"testing"
	"testing/synctest"

	"github.com/sirupsen/logrus"
	"pgregory.net/rapid"

	"github.com/troupe-go/troupe/runtime"
)

// An asker keeps the handles of asks open: their askers wait until it gives them up.
type asker struct {
	ref   runtime.Ref[openAsk]
	given chan runtime.Reply[int]
}

type openAsk struct{ runtime.Reply[int] }

func newAsker(t *testing.T) *asker {
	logger := logrus.New()
	logger.SetOutput(io.Discard)
	system, err := runtime.New(runtime.Config{Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = system.Shutdown(context.Background()) })
	a := &asker{given: make(chan runtime.Reply[int], 1)}
	if a.ref, err = runtime.SpawnFunc(system, "asker", func(_ *runtime.Context[openAsk], m openAsk) error {
		a.given <- m.Reply
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return a
}

// open returns a handle for which somebody waits, and how that one gives up.
func (a *asker) open() (runtime.Reply[int], func()) {
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan struct{})
	go func() {
		defer close(over)
		_, _ = runtime.Ask(ctx, a.ref, func(r runtime.Reply[int]) openAsk { return openAsk{r} })
	}()
	return <-a.given, func() {
		cancel()
		<-over
	}
}

// Whatever is put in, given up, counted and taken out: what comes out is what a plain list would give.
func TestQueueAgreesWithList(t *testing.T) {
	a := newAsker(t)
	rapid.Check(t, func(t *rapid.T) {
		type item struct {
			id     int
			giveUp func()
		}
		var q queue[int, int]
		var list []item
		next := 0
		defer func() {
			for _, i := range list {
				i.giveUp()
			}
		}()
		n := rapid.IntRange(0, 6)
		t.Repeat(map[string]func(*rapid.T){
			"push": func(*rapid.T) {
				r, giveUp := a.open()
				q.push(asked[int, int]{Reply: r, req: next})
				list = append(list, item{next, giveUp})
				next++
			},
			"give up": func(t *rapid.T) {
				if len(list) == 0 {
					t.Skip("nothing waits")
				}
				i := rapid.IntRange(0, len(list)-1).Draw(t, "which")
				list[i].giveUp()
				list = append(list[:i:i], list[i+1:]...)
				if rapid.Bool().Draw(t, "and say so") {
					q.giveUp()
				}
			},
			"take": func(t *rapid.T) {
				got := q.take(nil, n.Draw(t, "n"))
				for i, g := range got {
					if g.req != list[i].id {
						t.Fatalf("%d comes out, want %d", g.req, list[i].id)
					}
					list[i].giveUp()
				}
				list = list[len(got):]
			},
			"at least": func(t *rapid.T) {
				// What was given up and not said so may count still.
				if n := n.Draw(t, "n"); len(list) >= n && !q.atLeast(n) {
					t.Fatalf("there are not %d, want %d", n, len(list))
				}
			},
			"sweep": func(t *rapid.T) {
				if q.sweep(); q.len() != len(list) || q.gone != 0 {
					t.Fatalf("%d wait and %d are gone, want %d and none", q.len(), q.gone, len(list))
				}
				for n := range len(list) + 2 {
					if q.atLeast(n) != (len(list) >= n) {
						t.Fatalf("atLeast(%d) is wrong for %d", n, len(list))
					}
				}
			},
			"": func(t *rapid.T) {
				if q.len() < len(list) || q.head > len(q.slots) {
					t.Fatalf("%d wait, want %d at least", q.len(), len(list))
				}
				for _, s := range q.slots[:q.head] {
					if s != (asked[int, int]{}) {
						t.Fatalf("%+v is kept alive", s)
					}
				}
			},
		})
	})
}

// A crowd that has come and gone leaves neither memory nor a count behind, whatever way it went.
func TestQueueGivesMemoryBack(t *testing.T) {
	var q queue[int, int]
	for range 3 * spare {
		q.push(asked[int, int]{})
	}
	q.giveUp() // none of them has an asker
	for range 2 * spare {
		q.giveUp()
	}
	if q.len() != 0 || cap(q.slots) > spare || q.gone > 0 {
		t.Errorf("%d wait, %d are gone, and there is room for %d, want none, none, and %d at most", q.len(), q.gone, cap(q.slots), spare)
	}
	for i := range 100 * spare {
		q.push(asked[int, int]{req: i})
		if i >= 10 {
			q.slots[q.head] = asked[int, int]{}
			q.head++ // as take does
		}
	}
	if cap(q.slots) > spare {
		t.Errorf("there is room for %d where 10 wait, want %d at most", cap(q.slots), spare)
	}
}

// Requests that were given up while the one call goes on leave nothing behind.
func TestGivenUpRequestsLeaveNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logger := logrus.New()
		logger.SetOutput(io.Discard)
		system, err := runtime.New(runtime.Config{Logger: logger})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = system.Shutdown(context.Background()) }()
		end := make(chan bool)
		cfg := Config[int, int]{Queue: math.MaxInt, Call: func(_ context.Context, reqs []int) ([]int, error) {
			<-end
			return reqs, nil
		}}
		if err := cfg.validate(); err != nil {
			t.Fatal(err)
		}
		c := &collector[int, int]{cfg: cfg}
		ref, err := spawn(system, c)
		if err != nil {
			t.Fatal(err)
		}
		b := &Batcher[int, int]{ref}
		go func() { _, _ = b.Do(context.Background(), 0) }()
		synctest.Wait()
		for range 10 {
			ctx, cancel := context.WithCancel(context.Background())
			for i := range 100 {
				go func() { _, _ = b.Do(ctx, i) }()
			}
			synctest.Wait()
			cancel()
			synctest.Wait()
			if c.queue.len() > 0 {
				t.Fatalf("%d requests are kept, want none", c.queue.len())
			}
		}
		end <- true
	})
}
