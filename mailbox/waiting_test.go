package mailbox_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
)

// waitToPut starts a put of l and returns when it waits, or has returned already. The channel has its error then.
func waitToPut(ctx context.Context, b *mailbox.Mailbox[letter], l letter) <-chan error {
	err := make(chan error, 1)
	go func() { err <- b.Put(ctx, l) }()
	synctest.Wait()
	return err
}

type got struct {
	letter letter
	err    error
}

// waitToGet starts a get and returns when it waits, or has returned already. The channel has its result then.
func waitToGet(ctx context.Context, b *mailbox.Mailbox[letter]) <-chan got {
	result := make(chan got, 1)
	go func() {
		l, err := b.Get(ctx)
		result <- got{l, err}
	}()
	synctest.Wait()
	return result
}

// over returns what is in c, which has to be there once nothing moves any more.
func over[T any](t *testing.T, what string, c <-chan T) (v T) {
	t.Helper()
	synctest.Wait()
	select {
	case v = <-c:
	default:
		t.Fatalf("%s waits still", what)
	}
	return v
}

func waits[T any](t *testing.T, what string, c <-chan T) {
	t.Helper()
	synctest.Wait()
	select {
	case v := <-c:
		t.Fatalf("%s waits no more: %v", what, v)
	default:
	}
}

// With a capacity of 1, what enters first leaves first whatever the order is, so gets show in which order puts entered.
func TestWaitingPutsEnterInArrivalOrder(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		synctest.Test(t, func(t *testing.T) {
			b := newMailbox(t, k.config(mailbox.Block, 1))
			put(t, b, letter{n: 0, level: 1})
			var errs []<-chan error
			for n := 1; n < 10; n++ {
				errs = append(errs, waitToPut(t.Context(), b, letter{n: n, level: n % levels}))
				waits(t, "a put without room", errs[n-1])
			}
			for n := range 10 {
				l, err := b.TryGet()
				wantErr(t, "TryGet", err, nil)
				if l.n != n {
					t.Fatalf("letter %d came in place of %d", l.n, n)
				}
				if n < 9 {
					wantErr(t, "the put that waited longest", over(t, "it", errs[n]), nil)
				}
				if n < 8 {
					waits(t, "the next put", errs[n+1])
				}
			}
		})
	})
}

// Room that appears when a put has waited for long is that put's at once. (What happens before that is in calling_test.go.)
func TestWaitingPutIsNotOvertakenByNewcomer(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		synctest.Test(t, func(t *testing.T) {
			b := newMailbox(t, k.config(mailbox.Block, 2))
			put(t, b, letter{n: 0}, letter{n: 1})
			first := waitToPut(t.Context(), b, letter{n: 2})
			for range 3 {
				<-time.After(time.Millisecond + 1)
				if _, err := b.TryGet(); err != nil {
					t.Fatal(err)
				}
				wantErr(t, "TryPut beside a waiting put", b.TryPut(letter{n: 9}), mailbox.ErrFull)
				wantErr(t, "the waiting put", over(t, "it", first), nil)
				first = waitToPut(t.Context(), b, letter{n: 3})
			}
			b.Close()
			wantErr(t, "the last put", over(t, "it", first), mailbox.ErrClosed)
		})
	})
}

func TestWaitingGetsAreServedInArrivalOrder(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		synctest.Test(t, func(t *testing.T) {
			b := newMailbox(t, k.config(mailbox.Block, 3))
			var results []<-chan got
			for range 5 {
				results = append(results, waitToGet(t.Context(), b))
			}
			for n, result := range results {
				l := letter{n: n, level: 3 - n%levels}
				put(t, b, l)
				_, err := b.TryGet()
				wantErr(t, "TryGet beside waiting gets", err, mailbox.ErrEmpty)
				if g := over(t, "the get that waited longest", result); g != (got{l, nil}) {
					t.Fatalf("get %d returned %v, want %v", n, g, l)
				}
			}
			if s := b.Stats(); s.Taken != 5 || s.Len != 0 {
				t.Fatalf("%+v, want 5 taken", s)
			}
		})
	})
}

func TestCancelledPutLosesNobodysTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newMailbox(t, mailbox.Config[letter]{Capacity: 1})
		put(t, b, letter{n: 0})
		var errs []<-chan error
		var cancels []func()
		for n := 1; n <= 6; n++ {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			cancels = append(cancels, cancel)
			errs = append(errs, waitToPut(ctx, b, letter{n: n}))
		}
		for _, n := range []int{1, 3, 4, 6} { // the first, two in the middle, the last
			cancels[n-1]()
			wantErr(t, "a cancelled put", over(t, "it", errs[n-1]), context.Canceled)
		}
		for _, n := range []int{0, 2, 5} {
			if l, err := b.TryGet(); err != nil || l.n != n {
				t.Fatalf("TryGet returned %v, %v, want %d", l, err, n)
			}
		}
		if s := b.Stats(); s.Put != 3 || s.Rejected != 4 || s.Refused != 0 || s.Len != 0 {
			t.Fatalf("%+v, want 3 put and 4 rejected", s)
		}
		put(t, b, letter{n: 7})
	})
}

func TestCancelledGetLosesNobodysMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newMailbox(t, mailbox.Config[letter]{Capacity: 1})
		var results []<-chan got
		var cancels []func()
		for range 5 {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			cancels = append(cancels, cancel)
			results = append(results, waitToGet(ctx, b))
		}
		for _, i := range []int{0, 2, 4} {
			cancels[i]()
			wantErr(t, "a cancelled get", over(t, "it", results[i]).err, context.Canceled)
		}
		for n, i := range []int{1, 3} {
			put(t, b, letter{n: n})
			if g := over(t, "a get", results[i]); g != (got{letter{n: n}, nil}) {
				t.Fatalf("get %d returned %v", i, g)
			}
		}
		put(t, b, letter{n: 7})
		if b.Len() != 1 {
			t.Fatal("the message went to a get that was cancelled")
		}
	})
}

func TestPutAndGetEndWithTheirContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newMailbox(t, mailbox.Config[letter]{Capacity: 1})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		_, err := b.Get(ctx)
		wantErr(t, "Get", err, context.DeadlineExceeded)
		if took := time.Since(began); took != time.Minute {
			t.Fatalf("Get waited %v, want a minute", took)
		}

		put(t, b, letter{n: 1})
		ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		wantErr(t, "Put", b.Put(ctx, letter{n: 2}), context.DeadlineExceeded)
		if took := time.Since(began); took != 2*time.Minute {
			t.Fatalf("Put ended after %v, want two minutes", took)
		}
		if left := b.Drain(); !slices.Equal(left, []letter{{n: 1}}) {
			t.Fatalf("left is %v: a put that failed must not be in", left)
		}
	})
}

// A context that has ended fails every put and get, even where neither would wait.
func TestEndedContextIsLookedAtOnEntry(t *testing.T) {
	eachPolicy(t, func(t *testing.T, k kind, policy mailbox.Overflow) {
		b := newMailbox(t, k.config(policy, 2))
		wantErr(t, "Put", b.Put(ended(), letter{}), context.Canceled)
		put(t, b, letter{n: 1})
		_, err := b.Get(ended())
		wantErr(t, "Get", err, context.Canceled)
		if s := b.Stats(); s.Put != 1 || s.Taken != 0 || s.Rejected != 1 {
			t.Fatalf("%+v, want 1 put, 1 rejected, none taken", s)
		}
		o := newOwned(t, k.config(policy, 2))
		_, err = o.Put(ended(), letter{})
		wantErr(t, "Owned.Put", err, context.Canceled)
	})
}

// Whichever comes first, room or the end of the context: the error says whether the message is in.
func TestPutWhoseContextEndsAsRoomAppears(t *testing.T) {
	in := 0
	for round := range 1000 * scale {
		synctest.Test(t, func(t *testing.T) {
			b := newMailbox(t, mailbox.Config[letter]{Capacity: 1})
			put(t, b, letter{n: 1})
			ctx, cancel := context.WithCancel(t.Context())
			errs := waitToPut(ctx, b, letter{n: 2})
			atOnce(round, cancel, func() {
				if l, err := b.TryGet(); err != nil || l.n != 1 {
					t.Errorf("TryGet returned %v, %v", l, err)
				}
			})
			err := over(t, "the put", errs)
			left := numbers(b.Drain())
			switch {
			case err == nil && slices.Equal(left, []int{2}):
				in++
			case errors.Is(err, context.Canceled) && left == nil:
			default:
				t.Fatalf("Put returned %v, and %v are in", err, left)
			}
			if s := b.Stats(); s.Put+s.Rejected != 2 {
				t.Fatalf("%+v: 2 were sent", s)
			}
		})
	}
	t.Logf("room came first in %d rounds", in)
}

func TestGetWhoseContextEndsAsMessageAppears(t *testing.T) {
	taken := 0
	for round := range 1000 * scale {
		synctest.Test(t, func(t *testing.T) {
			b := newMailbox(t, mailbox.Config[letter]{Capacity: 1})
			ctx, cancel := context.WithCancel(t.Context())
			result := waitToGet(ctx, b)
			atOnce(round, cancel, func() {
				if err := b.TryPut(letter{n: 1}); err != nil {
					t.Errorf("TryPut: %v", err)
				}
			})
			switch g, n := over(t, "the get", result), b.Len(); {
			case g == got{letter{n: 1}, nil} && n == 0:
				taken++
			case errors.Is(g.err, context.Canceled) && n == 1:
			default:
				t.Fatalf("Get returned %v, and %d are in", g, n)
			}
		})
	}
	t.Logf("the message came first in %d rounds", taken)
}

// atOnce runs f and g at the same time. The one that is started last tends to run first, so rounds alternate.
func atOnce(round int, f, g func()) {
	if round%2 == 0 {
		f, g = g, f
	}
	go f()
	go g()
	synctest.Wait()
}

func TestPutToOwnedWaitsUntilOwnerBegins(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		synctest.Test(t, func(t *testing.T) {
			o := newOwned(t, k.config(mailbox.Block, 2))
			for n := range 2 {
				if _, err := o.TryPut(letter{n: n}); err != nil {
					t.Fatal(err)
				}
			}
			done := make(chan error, 2)
			for n := range 2 {
				go func() {
					wake, err := o.Put(t.Context(), letter{n: 2 + n})
					if wake {
						err = errors.New("it woke an owner that is awake")
					}
					done <- err
				}()
				synctest.Wait()
			}
			for range 2 {
				waits(t, "a put beyond the capacity", done)
				if _, s := o.Next(); s != mailbox.Ready {
					t.Fatalf("Next says %v", s)
				}
				wantErr(t, "Put", over(t, "the put", done), nil)
			}
			if s := o.Stats(); s.Len != 2 || s.Taken != 2 || s.Put != 4 {
				t.Fatalf("%+v, want 2 of 4 taken", s)
			}
		})
	})
}
