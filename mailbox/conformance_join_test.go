package mailbox_test

import (
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
)

// Two joins wait as the mailbox ends. What is left has to be taken and reported still, or it was drained and counts as
// done.
func TestJoinAtTheEndWaitsForWhatGetsStillTake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		confEachEndWithin(t, func(b *mailbox.Mailbox[letter], end func() []letter, drains bool) {
			put(t, b, letter{n: 1})
			joins := []<-chan error{join(t.Context(), b), join(t.Context(), b)}
			end()
			if !drains {
				for _, j := range joins {
					waits(t, "Join", j)
				}
				confTake(t, b)
				waits(t, "Join of a message that is in hand", joins[0])
				b.Done()
			}
			for _, j := range joins {
				wantErr(t, "Join", over(t, "it", j), nil)
			}
		})
	})
}

// A put that failed adds nothing to what Join waits for.
func TestJoinAtTheEndDoesNotWaitForRefusedPut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		confEachEndWithin(t, func(b *mailbox.Mailbox[letter], end func() []letter, drains bool) {
			put(t, b, letter{n: 1})
			joined := join(t.Context(), b)
			waits(t, "Join", joined)
			end()
			refused := waitToPut(t.Context(), b, letter{n: 9})
			wantErr(t, "a put", over(t, "it", refused), mailbox.ErrClosed)
			if drains {
				_, err := b.TryGet()
				wantErr(t, "TryGet", err, mailbox.ErrClosed)
			} else {
				waits(t, "Join", joined)
				if l := confTake(t, b); l.n != 1 {
					t.Fatalf("got %v, want 1", l)
				}
				b.Done()
			}
			wantErr(t, "Join", over(t, "it", joined), nil)
		})
	})
}

// Two workers and two joins, all of them started before the mailbox is closed.
func TestJoinReturnsWhenWorkersFinishAClosedMailbox(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		b := newMailbox(t, k.config(mailbox.Block, 2))
		put(t, b, letter{n: 1}, letter{n: 2})
		open, errs := make(chan struct{}), make(chan error, 4)
		for range 2 {
			go func() {
				<-open
				_, err := b.Get(t.Context())
				if err == nil {
					b.Done()
				}
				errs <- err
			}()
			go func() { errs <- b.Join(t.Context()) }()
		}
		close(open)
		b.Close()
		for range 4 {
			wantErr(t, "a worker or a join", <-errs, nil)
		}
		if s := b.Stats(); s.Taken != 2 || s.Len != 0 {
			t.Fatalf("%+v, want both taken", s)
		}
	})
}

// Drain throws away what waits, and not what a worker has in hand: that is reported as always, and once.
func TestJoinAfterDrainWaitsForWhatIsInHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, k := range kinds {
			b := newMailbox(t, k.config(mailbox.Block, 3))
			put(t, b, letter{n: 1}, letter{n: 2}, letter{n: 3})
			confTake(t, b)
			joined := join(t.Context(), b)
			if left := b.Drain(); len(left) != 2 {
				t.Fatalf("Drain returned %v, want two messages", left)
			}
			waits(t, "Join", joined)
			b.Done()
			wantErr(t, "Join", over(t, "it", joined), nil)
			if recovered(b.Done) == nil {
				t.Fatal("Done did not notice that the others were drained")
			}
		}
	})
}
