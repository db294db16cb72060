package workerpool_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/patterns/workerpool"
)

func workersOf(t *testing.T, pool *workerpool.Pool[int, int]) int {
	t.Helper()
	s, err := pool.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	checkSum(t, s)
	return s.Workers
}

func TestPoolGrowsWhileJobsWaitAndShrinksWhenWorkersAreIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		g := newGate()
		pool := newPool(t, system, workerpool.Config[int, int]{
			Workers: 1, Work: g.work, Scale: workerpool.Scale{Max: 4, After: time.Second, Idle: time.Minute},
		})
		for n := range 3 {
			submit(t, pool, n)
		}
		synctest.Wait()
		for _, want := range []int{1, 2, 3, 3, 3} { // with three busy nobody waits
			if n := workersOf(t, pool); n != want {
				t.Fatalf("there are %d workers, want %d", n, want)
			}
			<-time.After(time.Second + time.Millisecond)
		}
		submit(t, pool, 3)
		submit(t, pool, 4)
		<-time.After(5 * time.Second)
		wantStats(t, pool, workerpool.Stats{Workers: 4, Busy: 4, Queued: 1}) // and no more than Max
		close(g.open)
		synctest.Wait()
		<-time.After(59 * time.Second)
		if n := workersOf(t, pool); n != 4 {
			t.Errorf("before Idle is over there are %d workers, want 4", n)
		}
		<-time.After(62 * time.Second)
		wantStats(t, pool, workerpool.Stats{Workers: 1, Done: 5})
		if n := system.Stats().Actors; n != 5 {
			t.Errorf("%d actors are left, want 5: four of the pool and one worker", n)
		}
	})
}

func TestPoolGrowsAgainAfterItHasShrunk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{
			Workers: 1, Scale: workerpool.Scale{Max: 2, After: time.Second, Idle: 10 * time.Second}, Work: g.work,
		})
		for round := range 3 {
			submit(t, pool, 1)
			submit(t, pool, 2)
			<-time.After(2 * time.Second)
			if n := workersOf(t, pool); n != 2 {
				t.Fatalf("in round %d there are %d workers, want 2", round, n)
			}
			g.open <- struct{}{}
			g.open <- struct{}{}
			<-time.After(25 * time.Second)
			if n := workersOf(t, pool); n != 1 {
				t.Fatalf("in round %d there are %d workers when all is done, want 1", round, n)
			}
		}
	})
}

func TestResizeOfAPoolThatScalesKeepsItsBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{
			Workers: 2, Scale: workerpool.Scale{Max: 4, Idle: time.Second}, Work: double,
		})
		for _, n := range []int{1, 5} {
			if err := pool.Resize(t.Context(), n); !errors.Is(err, workerpool.ErrConfig) {
				t.Errorf("Resize(%d) returns %v, want ErrConfig", n, err)
			}
		}
		if err := pool.Resize(t.Context(), 4); err != nil {
			t.Fatal(err)
		}
		if n := workersOf(t, pool); n != 4 {
			t.Errorf("there are %d workers, want 4", n)
		}
		<-time.After(3 * time.Second)
		if n := workersOf(t, pool); n != 2 {
			t.Errorf("there are %d workers when all were idle, want 2", n)
		}
	})
}

// One more worker begins each time that jobs wait after After, however often the bounds were set anew meanwhile.
func TestResizeDoesNotHurryTheGrowth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		defer close(g.open)
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{
			Workers: 1, Work: g.work, Scale: workerpool.Scale{Max: 1000, After: 10 * time.Millisecond},
		})
		for n := range 500 {
			submit(t, pool, n)
		}
		for range 20 {
			if err := pool.Resize(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		<-time.After(205 * time.Millisecond)
		if s, err := pool.Stats(t.Context()); err != nil || s.Workers != 21 {
			t.Errorf("stats are %+v, %v, want 21 workers after 20 times After", s, err)
		}
	})
}
