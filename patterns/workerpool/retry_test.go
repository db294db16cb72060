package workerpool_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/patterns/workerpool"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

var errOnce = errors.New("on purpose")

func TestErrorsAreTriedAgainWhereAskedWithBackoff(t *testing.T) {
	for _, panics := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var at []time.Duration
			began := time.Now()
			pool := newPool(t, newSystem(t), workerpool.Config[int, int]{
				Workers: 1, Retries: 3, RetryIf: func(err error) bool { return errors.Is(err, errOnce) },
				Backoff: supervisor.Backoff{Min: time.Second, Max: 3 * time.Second},
				Work: func(context.Context, int) (int, error) {
					at = append(at, time.Since(began))
					if panics {
						panic(errOnce)
					}
					return 0, errOnce
				},
			})
			if _, err := pool.Do(t.Context(), 1); !errors.Is(err, errOnce) {
				t.Errorf("the job ends with %v, want the last error", err)
			}
			want := []time.Duration{0, time.Second, 3 * time.Second, 6 * time.Second}
			if len(at) != len(want) {
				t.Fatalf("tries were at %v, want %v", at, want)
			}
			for i := range want {
				if at[i] != want[i] {
					t.Fatalf("tries were at %v, want %v", at, want)
				}
			}
			s, err := pool.Stats(t.Context())
			if err != nil || s.Retried != 3 || s.Failed != 1 {
				t.Errorf("stats are %+v, %v, want 3 tries after the first, and one failed job", s, err)
			}
		})
	}
}

func TestErrorsThatRetryIfRefusesAreFinal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{
			Workers: 1, Retries: 3, RetryIf: func(err error) bool { return !errors.Is(err, errOnce) },
			Work: func(context.Context, int) (int, error) {
				tries++
				return 0, errOnce
			},
		})
		if _, err := pool.Do(t.Context(), 1); !errors.Is(err, errOnce) || tries != 1 {
			t.Errorf("after %d tries the job ends with %v, want one", tries, err)
		}
	})
}

func TestStopEndsTheWaitForTheNextTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{
			Workers: 1, Retries: 1, RetryIf: func(error) bool { return true }, Backoff: supervisor.Backoff{Min: time.Hour},
			Work: func(context.Context, int) (int, error) { return 0, errOnce },
		})
		f := submit(t, pool, 1)
		synctest.Wait()
		began := time.Now()
		pool.Stop()
		if _, err := f.Wait(t.Context()); !errors.Is(err, runtime.ErrStopped) || time.Since(began) > 0 {
			t.Errorf("the job ends after %v with %v, want ErrStopped at once", time.Since(began), err)
		}
		<-pool.Done()
	})
}

func TestDrainWaitsForTheNextTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{
			Workers: 1, Retries: 1, Backoff: supervisor.Backoff{Min: time.Minute},
			Work: func(_ context.Context, n int) (int, error) {
				if tries++; tries == 1 {
					panic(errOnce)
				}
				return n, nil
			},
		})
		f := submit(t, pool, 7)
		if err := pool.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, err := f.Wait(t.Context()); got != 7 || err != nil {
			t.Errorf("the job ends with %d, %v, want its second try", got, err)
		}
	})
}

func TestTimeoutEndsTheContextOfWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{
			Workers: 1, Timeout: time.Second,
			Work: func(ctx context.Context, n int) (int, error) {
				if _, ok := runtime.HolderOf(ctx); !ok {
					t.Error("the context is nobody's")
				}
				switch n {
				case 0:
					return n, nil
				case 1:
					<-ctx.Done()
					return n, errOnce
				}
				<-time.After(time.Hour) // heeds nothing
				return n, nil
			},
		})
		for n := range 3 {
			got, err := pool.Do(t.Context(), n)
			if got != n || errors.Is(err, context.DeadlineExceeded) != (n == 1) || errors.Is(err, errOnce) != (n == 1) {
				t.Errorf("job %d ends with %d, %v", n, got, err)
			}
		}
	})
}

func TestPanicOfRetryIfFailsTheJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{
			Workers: 1, Retries: 3, RetryIf: func(error) bool { panic("on purpose") },
			Work: func(context.Context, int) (int, error) { calls++; return 0, errors.New("no") },
		})
		_, err := submit(t, pool, 1).Wait(t.Context())
		if panicked := (*runtime.PanicError)(nil); !errors.As(err, &panicked) || calls != 1 {
			t.Errorf("the job ends with %v after %d calls, want the panic after one", err, calls)
		}
	})
}
