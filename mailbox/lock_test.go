package mailbox_test

import (
	goruntime "runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
)

func TestLockIsHeldByOneAtATime(t *testing.T) {
	var l mailbox.Lock
	var all sync.WaitGroup
	n := 0
	for range 16 {
		all.Go(func() {
			for i := range 2000 * scale {
				l.Lock()
				before := n
				if i%16 == 0 {
					goruntime.Gosched() // or they would hardly meet
				}
				n = before + 1
				l.Unlock()
			}
		})
	}
	all.Wait()
	if want := 16 * 2000 * scale; n != want {
		t.Errorf("%d goroutines were counted, want %d", n, want)
	}
}

// A Less that takes its time must not keep a processor busy for each goroutine that waits for the mailbox.
func TestLockHeldForLongPutsToSleepAndWakesAll(t *testing.T) {
	var l mailbox.Lock
	var all sync.WaitGroup
	n := 0
	l.Lock()
	for range 8 {
		all.Go(func() {
			l.Lock()
			defer l.Unlock()
			n++
		})
	}
	for !mailbox.Asleep(&l) {
		goruntime.Gosched()
	}
	l.Unlock()
	all.Wait()
	if n != 8 {
		t.Errorf("%d of 8 goroutines had the lock", n)
	}
	if mailbox.Asleep(&l) {
		t.Error("a lock that nobody waits for is remembered")
	}
}

// To wait for the lock is not to wait for anything that a test has to do: a put or get that has not ended for this reason
// alone is on its way.
func TestWaitForLockIsNotDurable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l mailbox.Lock
		got := false
		l.Lock()
		go func() {
			l.Lock()
			defer l.Unlock()
			got = true
		}()
		go func() {
			for !mailbox.Asleep(&l) {
				goruntime.Gosched()
			}
			l.Unlock()
		}()
		synctest.Wait()
		if !got {
			t.Error("synctest.Wait returned while a goroutine waited for the lock")
		}
	})
}
