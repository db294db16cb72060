package mailbox_test

import (
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

// These are the properties that JCTools demands of its queues while several threads use them; see CONFORMANCE.md. Its
// tests run for half a second each, and these for a number of messages.

const confProducers = 3

func confRounds() int { return 1000 * scale }

// confProduce runs produce for each of the producers. Gosched between puts keeps the mailbox nearly empty, where a
// consumer is most likely to see what is not there yet.
func confProduce(produce func(from, n int)) (finished *atomic.Bool, wait func()) {
	finished = new(atomic.Bool)
	var producing sync.WaitGroup
	for from := range confProducers {
		producing.Go(func() {
			for n := range confRounds() {
				produce(from, n)
				if n%8 == 0 {
					goruntime.Gosched()
				}
			}
		})
	}
	var all sync.WaitGroup
	all.Go(func() {
		producing.Wait()
		finished.Store(true)
	})
	return finished, all.Wait
}

// A confNote is filled in by its producer and then by its consumer, without any lock. Who saw it too early would find
// it blank; and the race detector finds out if the mailbox does not order the two.
type confNote struct{ from, n, stamp int }

func TestWhatWasWrittenBeforePutIsSeenAfterGet(t *testing.T) {
	for _, capacity := range []int{1, 16, mailbox.Unbounded} {
		confEachQueue(t, capacity, func(t *testing.T, q confQueue[*confNote], _ mailbox.Order) {
			var read atomic.Int64
			finished, wait := confProduce(func(from, n int) {
				note := &confNote{}
				note.from, note.n, note.stamp = from, n, 1
				for q.offer(note) != nil {
					goruntime.Gosched()
				}
			})
			var consuming sync.WaitGroup
			for range q.consumers() {
				consuming.Go(func() {
					for {
						over := finished.Load()
						note, ok := q.poll()
						if !ok {
							if over {
								return
							}
							goruntime.Gosched()
							continue
						}
						if note.stamp != 1 {
							t.Errorf("%+v has stamp %d: blank, or seen before", note, note.stamp)
						}
						note.stamp = 2
						read.Add(1)
					}
				})
			}
			wait()
			consuming.Wait()
			if want := int64(confProducers * confRounds()); read.Load() != want {
				t.Errorf("%d notes were read, want %d", read.Load(), want)
			}
		})
	}
}

// Each of the goroutines has one message in the mailbox at most.
func TestLenNeverExceedsWhatIsInFlight(t *testing.T) {
	for _, capacity := range []int{2, 16, mailbox.Unbounded} {
		confEachQueue(t, capacity, func(t *testing.T, q confQueue[int], _ mailbox.Order) {
			most := q.consumers()
			if capacity > 0 {
				most = min(most, capacity)
			}
			stop := confObserve(t, q, most)
			var users sync.WaitGroup
			for range q.consumers() {
				users.Go(func() {
					for range confRounds() {
						for q.offer(1) != nil {
							goruntime.Gosched() // there are more users than there is room
						}
						for _, ok := q.poll(); !ok; _, ok = q.poll() {
							goruntime.Gosched()
						}
					}
				})
			}
			users.Wait()
			stop()
			confNothing(t, q)
		})
	}
}

// confObserve looks at Len until it is stopped.
func confObserve(t *testing.T, q confQueue[int], most int) (stop func()) {
	var stopped atomic.Bool
	var observing sync.WaitGroup
	observing.Go(func() {
		for !stopped.Load() {
			if n := q.Len(); n < 0 || n > most {
				t.Errorf("Len is %d, want 0 to %d", n, most)
				return
			}
			goruntime.Gosched()
		}
	})
	return func() {
		stopped.Store(true)
		observing.Wait()
	}
}

// Producers and consumers look at Len themselves, as their own put or get is when it is most likely to be wrong; and so
// does an observer. First the mailbox is nearly empty, then nearly full.
func TestLenIsNeverBelowZeroOrAboveCapacity(t *testing.T) {
	const capacity = 4
	for name, patience := range map[string]int{"nearly empty": 1, "nearly full": 4} {
		t.Run(name, func(t *testing.T) {
			confEachQueue(t, capacity, func(t *testing.T, q confQueue[int], _ mailbox.Order) {
				look := func() {
					if n := q.Len(); n < 0 || n > capacity {
						t.Errorf("Len is %d, want 0 to %d", n, capacity)
					}
				}
				stop := confObserve(t, q, capacity)
				finished, wait := confProduce(func(_, n int) {
					look()
					_ = q.offer(n)
					look()
				})
				var consuming sync.WaitGroup
				for range q.consumers() {
					consuming.Go(func() {
						for !finished.Load() {
							look()
							q.poll()
							look()
							for range patience {
								goruntime.Gosched()
							}
						}
					})
				}
				wait()
				consuming.Wait()
				stop()
				if s := q.Stats(); s.HighWater > capacity {
					t.Errorf("%+v: the capacity is %d", s, capacity)
				}
			})
		})
	}
}

// A sole consumer that has seen a message waiting must get one, whether it asked before or after another poll.
func TestGetFindsTheMessageThatLenCounted(t *testing.T) {
	for name, before := range map[string]bool{"at once": false, "after a poll": true} {
		t.Run(name, func(t *testing.T) {
			confEachQueue(t, mailbox.Unbounded, func(t *testing.T, q confQueue[int], _ mailbox.Order) {
				finished, wait := confProduce(func(_, n int) {
					if err := q.offer(n); err != nil {
						t.Error("a put:", err)
					}
				})
				for !finished.Load() || q.Len() > 0 {
					if before {
						q.poll()
					}
					if n := q.Len(); n == 0 {
						goruntime.Gosched()
					} else if _, ok := q.poll(); !ok {
						t.Errorf("no message, though Len was %d", n)
						break
					}
				}
				wait()
			})
		})
	}
}

// Producers try until they find room, so that the mailbox is full all the time. Each consumer must get every producer's
// messages in the order in which they were put.
func TestOrderOfEachProducerIsKeptInFullMailbox(t *testing.T) {
	for _, capacity := range []int{1, 4, 16} {
		confEachQueue(t, capacity, func(t *testing.T, q confQueue[letter], order mailbox.Order) {
			if order == mailbox.LIFO {
				t.Skip("the last comes first: no sequence is promised while puts go on")
			}
			finished, wait := confProduce(func(from, n int) {
				for q.offer(letter{from: from, n: n}) != nil {
					goruntime.Gosched()
				}
			})
			var consuming sync.WaitGroup
			for range q.consumers() {
				consuming.Go(func() {
					var next [confProducers]int
					for {
						over := finished.Load()
						l, ok := q.poll()
						switch {
						case !ok && over:
							return
						case !ok:
							goruntime.Gosched()
						case l.n < next[l.from]:
							t.Errorf("message %d of producer %d came after %d", l.n, l.from, next[l.from]-1)
						default:
							next[l.from] = l.n + 1
						}
					}
				})
			}
			wait()
			consuming.Wait()
		})
	}
}
