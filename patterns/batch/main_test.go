package batch_test

import (
	"context"
	"io"
	"os"
	"testing"

	"github.com/sirupsen/logrus"
	"go.uber.org/goleak"

	"github.com/troupe-go/troupe/patterns/batch"
	"github.com/troupe-go/troupe/runtime"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scaled returns few, or many under TROUPE_STRESS=1.
func scaled(few, many int) int {
	if os.Getenv("TROUPE_STRESS") == "1" {
		return many
	}
	return few
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

func newBatcher[Req, Res any](t testing.TB, p runtime.Parent, c batch.Config[Req, Res]) *batch.Batcher[Req, Res] {
	t.Helper()
	b, err := batch.New(p, c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// double answers each number with twice that.
func double(_ context.Context, reqs []int) ([]int, error) {
	res := make([]int, len(reqs))
	for i, n := range reqs {
		res[i] = 2 * n
	}
	return res, nil
}

// A result is what a Do on another goroutine returned.
type result struct {
	res int
	err error
}

func doAside(ctx context.Context, b *batch.Batcher[int, int], n int) <-chan result {
	got := make(chan result, 1)
	go func() {
		res, err := b.Do(ctx, n)
		got <- result{res, err}
	}()
	return got
}

// A line has calls that wait until they are let go on, and shows what they were called with.
type line struct {
	begun chan []int
	open  chan struct{}
}

func newLine() *line { return &line{make(chan []int, 1000), make(chan struct{})} }

func (l *line) call(ctx context.Context, reqs []int) ([]int, error) {
	l.begun <- reqs
	select {
	case <-l.open:
		return double(ctx, reqs)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func wantStats(t testing.TB, b *batch.Batcher[int, int], want batch.Stats) {
	t.Helper()
	got, err := b.Stats(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Fatalf("stats are %+v, want %+v", got, want)
	}
}
