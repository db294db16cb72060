package batch_test

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/sirupsen/logrus"
	logtest "github.com/sirupsen/logrus/hooks/test"

	"github.com/troupe-go/troupe/patterns/batch"
	"github.com/troupe-go/troupe/patterns/semaphore"
	"github.com/troupe-go/troupe/runtime"
)

var errOnPurpose = errors.New("on purpose")

func TestFailedCallFailsItsAskers(t *testing.T) {
	for name, c := range map[string]struct {
		call func(context.Context, []int) ([]int, error)
		is   error
		text string
	}{
		"error": {
			func(context.Context, []int) ([]int, error) { return nil, errOnPurpose },
			errOnPurpose, "on purpose",
		},
		"error beside results": {
			func(ctx context.Context, reqs []int) ([]int, error) {
				res, _ := double(ctx, reqs)
				return res, errOnPurpose
			},
			errOnPurpose, "on purpose",
		},
		"fewer results": {
			func(context.Context, []int) ([]int, error) { return []int{1}, nil },
			batch.ErrResults, "batch: wrong number of results: Call returned 1 results for 3 requests",
		},
		"more results": {
			func(context.Context, []int) ([]int, error) { return make([]int, 4), nil },
			batch.ErrResults, "batch: wrong number of results: Call returned 4 results for 3 requests",
		},
		"fewer errors": {
			func(context.Context, []int) ([]int, error) { return make([]int, 3), batch.Errors{errOnPurpose} },
			batch.ErrResults, "batch: wrong number of results: Call returned 1 errors for 3 requests: " +
				"batch: 1 of 1 requests failed, the first one with: on purpose",
		},
		"fewer results than errors": {
			func(context.Context, []int) ([]int, error) { return nil, batch.Errors{nil, errOnPurpose, errOnPurpose} },
			batch.ErrResults, "batch: wrong number of results: Call returned 0 results for 3 requests: " +
				"batch: 2 of 3 requests failed, the first one with: on purpose",
		},
		"panic": {
			func(context.Context, []int) ([]int, error) { panic(errOnPurpose) },
			errOnPurpose, "panic: on purpose",
		},
		"Goexit": {
			func(context.Context, []int) ([]int, error) { goruntime.Goexit(); return nil, nil },
			runtime.ErrGoexit, "runtime: handler called Goexit",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLine()
				b := newBatcher(t, newSystem(t), batch.Config[int, int]{Call: func(ctx context.Context, reqs []int) ([]int, error) {
					if reqs[0] == 2 {
						return c.call(ctx, reqs)
					}
					return l.call(ctx, reqs)
				}})
				before := ask(t.Context(), b, 1, 1)
				failing := ask(t.Context(), b, 2, 4)
				l.let()
				wantDoubled(t, before, 1)
				for _, g := range failing {
					if r := <-g; !errors.Is(r.err, c.is) || r.err.Error() != c.text {
						t.Errorf("Do returns %d, %v, want %s", r.res, r.err, c.text)
					}
				}
				// It fails its own askers alone.
				after := ask(t.Context(), b, 5, 5)
				l.let()
				wantDoubled(t, after, 5)
				synctest.Wait()
				wantStats(t, b, batch.Stats{Calls: 3, Requests: 5, Failed: 1})
			})
		})
	}
}

func TestEachRequestMayHaveItsOwnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		b := newBatcher(t, newSystem(t), batch.Config[int, int]{Call: func(ctx context.Context, reqs []int) ([]int, error) {
			res, err := l.call(ctx, reqs)
			each := make(batch.Errors, len(reqs))
			for i, n := range reqs {
				if n%2 == 1 {
					each[i] = fmt.Errorf("%d is odd: %w", n, errOnPurpose)
				}
			}
			return res, errors.Join(err, fmt.Errorf("wrapped: %w", each))
		}})
		got := ask(t.Context(), b, 0, 0)
		got = append(got, ask(t.Context(), b, 1, 9)...)
		close(l.open)
		for n, g := range got {
			r := <-g
			if n%2 == 0 && (r.err != nil || r.res != 2*n) ||
				n%2 == 1 && (!errors.Is(r.err, errOnPurpose) || r.err.Error() != fmt.Sprintf("%d is odd: on purpose", n)) {
				t.Errorf("Do(%d) returns %d, %v", n, r.res, r.err)
			}
		}
		synctest.Wait()
		wantStats(t, b, batch.Stats{Calls: 2, Requests: 10, Failed: 2})
	})
}

func TestPanicOfCallTellsValueAndStackAndIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logger, hook := logtest.NewNullLogger()
		logger.SetLevel(logrus.ErrorLevel)
		system, err := runtime.New(runtime.Config{Logger: logger})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = system.Shutdown(context.Background()) }()
		b := newBatcher(t, system, batch.Config[int, int]{Name: "users", Call: func(context.Context, []int) ([]int, error) {
			panic("no connection")
		}})
		_, err = b.Do(t.Context(), 1)
		var panicked *runtime.PanicError
		if !errors.As(err, &panicked) || panicked.Value != "no connection" ||
			!strings.Contains(string(panicked.Stack), "results_test.go") {
			t.Errorf("Do returns %v, want the PanicError with its value and stack", err)
		}
		synctest.Wait()
		if e := hook.LastEntry(); len(hook.AllEntries()) != 1 || e.Data["actor"] != "troupe/users" || e.Data["cause"] != panicked {
			t.Errorf("%d entries were logged, the last one is %+v: want one with the cause", len(hook.AllEntries()), e)
		}
	})
}

// What a Call held of a semaphore comes back when it crashes.
func TestCrashOfCallGivesItsLeasesBack(t *testing.T) {
	system := newSystem(t)
	permits, err := semaphore.New(system, semaphore.Config{Permits: 1})
	if err != nil {
		t.Fatal(err)
	}
	b := newBatcher(t, system, batch.Config[int, int]{Size: 1, Call: func(ctx context.Context, reqs []int) ([]int, error) {
		lease, err := permits.Acquire(ctx, 1)
		if err != nil {
			return nil, err
		}
		if reqs[0]%2 == 0 {
			panic("on purpose")
		}
		return reqs, lease.Release()
	}})
	for n := range 50 {
		if _, err := b.Do(t.Context(), n); (err == nil) != (n%2 == 1) {
			t.Errorf("Do(%d) returns %v", n, err)
		}
	}
}
