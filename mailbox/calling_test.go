package mailbox_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
)

// A get that makes room calls the first of the puts that wait, and that one puts by itself. Between the call and its
// coming much can happen: here it happens one step at a time.

func wantCall(t *testing.T, p mailbox.Stepped[int], who string) {
	t.Helper()
	if call, end := p.Woken(); !call || end {
		t.Fatalf("%s: called %v, served %v, want it called", who, call, end)
	}
}

func wantEnd(t *testing.T, p mailbox.Stepped[int], who string, err error) {
	t.Helper()
	if call, end := p.Woken(); call || !end {
		t.Fatalf("%s: called %v, served %v, want it served", who, call, end)
	}
	wantErr(t, who, p.Err(), err)
}

func wantSleep(t *testing.T, p mailbox.Stepped[int], who string) {
	t.Helper()
	if call, end := p.Woken(); call || end {
		t.Fatalf("%s: called %v, served %v, want it left alone", who, call, end)
	}
}

func wantTaken(t *testing.T, b *mailbox.Mailbox[int], want ...int) {
	t.Helper()
	for _, n := range want {
		if m, err := b.TryGet(); m != n || err != nil {
			t.Fatalf("TryGet: %d, %v, want %d", m, err, n)
		}
	}
}

// lineOf returns a mailbox of three that is full with 1, 2 and 3, and the puts of 4, 5 and 6 that wait.
func lineOf(t *testing.T) (b *mailbox.Mailbox[int], first, second, third mailbox.Stepped[int]) {
	t.Helper()
	b = newMailbox(t, mailbox.Config[int]{Capacity: 3})
	put(t, b, 1, 2, 3)
	return b, mailbox.Wait(b, 4), mailbox.Wait(b, 5), mailbox.Wait(b, 6)
}

func TestPutThatWasCalledCallsTheNext(t *testing.T) {
	b, first, second, third := lineOf(t)
	wantTaken(t, b, 1, 2)
	wantCall(t, first, "first")
	wantSleep(t, second, "second")
	if !first.Retry() {
		t.Fatal("the first in line found no room")
	}
	wantCall(t, second, "second")
	if !second.Retry() {
		t.Fatal("the second in line found no room")
	}
	wantSleep(t, third, "third") // it is full again
	wantTaken(t, b, 3)
	wantCall(t, third, "third")
}

func TestNewcomerMayBeQuickerThanAPutThatWasCalled(t *testing.T) {
	b, first, second, _ := lineOf(t)
	wantTaken(t, b, 1)
	wantErr(t, "a newcomer", b.TryPut(9), nil)
	wantErr(t, "a second newcomer", b.TryPut(9), mailbox.ErrFull)
	wantCall(t, first, "first")
	if first.Retry() {
		t.Fatal("the first in line got room that there is not")
	}
	wantTaken(t, b, 2)
	wantCall(t, first, "first, again")
	if !first.Retry() {
		t.Fatal("the first in line found no room")
	}
	wantSleep(t, second, "second")
	wantTaken(t, b, 3, 9)
	wantCall(t, second, "second")
}

func TestRoomIsAtOnceThatOfAPutThatHasWaitedLong(t *testing.T) {
	for _, waited := range []time.Duration{time.Millisecond, time.Millisecond + 1, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			b, first, second, third := lineOf(t)
			<-time.After(waited)
			fourth := mailbox.Wait(b, 7)
			wantTaken(t, b, 1)
			if waited <= time.Millisecond {
				wantCall(t, first, "first")
				return
			}
			wantEnd(t, first, "first", nil)
			wantErr(t, "a newcomer", b.TryPut(9), mailbox.ErrFull)
			wantSleep(t, second, "second")
			into := make([]int, 2)
			if n, err := b.GetBatch(t.Context(), into); n != 2 || err != nil {
				t.Fatal(n, err)
			}
			wantEnd(t, second, "second", nil)
			wantEnd(t, third, "third", nil)
			wantSleep(t, fourth, "fourth")
			wantTaken(t, b, 4)
			wantCall(t, fourth, "fourth, which is young") // not in yet: in front of it are 5 and 6
			wantErr(t, "a newcomer", b.TryPut(9), nil)
			wantTaken(t, b, 5, 6, 9, 7)
		})
	}
}

// A put that has lost its room to newcomers for a while is not called any more: the next room is its.
func TestPutThatWasPassedIsServedInTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, first, _, _ := lineOf(t)
		wantTaken(t, b, 1)
		wantErr(t, "a newcomer", b.TryPut(9), nil)
		<-time.After(2 * time.Millisecond)
		wantCall(t, first, "first")
		if first.Retry() {
			t.Fatal("the first in line got room that there is not")
		}
		wantTaken(t, b, 2)
		wantEnd(t, first, "first", nil)
	})
}

