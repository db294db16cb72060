package lock_test

import (
	"context"
	"flag"
	"io"
	"os"
	"testing"

	"github.com/sirupsen/logrus"
	"go.uber.org/goleak"

	"github.com/troupe-go/troupe/patterns/lock"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

var (
	volume    = 20_000 // operations of a chaos test
	histories = 300    // for the linearizability test
	worlds    = 300    // that are explored
)

func TestMain(m *testing.M) {
	flag.Parse()
	if os.Getenv("TROUPE_STRESS") == "1" {
		volume, histories, worlds = 1_000_000, 20_000, 20_000
		if err := flag.Set("rapid.checks", "2000"); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m)
}

// newSystem starts a system that logs nothing, and is shut down when the test ends.
func newSystem(t testing.TB, children ...supervisor.Config) *runtime.System {
	t.Helper()
	logger := logrus.New()
	logger.SetOutput(io.Discard)
	config := runtime.Config{Logger: logger}
	for _, c := range children {
		config.Children = c
	}
	system, err := runtime.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := system.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return system
}

func newMutex(t testing.TB, p runtime.Parent) *lock.Mutex {
	t.Helper()
	m, err := lock.NewMutex(p, lock.Config{Name: "lock"})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func newReentrant(t testing.TB, p runtime.Parent) *lock.Reentrant {
	t.Helper()
	r, err := lock.NewReentrant(p, lock.Config{Name: "reentrant"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func take(t testing.TB, m *lock.Mutex) lock.Hold {
	t.Helper()
	hold, err := m.Lock(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return hold
}

func unlock(t testing.TB, h lock.Hold) {
	t.Helper()
	if err := h.Unlock(); err != nil {
		t.Fatal(err)
	}
}

// A result is what a Lock on another goroutine returned.
type result struct {
	hold lock.Hold
	err  error
}

func lockAside(ctx context.Context, m *lock.Mutex) <-chan result {
	got := make(chan result, 1)
	go func() {
		hold, err := m.Lock(ctx)
		got <- result{hold, err}
	}()
	return got
}

// arrived reports whether there is a result. It needs a synctest bubble at rest.
func arrived[T any](got <-chan T) bool { return len(got) == 1 }

func wantStats(t testing.TB, m interface{ Stats() lock.Stats }, want lock.Stats) {
	t.Helper()
	if got := m.Stats(); got != want {
		t.Fatalf("stats are %+v, want %+v", got, want)
	}
}

// act is a message that its receiver carries out.
type act func(*runtime.Context[act]) error

func perform(ctx *runtime.Context[act], do act) error { return do(ctx) }

func newActor(t testing.TB, p runtime.Parent, name string) runtime.Ref[act] {
	t.Helper()
	ref, err := runtime.SpawnFunc(p, name, perform)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func tell(t testing.TB, ref runtime.Ref[act], do act) {
	t.Helper()
	if err := ref.Tell(context.Background(), do); err != nil {
		t.Fatal(err)
	}
}
