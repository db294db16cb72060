package runtime_test

import (
	"context"
	"errors"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/troupe-go/troupe/runtime"
)

// A loner notices when two of its methods run at the same time: by a count, and, under the race detector, by the
// unguarded runs, which all its instances share.
type loner struct {
	t    *testing.T
	busy atomic.Int32
	runs int
	told atomic.Int64 // messages told or asked without an error
}

type request struct {
	runtime.Reply[int]
	kind int
}

const (
	kindPlain = iota
	kindFailing
	kindPanicking
	kindExiting
	kindPiping
	kindWatching
	kindResult // of a pipe or watch
	kindTick
)

func (l *loner) alone() {
	if n := l.busy.Add(1); n != 1 {
		l.t.Errorf("%d run at the same time", n)
	}
	l.runs++
	goruntime.Gosched()
	l.busy.Add(-1)
}

func (l *loner) Started(ctx *runtime.Context[request]) error {
	l.alone()
	ctx.Every(100*time.Microsecond, request{kind: kindTick})
	return nil
}

func (l *loner) Restarting(*runtime.Context[request], error) { l.alone() }
func (l *loner) Stopped(*runtime.Context[request], error)    { l.alone() }

func (l *loner) Receive(ctx *runtime.Context[request], m request) error {
	l.alone()
	switch m.kind {
	case kindFailing:
		return errors.New("failing")
	case kindPanicking:
		panic("panicking")
	case kindExiting:
		goruntime.Goexit()
	case kindPiping:
		runtime.Pipe(ctx, func(context.Context) (int, error) { return 1, nil }, func(int, error) request {
			l.alone()
			return request{kind: kindResult}
		})
	case kindWatching:
		child, err := runtime.SpawnFunc(ctx, "", func(*runtime.Context[int], int) error { return nil })
		if err != nil {
			return err
		}
		runtime.Watch(ctx, child, func(error) request {
			l.alone()
			return request{kind: kindResult}
		})
		child.Stop()
	}
	m.Send(m.kind)
	return nil
}

func TestPromise1OneAtATimeWhateverComesFromWherever(t *testing.T) {
	system := newSystem(t, tireless)
	l := &loner{t: t}
	for _, inline := range []bool{false, true} {
		ref := spawn(t, system, runtime.Props[request]{New: func() runtime.Actor[request] { return l }, Inline: inline})
		var senders sync.WaitGroup
		for sender := range 64 {
			senders.Go(func() {
				for i := range 40 * scale {
					kind := kindOf(sender, i)
					if inline && kind == kindExiting {
						kind = kindFailing // it would end the goroutine that asks
					}
					l.send(ref, kind, i%2 == 0)
				}
			})
		}
		senders.Wait()
		ref.StopWhenEmpty()
		<-ref.Done()
		stats := ref.Stats()
		checkIdentity(t, stats)
		if told := uint64(l.told.Swap(0)); stats.Handled+stats.DeadLettered < told {
			t.Errorf("%+v: want at least the %d that were told", stats, told)
		}
	}
}

// kindOf makes a mixture in which one in 16 fails.
func kindOf(sender, i int) int {
	switch {
	case i%16 == sender%16:
		return kindFailing + sender%3
	case i%4 == 1:
		return kindPiping + sender%2
	}
	return kindPlain
}

func (l *loner) send(ref runtime.Ref[request], kind int, ask bool) {
	ctx := context.Background()
	if ask {
		_, _ = runtime.Ask(ctx, ref, func(r runtime.Reply[int]) request { return request{Reply: r, kind: kind} })
	} else if err := ref.Tell(ctx, request{kind: kind}); err != nil {
		l.t.Error(err)
	}
	l.told.Add(1)
}
