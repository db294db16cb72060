package workerpool_test

import (
	"context"
	"io"
	"os"
	"testing"

	"github.com/sirupsen/logrus"
	"go.uber.org/goleak"

	"github.com/troupe-go/troupe/patterns/workerpool"
	"github.com/troupe-go/troupe/runtime"
)

var (
	volume = 4_000 // jobs of a chaos test
	worlds = 200   // that are explored
)

func TestMain(m *testing.M) {
	if os.Getenv("TROUPE_STRESS") == "1" {
		volume, worlds = 200_000, 20_000
	}
	goleak.VerifyTestMain(m)
}

// newSystem starts a system that logs nothing, and is shut down when the test ends.
func newSystem(t testing.TB) *runtime.System {
	t.Helper()
	logger := logrus.New()
	logger.SetOutput(io.Discard)
	system, err := runtime.New(runtime.Config{Logger: logger})
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

func newPool[Req, Res any](t testing.TB, p runtime.Parent, c workerpool.Config[Req, Res]) *workerpool.Pool[Req, Res] {
	t.Helper()
	pool, err := workerpool.New(p, c)
	if err != nil {
		t.Fatal(err)
	}
	return pool
}

func submit[Req, Res any](t testing.TB, p *workerpool.Pool[Req, Res], req Req) workerpool.Future[Res] {
	t.Helper()
	f, err := p.Submit(context.Background(), req)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func wantStats[Req, Res any](t testing.TB, p *workerpool.Pool[Req, Res], want workerpool.Stats) {
	t.Helper()
	got, err := p.Stats(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	checkSum(t, got)
	got.Accepted = want.Accepted
	if got != want {
		t.Fatalf("stats are %+v, want %+v", got, want)
	}
}

// checkSum checks that each job is counted in one place.
func checkSum(t testing.TB, s workerpool.Stats) {
	t.Helper()
	if s.Accepted != s.Done+s.Failed+s.Dropped+s.Left+uint64(s.Queued+s.Busy) {
		t.Errorf("stats are %+v, want Accepted to be the sum of Done, Failed, Dropped, Left, Queued and Busy", s)
	}
}

// A gate is Work that tells which job it has begun, and goes on when it is let.
type gate struct {
	begun chan int
	open  chan struct{}
}

func newGate() *gate { return &gate{make(chan int, 1<<16), make(chan struct{})} }

func (g *gate) work(ctx context.Context, n int) (int, error) {
	g.begun <- n
	select {
	case <-g.open:
		return n, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// order returns the jobs in the order in which they began.
func (g *gate) order() (begun []int) {
	for len(g.begun) > 0 {
		begun = append(begun, <-g.begun)
	}
	return begun
}