func TestLastMessageIsReplacedByThoseThatWait(t *testing.T) {
	b, first, second, third := lineOf(t)
	wantTaken(t, b, 1, 2, 3)
	if b.Len() != 1 {
		t.Fatalf("%d wait, want one, of the first in line: or the consumer would have to wait too", b.Len())
	}
	// It was called already. It finds that its wait is over, and is told once.
	wantCall(t, first, "first")
	if !first.Retry() {
		t.Fatal("the first in line was served, and waits")
	}
	wantSleep(t, first, "first, that has come")
	wantCall(t, second, "second")
	wantTaken(t, b, 4, 5, 6)
	wantSleep(t, second, "second, which was called before")
	wantCall(t, third, "third") // when 5 was the last message, and then it was 6 itself
	if !second.Retry() || !third.Retry() {
		t.Fatal("a put was served, and waits")
	}
	wantSleep(t, third, "third, that has come")
}

func TestPutThatWasCalledAndGivesUpLeavesTheCallToTheNext(t *testing.T) {
	b, first, second, third := lineOf(t)
	wantTaken(t, b, 1)
	if !first.Leave() {
		t.Fatal("the first in line could not leave")
	}
	wantCall(t, second, "second")
	if !third.Leave() { // was not called, so there is nothing to pass on
		t.Fatal("the third in line could not leave")
	}
	if !second.Retry() {
		t.Fatal("the second in line found no room")
	}
	wantTaken(t, b, 2, 3, 5)
	if s := b.Stats(); s.Rejected != 2 || s.Len != 0 {
		t.Fatalf("%+v, want two rejected", s)
	}
}

func TestPutThatWasCalledSeesThatTheMailboxIsClosed(t *testing.T) {
	for name, end := range map[string]func(*mailbox.Mailbox[int]){
		"Close": (*mailbox.Mailbox[int]).Close,
		"Drain": func(b *mailbox.Mailbox[int]) { b.Drain() },
	} {
		t.Run(name, func(t *testing.T) {
			b, first, second, _ := lineOf(t)
			wantTaken(t, b, 1)
			end(b)
			wantEnd(t, second, "second", mailbox.ErrClosed)
			if first.Leave() {
				t.Fatal("the first in line gave up what had ended already")
			}
			wantCall(t, first, "first")
			if !first.Retry() {
				t.Fatal("the first in line waits at a closed mailbox")
			}
			wantErr(t, "first", first.Err(), mailbox.ErrClosed)
			wantSleep(t, first, "first, that has come")
		})
	}
}

func TestPutWhoseLessPanicsCallsTheNext(t *testing.T) {
	b := newMailbox(t, mailbox.Config[int]{Capacity: 2, Order: mailbox.Priority, Less: func(a, b int) bool {
		if a == 13 || b == 13 {
			panic("13")
		}
		return a < b
	}})
	put(t, b, 1, 2)
	first, second := mailbox.Wait(b, 13), mailbox.Wait(b, 3)
	wantTaken(t, b, 1)
	wantCall(t, first, "first")
	if v := recovered(func() { first.Retry() }); v != "13" {
		t.Fatalf("the put panicked with %v, want 13", v)
	}
	wantCall(t, second, "second")
	if !second.Retry() {
		t.Fatal("the second in line found no room")
	}
	wantTaken(t, b, 2, 3)
}

// A put that was called may be one of many goroutines that wait for a processor. Newcomers do not pass it for good.
func TestCalledPutThatDoesNotComeIsServedAllTheSame(t *testing.T) {
	for _, c := range []mailbox.Config[int]{
		{Capacity: 4}, {Capacity: 4, Order: mailbox.LIFO},
		{Capacity: 4, Order: mailbox.Priority, Levels: 1, Level: func(int) int { return 0 }},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newMailbox(t, c)
			put(t, b, 1, 2, 3, 4)
			first := mailbox.Wait(b, 5)
			pass := func() {
				if _, err := b.TryGet(); err != nil {
					t.Fatal(err)
				}
			}
			pass()
			<-time.After(2 * time.Millisecond)
			passed := 0
			for ; b.TryPut(9) == nil; passed++ { // until its room is taken
				pass()
				if passed > 64 {
					t.Fatalf("%v: it is passed by newcomers though it has waited for two milliseconds", c.Order)
				}
			}
			wantCall(t, first, "first")
			if !first.Retry() {
				t.Errorf("%v: its wait is not over", c.Order)
			}
			fives := 0
			for _, m := range b.Drain() {
				if m == 5 {
					fives++
				}
			}
			if fives > 1 || fives == 0 && c.Order != mailbox.LIFO { // under LIFO it may have been taken
				t.Errorf("%v: it is there %d times", c.Order, fives)
			}
		})
	}
}

// Only one put is told that it was called, when the lock is released. One that was called and served before that must be
// told too, or it waits for good.
func TestPutsCalledAndServedAtOnceAreAllTold(t *testing.T) {
	b, first, second, _ := lineOf(t)
	mailbox.CallAndServe(b)
	wantEnd(t, first, "first", nil)
	wantCall(t, second, "second")
	if !second.Retry() {
		t.Error("the second in line found no room")
	}
}
