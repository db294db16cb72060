package runtime_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

var (
	scale     = 1  // multiplies the rounds of the tests that look for rare interleavings
	underRace bool // the race detector is on
)

func TestMain(m *testing.M) {
	if os.Getenv("TROUPE_STRESS") == "1" {
		scale = 50
	}
	goleak.VerifyTestMain(m)
}

// newSystem returns a system that logs nowhere, unless the config says otherwise. The end of the test shuts it down,
// without a time limit, and checks the books. What still holds a handler up must be released before: see newGate.
func newSystem(t testing.TB, configs ...runtime.Config) *runtime.System {
	t.Helper()
	var c runtime.Config
	if len(configs) > 0 {
		c = configs[0]
	}
	if c.Logger == nil {
		c.Logger = quiet()
	}
	s, err := runtime.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		stats := s.Stats()
		checkIdentity(t, stats)
		if stats.Queued != 0 || stats.Actors != 0 {
			t.Errorf("after the shutdown: %+v: want nothing queued, and no actor", stats)
		}
	})
	return s
}

// tireless is a system that restarts at once, as often as it takes.
var tireless = runtime.Config{Children: supervisor.Config{MaxRestarts: supervisor.Unlimited}}

// resuming is a system that keeps the behaviours that fail.
var resuming = runtime.Config{Children: supervisor.Config{
	Decide: func(error) supervisor.Directive { return supervisor.Resume },
}}

func spawn[M any](t testing.TB, p runtime.Parent, props runtime.Props[M]) runtime.Ref[M] {
	t.Helper()
	ref, err := runtime.Spawn(p, props)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func spawnFunc[M any](t testing.TB, p runtime.Parent, f func(*runtime.Context[M], M) error) runtime.Ref[M] {
	t.Helper()
	return spawn(t, p, runtime.Props[M]{New: always(f)})
}

// always makes a Props.New of a function that needs no state of its own.
func always[M any](f func(*runtime.Context[M], M) error) func() runtime.Actor[M] {
	return func() runtime.Actor[M] { return runtime.Func[M](f) }
}

func tell[M any](t testing.TB, to runtime.Ref[M], ms ...M) {
	t.Helper()
	for _, m := range ms {
		if err := to.Tell(context.Background(), m); err != nil {
			t.Fatalf("tell %v: %v", m, err)
		}
	}
}

// elapse lets d pass in a synctest bubble, and then everything come to rest.
func elapse(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// checkIdentity checks that each message ended in exactly one of the places where messages end.
func checkIdentity(t testing.TB, s runtime.Stats) {
	t.Helper()
	if s.Sent != s.Rejected+s.Handled+s.Dropped+s.DeadLettered+s.Queued {
		t.Errorf("the counts do not add up: %+v", s)
	}
}

// checkStats checks all counts at once. A difference names those that differ.
func checkStats(t testing.TB, got, want runtime.Stats) {
	t.Helper()
	checkIdentity(t, got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("stats (-want +got):\n%s", diff)
	}
}

// A gate holds up whoever waits at it until it is opened; the end of the test opens it at the latest. Make it after the
// system, because what is made last is cleaned up first.
type gate struct {
	opened chan struct{}
	once   sync.Once
}

func newGate(t testing.TB) *gate {
	g := &gate{opened: make(chan struct{})}
	t.Cleanup(g.open)
	return g
}

func (g *gate) open() { g.once.Do(func() { close(g.opened) }) }
func (g *gate) wait() { <-g.opened }

// A journal notes what happened, in order.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) add(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, fmt.Sprintf(format, args...))
}

// take returns what was noted since the last time.
func (j *journal) take() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	lines := j.lines
	j.lines = nil
	return lines
}

// check compares what was noted since the last time.
func (j *journal) check(t testing.TB, want ...string) {
	t.Helper()
	if got := j.take(); !slices.Equal(got, want) {
		t.Errorf("journal (-want +got):\n%s", cmp.Diff(want, got))
	}
}

// letters collects the dead letters of a system.
type letters struct {
	mu  sync.Mutex
	all []runtime.DeadLetter
}

func collectDeadLetters(s *runtime.System) *letters {
	l := &letters{}
	s.DeadLetters(func(d runtime.DeadLetter) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.all = append(l.all, d)
	})
	return l
}

func (l *letters) list() []runtime.DeadLetter {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.all)
}

// check compares the messages, which must be comparable, in their order.
func (l *letters) check(t testing.TB, want ...any) {
	t.Helper()
	var got []any
	for _, d := range l.list() {
		got = append(got, d.Message)
	}
	if !slices.Equal(got, want) {
		t.Errorf("dead letters: %v\nwant          %v", got, want)
	}
}
