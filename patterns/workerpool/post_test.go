package workerpool

import (
	"context"
	"io"
	"testing"
	"testing/synctest"

	"github.com/sirupsen/logrus"

	"github.com/troupe-go/troupe/runtime"
)

// withIdle gives a test a pool whose workers are idle, in virtual time.
func withIdle(t *testing.T, workers int, test func(p *Pool[int, int], done chan int)) {
	synctest.Test(t, func(t *testing.T) {
		logger := logrus.New()
		logger.SetOutput(io.Discard)
		system, err := runtime.New(runtime.Config{Logger: logger})
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan int, 100)
		p, err := New(system, Config[int, int]{Workers: workers, Work: func(_ context.Context, n int) (int, error) {
			done <- n
			return n, nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		test(p, done)
		synctest.Wait()
		if err := system.Shutdown(context.Background()); err != nil {
			t.Fatal(err)
		}
	})
}

// putUnnoticed puts a job into the queue as a submitter does who finds nobody idle.
func putUnnoticed(t *testing.T, p *Pool[int, int], n int) {
	t.Helper()
	if err := p.shared.jobs.TryPut(job[int, int]{req: n}); err != nil {
		t.Fatal(err)
	}
}

// takeOff takes all workers off the bench, as if each were about to sit down.
func takeOff(p *Pool[int, int]) []*worker[int, int] {
	b := <-p.shared.bench
	defer func() { p.shared.bench <- b }()
	select {
	case <-p.shared.call:
	default:
	}
	return b.take(len(b.idle))
}

func TestWorkerThatSitsDownLooksAtTheQueueAgain(t *testing.T) {
	withIdle(t, 1, func(p *Pool[int, int], done chan int) {
		w := takeOff(p)[0]
		putUnnoticed(t, p, 1)
		p.shared.sit(w, false)
		synctest.Wait()
		if len(done) != 1 {
			t.Error("the job that came while the worker sat down is not done")
		}
	})
}

func TestSearchThatSucceedsWakesTheNextWorker(t *testing.T) {
	withIdle(t, 2, func(p *Pool[int, int], done chan int) {
		workers := takeOff(p)
		p.shared.sit(workers[1], false)
		b := <-p.shared.bench
		b.searching = true // the other one, for whom a submitter has taken the token
		p.shared.bench <- b
		<-p.shared.call
		putUnnoticed(t, p, 1)
		p.shared.found()
		synctest.Wait()
		if len(done) != 1 {
			t.Error("the job that came during the search is not done, though a worker is idle")
		}
		p.shared.sit(workers[0], false)
	})
}

// Who was woken and is stopped before it can look passes the call on.
func TestCallOfAWorkerThatStopsIsPassedOn(t *testing.T) {
	withIdle(t, 2, func(p *Pool[int, int], done chan int) {
		b := <-p.shared.bench
		woken := b.take(1)[0]
		b.searching = true
		p.shared.bench <- b
		<-p.shared.call
		putUnnoticed(t, p, 1)
		turn[int, int]{woken, true}.Fail(runtime.ErrStopped)
		synctest.Wait()
		if len(done) != 1 {
			t.Error("the job is not done, though a worker is idle")
		}
		p.shared.sit(woken, false)
	})
}

// A submitter that finds only workers that have stopped leaves the bench as it should be.
func TestWorkersThatHaveStoppedAreWokenInVain(t *testing.T) {
	withIdle(t, 2, func(p *Pool[int, int], done chan int) {
		b := <-p.shared.bench
		gone := b.idle[1] // the next to be woken
		p.shared.bench <- b
		gone.ref.Stop()
		<-gone.ref.Done()
		for n := range 3 {
			if err := p.TryGo(n); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		if len(done) != 3 {
			t.Errorf("%d jobs are done, want all three by the worker that is left", len(done))
		}
	})
}
