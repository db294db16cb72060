package mailbox_test

import (
	"errors"
	"fmt"
	goruntime "runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

// A patient is an owner that may be abandoned. It counts a message as taken when it comes back from it, not before.
type patient struct {
	t     *testing.T
	o     *mailbox.Owned[letter]
	ends  *ledger
	runs  sync.WaitGroup
	stuck chan struct{} // closed by the owner when it is stuck
	free  chan struct{} // frees it

	// The owner's.
	getStuck func(letter) bool
	lost     int
	unsure   []letter // what it had in hand when Next said that the mailbox was lost
}

func newPatient(t *testing.T, k kind, policy mailbox.Overflow, capacity int, getStuck func(letter) bool) *patient {
	p := &patient{
		t: t, ends: newLedger(), getStuck: getStuck, stuck: make(chan struct{}), free: make(chan struct{}),
	}
	c := k.config(policy, capacity)
	c.OnDrop = func(l letter, _ error) { p.ends.enter("dropped", l) }
	p.o = newOwned(t, c)
	return p
}

func (p *patient) wake(yes bool) {
	if yes {
		p.runs.Go(p.run)
	}
}

func (p *patient) run() {
	var inHand []letter
	for n := 0; ; n++ {
		l, s := p.o.Next()
		if s == mailbox.Lost {
			p.lost++
			p.unsure = inHand
			if p.o.Settle() {
				p.t.Error("Settle does not know what Next knows")
			}
			return
		}
		p.ends.enter("taken", inHand...)
		inHand = nil
		switch s {
		case mailbox.Ready:
			inHand = []letter{l}
			if p.getStuck(l) {
				close(p.stuck)
				<-p.free
				if p.o.Settle() {
					p.t.Error("Settle says that the mailbox is ours")
				}
			}
			if p.o.Current() != l {
				p.t.Error("Current is not what Next returned")
			}
		case mailbox.Idle:
			return
		case mailbox.Empty:
			if p.o.Rest() {
				return
			}
		}
	}
}

// send has senders that put without an end, until the mailbox is closed, and returns how many letters each sent.
func (p *patient) send(senders int) []int {
	sent := make([]int, senders)
	var sending sync.WaitGroup
	for from := range senders {
		sending.Go(func() {
			for closed := false; !closed; {
				l := letter{from, sent[from], sent[from] % levels}
				sent[from]++
				var wake bool
				var err error
				switch l.n % 3 {
				case 0:
					wake, err = p.o.Put(p.t.Context(), l)
				case 1:
					wake, err = p.o.TryPut(l)
				default:
					_, wake, err = p.o.Hold(l)
				}
				p.wake(wake)
				if err != nil {
					p.ends.enter("rejected", l)
					closed = errors.Is(err, mailbox.ErrClosed)
				}
				goruntime.Gosched()
			}
		})
	}
	sending.Wait()
	return sent
}

// check proves that each letter came to one end, if left is what Abandon returned.
func (p *patient) check(sent []int, left []letter) {
	p.ends.enter("left", left...)
	for _, l := range p.unsure {
		// The owner came back from it as the mailbox was abandoned. It counts as taken, or it was returned.
		if !slices.Contains(left, l) {
			p.ends.enter("taken", l)
		}
	}
	total := 0
	counts := map[string]uint64{}
	for from, n := range sent {
		total += n
		for n := range n {
			if ends := p.ends.ends[id{from, n}]; len(ends) == 1 {
				counts[ends[0]]++
			} else {
				p.t.Errorf("letter %d of sender %d: %v, want one end", n, from, ends)
			}
		}
	}
	if len(p.ends.ends) != total {
		p.t.Errorf("%d letters came to an end, want %d", len(p.ends.ends), total)
	}
	s := p.o.Stats()
	if s.Taken != counts["taken"] || s.Dropped != counts["dropped"] || s.Rejected != counts["rejected"] ||
		s.Put != counts["taken"]+counts["dropped"]+counts["left"] || s.Len != 0 || s.Held != 0 || s.InHand != 0 {
		p.t.Errorf("%+v, but by the letters %v", s, counts)
	}
}

// TestAbandonTakesAllFromStuckOwner has an owner that is stuck in its 20th message until long after it was abandoned.
func TestAbandonTakesAllFromStuckOwner(t *testing.T) {
	eachPolicy(t, func(t *testing.T, k kind, policy mailbox.Overflow) {
		for range 3 * scale {
			handled := 0
			var stuckWith letter
			p := newPatient(t, k, policy, 7, func(l letter) bool {
				handled++
				stuckWith = l
				return handled == 20
			})
			p.wake(true)
			var left []letter
			p.runs.Go(func() {
				<-p.stuck
				if _, ok := p.o.Abandon(); ok {
					t.Error("it was abandoned without an interrupt")
				}
				if p.o.Interrupt() {
					t.Error("the owner was asleep")
				}
				var ok bool
				if left, ok = p.o.Abandon(); !ok {
					t.Error("it was not abandoned")
				}
				if _, again := p.o.Abandon(); again {
					t.Error("it was abandoned twice")
				}
				if len(left) == 0 || left[0] != stuckWith {
					t.Errorf("left %v, want %v first", left, stuckWith)
				}
				close(p.free)
			})
			sent := p.send(3)
			p.runs.Wait()
			p.check(sent, left)
			if p.lost != 1 {
				t.Errorf("%d owners saw that the mailbox was lost, want 1", p.lost)
			}
		}
	})
}

// TestAbandonRacesWithOwnerComingBack abandons at any moment an owner that is not stuck at all.
func TestAbandonRacesWithOwnerComingBack(t *testing.T) {
	eachPolicy(t, func(t *testing.T, k kind, policy mailbox.Overflow) {
		for round := range 30 * scale {
			p := newPatient(t, k, policy, 5, func(letter) bool { return false })
			p.wake(true)
			var left []letter
			p.runs.Go(func() {
				for p.o.Stats().Put < uint64(3*round) {
					goruntime.Gosched()
				}
				for ok := false; !ok; left, ok = p.o.Abandon() {
					p.wake(p.o.Interrupt())
				}
			})
			sent := p.send(2)
			p.runs.Wait()
			p.check(sent, left)
		}
	})
}

// TestAbandonHitsOwnerBetweenTwoMessages abandons an owner that walks through a batch as fast as it can, so that
// Abandon comes at each point of Next. What was returned must follow on what the owner has begun, with at most the one
// in hand in both.
func TestAbandonHitsOwnerBetweenTwoMessages(t *testing.T) {
	const batch = 2000
	// The owner spins for its next mailbox: a channel would wake it too late, when it was abandoned already.
	var full atomic.Pointer[mailbox.Owned[int]]
	var abandoned, over atomic.Bool
	defer over.Store(true)
	lost := make(chan int)
	go func() {
		for !over.Load() {
			o := full.Swap(nil)
			if o == nil {
				goruntime.Gosched()
				continue
			}
			last := 0
			n, s := o.Next()
			for ; s != mailbox.Lost; n, s = o.Next() {
				switch s {
				case mailbox.Ready:
					if n != last+1 {
						t.Errorf("%d came after %d", n, last)
					}
					last = n
				case mailbox.Empty: // too late for this round
					for !abandoned.Load() {
						goruntime.Gosched()
					}
				}
			}
			lost <- last
		}
	}()
	inBoth, inOne, work := 0, 0, 0
	rounds := 1000 * scale
	if underRace {
		rounds /= 4 // the detector needs no bad luck to see a race
	}
	for round := range rounds {
		o := newOwned(t, mailbox.Config[int]{Capacity: batch})
		o.Stay()
		for n := 1; n <= batch; n++ {
			if _, err := o.TryPut(n); err != nil {
				t.Fatal(err)
			}
		}
		abandoned.Store(false)
		full.Store(o)
		for full.Load() != nil {
			goruntime.Gosched()
		}
		for i := range 20 * round % 10_000 { // for as long as it takes the owner to get somewhere in the batch
			work += i
		}
		var left []int
		for ok := false; !ok; left, ok = o.Abandon() {
			o.Interrupt()
		}
		abandoned.Store(true)
		last := <-lost
		switch {
		case last > 0 && len(left) > 0 && left[0] == last:
			inBoth++
		case last < batch:
			inOne++
			last++
		}
		for i, n := range left {
			if n != last+i {
				t.Fatalf("after %d was begun, Abandon returned %v", last, left)
			}
		}
		if s := o.Stats(); s.Put != batch || s.Len != 0 || s.Taken != uint64(batch-len(left)) {
			t.Fatalf("%+v, and Abandon returned %d", s, len(left))
		}
	}
	t.Logf("the one in hand was returned in %d rounds, and was finished or missing in %d; %d", inBoth, inOne, work)
}

func TestAbandonFailsOnceOwnerIsBack(t *testing.T) {
	for name, comeBack := range map[string]func(*mailbox.Owned[int]){
		"Next":    func(o *mailbox.Owned[int]) { o.Next() },
		"Suspend": func(o *mailbox.Owned[int]) { o.Suspend() },
	} {
		o := newOwned(t, mailbox.Config[int]{})
		if _, err := o.TryPut(1); err != nil {
			t.Fatal(err)
		}
		o.Interrupt()
		comeBack(o)
		if left, ok := o.Abandon(); ok {
			t.Errorf("%s: it was abandoned all the same: %v", name, left)
		}
		if n, s := o.Next(); n != 1 || s != mailbox.Ready {
			t.Errorf("%s: Next returned %v, %v, want 1", name, n, s)
		}
	}
}

// A message that the owner has finished is its own, also when it goes to sleep without calling Next.
func TestAbandonLeavesFinishedMessageAlone(t *testing.T) {
	for name, finish := range map[string]func(*mailbox.Owned[int]){
		"Settle":  func(o *mailbox.Owned[int]) { o.Settle() },
		"Rest":    func(o *mailbox.Owned[int]) { o.Rest() },
		"Suspend": func(o *mailbox.Owned[int]) { o.Suspend() },
		"Suspend, interrupted": func(o *mailbox.Owned[int]) {
			o.Interrupt()
			o.Suspend()
		},
	} {
		for waiting := range 3 {
			o := newOwned(t, mailbox.Config[int]{})
			var want []int
			for n := range 1 + waiting {
				if _, err := o.TryPut(n); err != nil {
					t.Fatal(err)
				}
				want = append(want, n)
			}
			o.Next()
			finish(o)
			o.Interrupt()
			if left, ok := o.Abandon(); !ok || !slices.Equal(left, want[1:]) {
				t.Errorf("%s, %d waiting: Abandon returned %v, %v, want %v", name, waiting, left, ok, want[1:])
			}
			if s := o.Stats(); s.Taken != 1 || s.InHand != 0 || s.Len != 0 {
				t.Errorf("%s, %d waiting: %+v, want 1 taken", name, waiting, s)
			}
		}
	}
}

func TestAbandonReturnsDeliveryOrder(t *testing.T) {
	want := map[string][]int{ // the first is in hand
		"FIFO": {0, 1, 2, 3, 4, 5}, "LIFO": {3, 4, 5, 2, 1, 0}, "Less": {1, 4, 5, 0, 2, 3}, "Levels": {1, 4, 5, 0, 2, 3},
	}
	each(t, func(t *testing.T, k kind) {
		o := newOwned(t, k.config(mailbox.Block, 4))
		for n, level := range []int{2, 0, 3, 3} {
			if _, err := o.TryPut(letter{n: n, level: level}); err != nil {
				t.Fatal(err)
			}
		}
		if _, s := o.Next(); s != mailbox.Ready {
			t.Fatalf("Next says %v", s)
		}
		if _, err := o.TryPut(letter{n: 4, level: 1}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := o.Hold(letter{n: 5, level: 0}); err != nil {
			t.Fatal(err)
		}
		o.Interrupt()
		left, ok := o.Abandon()
		if !ok || !slices.Equal(numbers(left), want[k.name]) {
			t.Fatalf("Abandon returned %v, %v, want %v", numbers(left), ok, want[k.name])
		}
	})
}

// Whoever abandoned the owner is the owner then, and sleeps and wakes as the old one did; and the old one, wherever it
// comes back, finds nothing that it could take a second time.
func TestAbandonerSleepsAndWakes(t *testing.T) {
	o := newOwned(t, mailbox.Config[int]{})
	for n := range 3 {
		if _, err := o.TryPut(n); err != nil {
			t.Fatal(err)
		}
	}
	o.Next()
	o.Interrupt()
	if _, ok := o.Abandon(); !ok {
		t.Fatal("it was not abandoned")
	}
	var log []any
	note := func(v ...any) { log = append(log, v...) }
	note(o.Settle(), len(o.Drain()))
	for range 2 {
		_, s := o.Next()
		note(s)
	}
	note("rest", o.Rest(), o.Interrupt(), o.Interrupted(), o.Rest())
	note("suspend", o.Suspend(), o.Suspend(), o.Interrupt(), o.Suspend())
	_, err := o.TryPut(9)
	_, _, holdErr := o.Hold(9)
	note(err, holdErr, o.Len())
	want := []any{
		false, 0, mailbox.Lost, mailbox.Lost,
		"rest", true, true, true, false,
		"suspend", false, true, true, false,
		mailbox.ErrClosed, mailbox.ErrClosed, 0,
	}
	if fmt.Sprint(log) != fmt.Sprint(want) {
		t.Fatalf("got %v, want %v", log, want)
	}
}
