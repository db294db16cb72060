package semaphore_test

import (
	"context"
	"flag"
	"io"
	"os"
	"testing"

	"github.com/sirupsen/logrus"
	"go.uber.org/goleak"

	"github.com/troupe-go/troupe/patterns/semaphore"
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
		volume, histories, worlds = 3_000_000, 20_000, 20_000
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

func newPool(t testing.TB, p runtime.Parent, permits int) *semaphore.Pool {
	t.Helper()
	pool, err := semaphore.New(p, semaphore.Config{Name: "pool", Permits: permits})
	if err != nil {
		t.Fatal(err)
	}
	return pool
}

func acquire(t testing.TB, p *semaphore.Pool, n int) semaphore.Lease {
	t.Helper()
	lease, err := p.Acquire(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	return lease
}

func release(t testing.TB, l semaphore.Lease) {
	t.Helper()
	if err := l.Release(); err != nil {
		t.Fatal(err)
	}
}

// A result is what an Acquire on another goroutine returned.
type result struct {
	lease semaphore.Lease
	err   error
}

func acquireAside(ctx context.Context, p *semaphore.Pool, n int) <-chan result {
	got := make(chan result, 1)
	go func() {
		lease, err := p.Acquire(ctx, n)
		got <- result{lease, err}
	}()
	return got
}

// arrived reports whether there is a result. It needs a synctest bubble at rest.
func arrived(got <-chan result) bool { return len(got) == 1 }

func wantStats(t testing.TB, p *semaphore.Pool, want semaphore.Stats) {
	t.Helper()
	got, err := p.Stats(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Fatalf("stats are %+v, want %+v", got, want)
	}
}
