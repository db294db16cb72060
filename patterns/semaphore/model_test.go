package semaphore_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/troupe-go/troupe/patterns/semaphore"
	"github.com/troupe-go/troupe/runtime"
)

// model is what a pool should be, in the simplest words.
type model struct {
	permits int
	waiting []*waiter
	held    []held
}

type waiter struct {
	n      int
	cancel context.CancelFunc
	got    <-chan result
}

type held struct {
	n     int
	lease semaphore.Lease
}

func (m *model) used() (n int) {
	for _, h := range m.held {
		n += h.n
	}
	return n
}

// serve gives the first ones their permits, and expects that the pool does.
func (m *model) serve(t *rapid.T) {
	for len(m.waiting) > 0 && m.waiting[0].n <= m.permits-m.used() {
		first := m.waiting[0]
		m.waiting = m.waiting[1:]
		got := <-first.got
		if got.err != nil {
			t.Fatalf("Acquire(%d) returns %v, want a lease", first.n, got.err)
		}
		m.held = append(m.held, held{first.n, got.lease})
	}
}

// Any sequence of calls has the results that the model says, and leaves the figures that the model says. It is in a bubble
// because a request that is counted among those who wait may not have begun to: then it would not be in line yet.
func TestPoolAgreesWithModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		rapid.Check(noDeadline{t}, func(t *rapid.T) { agreesWithModel(t, system) })
	})
}

// noDeadline is a test whose deadline rapid does not ask for: that cannot be done in a bubble.
type noDeadline struct{ *testing.T }

func (noDeadline) Deadline() (time.Time, bool) { return time.Time{}, false }

func agreesWithModel(t *rapid.T, system *runtime.System) {
	m := &model{permits: rapid.IntRange(1, 6).Draw(t, "permits")}
	pool, err := semaphore.New(system, semaphore.Config{Permits: m.permits})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		pool.Stop()
		for _, w := range m.waiting {
			<-w.got
			w.cancel()
		}
	}()
	size := rapid.IntRange(1, 7)
	t.Repeat(map[string]func(*rapid.T){
		"acquire": func(t *rapid.T) {
			ctx, cancel := context.WithCancel(context.Background())
			w := &waiter{size.Draw(t, "n"), cancel, nil}
			w.got = acquireAside(ctx, pool, w.n)
			if w.n > m.permits {
				if err := (<-w.got).err; !errors.Is(err, semaphore.ErrRange) {
					t.Fatalf("Acquire(%d) of %d returns %v, want ErrRange", w.n, m.permits, err)
				}
				cancel()
				return
			}
			m.waiting = append(m.waiting, w)
			m.serve(t)
			synctest.Wait()
		},
		"try": func(t *rapid.T) {
			n := size.Draw(t, "n")
			lease, err := pool.TryAcquire(context.Background(), n)
			var want error
			switch {
			case n > m.permits:
				want = semaphore.ErrRange
			case n > m.permits-m.used() || len(m.waiting) > 0:
				want = semaphore.ErrNoPermits
			default:
				m.held = append(m.held, held{n, lease})
			}
			if !errors.Is(err, want) {
				t.Fatalf("TryAcquire(%d) returns %v, want %v", n, err, want)
			}
		},
		"release": func(t *rapid.T) {
			if len(m.held) == 0 {
				t.Skip("nothing is held")
			}
			i := rapid.IntRange(0, len(m.held)-1).Draw(t, "lease")
			h := m.held[i]
			m.held = slices.Delete(m.held, i, i+1)
			for _, want := range []error{nil, semaphore.ErrReleased} {
				if err := h.lease.Release(); err != want {
					t.Fatalf("Release returns %v, want %v", err, want)
				}
			}
			m.serve(t)
		},
		"cancel": func(t *rapid.T) {
			if len(m.waiting) == 0 {
				t.Skip("nobody waits")
			}
			i := rapid.IntRange(0, len(m.waiting)-1).Draw(t, "waiter")
			w := m.waiting[i]
			m.waiting = slices.Delete(m.waiting, i, i+1)
			w.cancel()
			if err := (<-w.got).err; !errors.Is(err, context.Canceled) {
				t.Fatalf("a cancelled Acquire returns %v, want context.Canceled", err)
			}
			m.serve(t)
		},
		"resize": func(t *rapid.T) {
			m.permits = rapid.IntRange(1, 6).Draw(t, "permits")
			if err := pool.Resize(context.Background(), m.permits); err != nil {
				t.Fatal(err)
			}
			m.waiting = slices.DeleteFunc(m.waiting, func(w *waiter) bool {
				if w.n <= m.permits {
					return false
				}
				if err := (<-w.got).err; !errors.Is(err, semaphore.ErrRange) {
					t.Fatalf("a wait for %d of %d returns %v, want ErrRange", w.n, m.permits, err)
				}
				w.cancel()
				return true
			})
			m.serve(t)
		},
		"": func(t *rapid.T) {
			want := semaphore.Stats{
				Permits: m.permits, Free: max(m.permits-m.used(), 0), Waiting: len(m.waiting), Leases: len(m.held),
			}
			if diff := cmp.Diff(want, stats(t, pool)); diff != "" {
				t.Fatalf("stats (-want +got):\n%s", diff)
			}
		},
	})
}

func stats(t *rapid.T, p *semaphore.Pool) semaphore.Stats {
	s, err := p.Stats(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Many goroutines acquire, give up and release at the same time: never are more permits out than there are, and in the
// end all are back.
func TestNoPermitIsInventedOrLostUnderLoad(t *testing.T) {
	const permits, users, rounds = 5, 32, 200
	pool := newPool(t, newSystem(t), permits)
	var out, most, given atomic.Int64
	var wg sync.WaitGroup
	for u := range users {
		wg.Go(func() {
			for round := range rounds {
				n := 1 + (u+round)%permits
				ctx, cancel := context.WithCancel(context.Background())
				if round%3 == 0 {
					go cancel() // at the same time as the grant, every so often
				}
				lease, err := pool.Acquire(ctx, n)
				cancel()
				if err != nil {
					if !errors.Is(err, context.Canceled) {
						t.Error(err)
					}
					continue
				}
				given.Add(1)
				now := out.Add(int64(n))
				for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
				}
				out.Add(-int64(n))
				if err := lease.Release(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if most.Load() > permits {
		t.Errorf("%d permits were out at once, of %d", most.Load(), permits)
	}
	wantStats(t, pool, semaphore.Stats{Permits: permits, Free: permits})
	t.Logf("%d of %d requests were granted", given.Load(), users*rounds)
}
