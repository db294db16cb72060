package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// svPipeline starts a sink, then stages, then sources, each of which sends on to the one before. Its mailboxes hold 4.
func svPipeline(t *testing.T, system *runtime.System, sink func(int) error, stages int) (source runtime.Ref[int]) {
	t.Helper()
	small := mailbox.Config[int]{Capacity: 4}
	next := spawn(t, system, runtime.Props[int]{Name: "sink", Mailbox: small,
		New: always(func(_ *runtime.Context[int], m int) error { return sink(m) })})
	for i := range stages {
		to := next
		next = spawn(t, system, runtime.Props[int]{Name: fmt.Sprint("stage", i), Mailbox: small,
			New: always(func(ctx *runtime.Context[int], m int) error { return to.Tell(ctx, m) })})
	}
	return next
}

func TestPromise9ShutdownDrainsAPipelineWithFullMailboxes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		g := newGate(t)
		var got []int
		const stages, waiting = 3, 5
		source := svPipeline(t, system, func(m int) error {
			g.wait()
			got = append(got, m)
			return nil
		}, stages)
		// Each actor has one message in hand and four in its mailbox; five more wait for room, from outside.
		for m := range (stages + 1) * 5 {
			tell(t, source, m)
			synctest.Wait()
		}
		told := make(chan error, waiting)
		for m := range waiting {
			go func() { told <- source.Tell(context.Background(), 1000+m) }()
			synctest.Wait()
		}
		done := make(chan struct{})
		go func() { defer close(done); svShutdown(t, system) }()
		synctest.Wait()
		if err := source.Tell(context.Background(), -1); !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("a tell from outside: %v", err)
		}
		if err := source.TryTell(-1); !errors.Is(err, runtime.ErrStopped) && !errors.Is(err, mailbox.ErrFull) {
			t.Errorf("a try from outside: %v", err)
		}
		g.open()
		<-done
		accepted := (stages + 1) * 5
		for range waiting {
			if err := <-told; err == nil {
				accepted++
			} else if !errors.Is(err, runtime.ErrStopped) {
				t.Errorf("a tell that waited: %v", err)
			}
		}
		if len(got) != accepted {
			t.Errorf("%d arrived, want all %d that were accepted", len(got), accepted)
		}
		for i := 1; i < len(got); i++ {
			if got[i-1] >= got[i] {
				t.Errorf("%v: want them in order", got)
				break
			}
		}
		if stats := system.Stats(); stats.DeadLettered+stats.Dropped != 0 {
			t.Errorf("%+v: want nothing lost", stats)
		}
	})
}

// A deep tree, whose parents feed their children while they drain: each message goes down to a leaf, and reports back
// up to the top, which still handles the reports when its children stop.
func TestPromise9ShutdownDrainsADeepTree(t *testing.T) {
	const depth, width = 11, 2 // 2,047 actors
	system := newSystem(t)
	var reports atomic.Int64
	var actors atomic.Int64
	var props func(level int, up func(*runtime.Context[int], int) error) runtime.Props[int]
	props = func(level int, up func(*runtime.Context[int], int) error) runtime.Props[int] {
		actors.Add(1)
		return runtime.Props[int]{Mailbox: mailbox.Config[int]{Capacity: mailbox.Unbounded}, New: func() runtime.Actor[int] {
			return &svBranch{level: level, up: up, props: props}
		}}
	}
	top := spawn(t, system, props(depth-1, func(_ *runtime.Context[int], _ int) error {
		reports.Add(1)
		return nil
	}))
	const messages = 200
	for m := range messages {
		tell(t, top, m)
	}
	svShutdown(t, system)
	stats := system.Stats()
	if actors.Load() != 1<<depth-1 || reports.Load() != messages {
		t.Errorf("%d actors, %d reports: want %d and %d", actors.Load(), reports.Load(), 1<<depth-1, messages)
	}
	// Down to the leaf, and up to the top again; a leaf answers at once.
	if want := uint64(messages * (2*depth - 1)); stats.Handled != want || stats.Sent != want {
		t.Errorf("%+v: want %d sent and handled", stats, want)
	}
}

// A svBranch passes numbers from 0 on down to its children, and negative ones, which are reports, up.
type svBranch struct {
	level int
	up    func(*runtime.Context[int], int) error
	props func(int, func(*runtime.Context[int], int) error) runtime.Props[int]
	kids  []runtime.Ref[int]
}

func (b *svBranch) Started(ctx *runtime.Context[int]) error {
	self := ctx.Self()
	for range 2 {
		if b.level == 0 {
			return nil
		}
		kid, err := runtime.Spawn(ctx, b.props(b.level-1, func(ctx *runtime.Context[int], m int) error { return self.Tell(ctx, m) }))
		if err != nil {
			return err
		}
		b.kids = append(b.kids, kid)
	}
	return nil
}

func (b *svBranch) Receive(ctx *runtime.Context[int], m int) error {
	if m < 0 {
		return b.up(ctx, m)
	}
	if b.level == 0 {
		return b.up(ctx, -1-m)
	}
	return b.kids[m>>b.level&1].Tell(ctx, m)
}

func TestPromise9ShutdownDrainsWithFailingActors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		g := newGate(t)
		ledger := newSvLedger()
		ledger.bury(system)
		source := svPipeline(t, system, func(m int) error {
			g.wait()
			switch m % 5 {
			case 0:
				return errSV
			case 1:
				panic(m)
			}
			ledger.end(m, "handled")
			return nil
		}, 1)
		for range 10 {
			m := ledger.number()
			tell(t, source, m)
			synctest.Wait()
		}
		done := make(chan struct{})
		go func() { defer close(done); svShutdown(t, system) }()
		synctest.Wait()
		g.open()
		<-done
		stats := system.Stats()
		if stats.Restarts != 4 || ledger.count["handled"] != 6 || ledger.count["dead"] != 4 || len(ledger.twice) > 0 {
			t.Errorf("%v, %+v: want 4 restarts with a dead letter each, and 6 handled", ledger.count, stats)
		}
	})
}

func TestPromise9ShutdownStopsTheYoungestFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		var notes journal
		for _, name := range []string{"a", "b", "c"} {
			spawn(t, system, svProps(name, svNoted(&notes), svSpawnsAll(&notes, name+"1", name+"2")))
		}
		notes.take()
		svShutdown(t, system)
		notes.check(t, "c2 stops: <nil>", "c1 stops: <nil>", "c stops: <nil>",
			"b2 stops: <nil>", "b1 stops: <nil>", "b stops: <nil>", "a2 stops: <nil>", "a1 stops: <nil>", "a stops: <nil>")
	})
}
