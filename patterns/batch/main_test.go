package batch_test

import (
	"context"
	"errors"
	"io"
	"os"
	"testing"
	"testing/synctest"

	"github.com/sirupsen/logrus"
	"go.uber.org/goleak"

	"github.com/troupe-go/troupe/patterns/batch"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scaled returns few, or many under TROUPE_STRESS=1.
func scaled(few, many int) int {
	if os.Getenv("TROUPE_STRESS") == "1" {
		return many
	}
	return few
}

// newSystem starts a system that logs nothing, restarts at once, and is shut down when the test ends.
func newSystem(t testing.TB) *runtime.System {
	t.Helper()
	logger := logrus.New()
	logger.SetOutput(io.Discard)
	system, err := runtime.New(runtime.Config{Logger: logger, Children: supervisor.Config{MaxRestarts: supervisor.Unlimited}})
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

// ask hands in the numbers from first to last, one after the other. It needs a synctest bubble.
func ask(ctx context.Context, b *batch.Batcher[int, int], first, last int) (got []<-chan result) {
	for n := first; n <= last; n++ {
		got = append(got, doAside(ctx, b, n))
		synctest.Wait()
	}
	return got
}

// wantDoubled expects the answers to the numbers from first on.
func wantDoubled(t testing.TB, got []<-chan result, first int) {
	t.Helper()
	for i, g := range got {
		if r := <-g; r.err != nil || r.res != 2*(first+i) {
			t.Errorf("Do(%d) returns %d, %v, want %d", first+i, r.res, r.err, 2*(first+i))
		}
	}
}

func wantErr(t testing.TB, got []<-chan result, want error) {
	t.Helper()
	for _, g := range got {
		if r := <-g; !errors.Is(r.err, want) {
			t.Errorf("Do returns %d, %v, want %v", r.res, r.err, want)
		}
	}
}

// wantCall expects that the next call has begun, with the numbers from first to last. It needs a synctest bubble.
func (l *line) wantCall(t testing.TB, first, last int) {
	t.Helper()
	synctest.Wait()
	if len(l.begun) == 0 {
		t.Fatalf("no call has begun, want one of %d to %d", first, last)
	}
	reqs := <-l.begun
	ok := len(reqs) == last-first+1
	for i, n := range reqs {
		ok = ok && n == first+i
	}
	if !ok {
		t.Errorf("a call is of %v, want %d to %d", reqs, first, last)
	}
}

func (l *line) wantNoCall(t testing.TB) {
	t.Helper()
	synctest.Wait()
	if len(l.begun) > 0 {
		t.Fatalf("a call of %v has begun, want none", <-l.begun)
	}
}

// let lets one call go on that has begun.
func (l *line) let() { l.open <- struct{}{} }

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
