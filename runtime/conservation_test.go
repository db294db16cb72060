package runtime_test

import (
	"sync"
	"testing"

	"github.com/troupe-go/troupe/runtime"
)

// A svLedger checks that each message, which has a number of its own, ends exactly once.
type svLedger struct {
	mu    sync.Mutex
	ends  map[int]string // by message: how it ended
	count map[string]uint64
	next  int
	twice []int
}

func newSvLedger() *svLedger {
	return &svLedger{ends: map[int]string{}, count: map[string]uint64{}}
}

// number gives a message its number.
func (l *svLedger) number() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next++
	return l.next
}

func (l *svLedger) end(m int, how string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ended := l.ends[m]; ended {
		l.twice = append(l.twice, m)
	}
	l.ends[m] = how
	l.count[how]++
}

// send tells a message, or tries to, and notes when it is refused.
func (l *svLedger) send(tell func(int) error) error {
	m := l.number()
	err := tell(m)
	if err != nil {
		l.end(m, "rejected")
	}
	return err
}

// bury notes the dead letters of a system.
func (l *svLedger) bury(s *runtime.System) {
	s.DeadLetters(func(d runtime.DeadLetter) { l.end(d.Message.(int), "dead") })
}

// check is for when all is over: each message has ended once, and the counts say the same.
func (l *svLedger) check(t *testing.T, stats runtime.Stats) {
	t.Helper()
	checkIdentity(t, stats)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.twice) > 0 {
		t.Errorf("messages %v ended more than once", l.twice)
	}
	if len(l.ends) != l.next {
		t.Errorf("%d of %d messages never ended", l.next-len(l.ends), l.next)
	}
	want := runtime.Stats{Sent: uint64(l.next), Rejected: l.count["rejected"], Handled: l.count["handled"],
		DeadLettered: l.count["dead"]}
	got := runtime.Stats{Sent: stats.Sent, Rejected: stats.Rejected, Handled: stats.Handled, DeadLettered: stats.DeadLettered}
	if got != want {
		t.Errorf("the counts are %+v, want %+v", got, want)
	}
}
