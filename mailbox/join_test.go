package mailbox_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
)

func TestJoinWaitsUntilAllIsDone(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		synctest.Test(t, func(t *testing.T) {
			b := newMailbox(t, k.config(mailbox.Block, 7))
			wantErr(t, "Join of an empty mailbox", b.Join(t.Context()), nil)
			put(t, b, letter{n: 1}, letter{n: 2})
			var joins []<-chan error
			for range 3 {
				joins = append(joins, join(t.Context(), b))
			}
			for range 2 {
				waits(t, "Join", joins[0])
				if _, err := b.TryGet(); err != nil {
					t.Fatal(err)
				}
				waits(t, "Join", joins[0]) // taken is not done
				b.Done()
			}
			for _, j := range joins {
				wantErr(t, "Join", over(t, "it", j), nil)
			}
			// And again: a join is of the messages put so far.
			put(t, b, letter{n: 3})
			again := join(t.Context(), b)
			waits(t, "Join", again)
			if _, err := b.TryGet(); err != nil {
				t.Fatal(err)
			}
			b.Done()
			wantErr(t, "Join", over(t, "it", again), nil)
		})
	})
}

func TestJoinWorksAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newMailbox(t, mailbox.Config[letter]{})
		put(t, b, letter{})
		before := join(t.Context(), b)
		b.Close()
		after := join(t.Context(), b)
		waits(t, "Join", before)
		waits(t, "Join after Close", after)
		if _, err := b.TryGet(); err != nil {
			t.Fatal(err)
		}
		b.Done()
		wantErr(t, "Join", over(t, "it", before), nil)
		wantErr(t, "Join after Close", over(t, "it", after), nil)
	})
}

func TestJoinCountsDrainedAndEvictedAsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newMailbox(t, mailbox.Config[int]{Capacity: 2, Overflow: mailbox.DropOldest})
		put(t, b, 1, 2, 3, 4) // 1 and 2 are evicted
		joined := make(chan error, 1)
		go func() { joined <- b.Join(t.Context()) }()
		if _, err := b.TryGet(); err != nil {
			t.Fatal(err)
		}
		b.Done()
		waits(t, "Join", joined)
		b.Drain()
		wantErr(t, "Join", over(t, "it", joined), nil)
	})
}

func TestJoinEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newMailbox(t, mailbox.Config[letter]{})
		put(t, b, letter{})
		ctx, cancel := context.WithCancel(t.Context())
		joined := join(ctx, b)
		other := join(t.Context(), b)
		cancel()
		wantErr(t, "Join", over(t, "it", joined), context.Canceled)
		waits(t, "another Join", other)
		wantErr(t, "Join with an ended context", b.Join(ctx), context.Canceled)
		b.Drain()
		wantErr(t, "Join of a finished mailbox with an ended context", b.Join(ctx), nil)
	})
}

// Done for a message that still waits is one too many: it would make Join return while that message is there, and the
// count would never be right again once Drain had returned it.
func TestDoneMoreOftenThanTakenPanics(t *testing.T) {
	const want = "mailbox: Done was called more often than messages were taken"
	b := newMailbox(t, mailbox.Config[int]{})
	if v := recovered(b.Done); v != want {
		t.Fatalf("Done of an unused mailbox: %v, want %q", v, want)
	}
	put(t, b, 1, 2)
	if v := recovered(b.Done); v != want {
		t.Fatalf("Done before anything was taken: %v, want %q", v, want)
	}
	if _, err := b.TryGet(); err != nil {
		t.Fatal(err)
	}
	b.Done()
	if v := recovered(b.Done); v != want {
		t.Fatalf("Done for a message that waits: %v, want %q", v, want)
	}
	if left := b.Drain(); len(left) != 1 {
		t.Fatalf("left %v, want one", left)
	}
	if v := recovered(b.Done); v != want {
		t.Fatalf("Done for a drained message: %v, want %q", v, want)
	}
	wantErr(t, "Join", b.Join(t.Context()), nil)
}

func TestJoinAmongManyWorkers(t *testing.T) {
	const producers, workers, sent = 4, 4, 200
	b := newMailbox(t, mailbox.Config[int]{Capacity: 8})
	var sending, working sync.WaitGroup
	for range workers {
		working.Go(func() {
			for {
				if _, err := b.Get(context.Background()); err != nil {
					return
				}
				b.Done()
			}
		})
	}
	for range producers {
		sending.Go(func() {
			for i := range sent {
				if err := b.Put(context.Background(), i); err != nil {
					t.Error(err)
				}
				if i%20 == 0 {
					if err := b.Join(context.Background()); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	sending.Wait()
	if err := b.Join(context.Background()); err != nil {
		t.Error(err)
	}
	if s := b.Stats(); s.Len != 0 || s.Taken != producers*sent {
		t.Errorf("%+v after Join, want all taken", s)
	}
	b.Close()
	working.Wait()
}

// join starts a join and returns when it waits, or has returned already.
func join(ctx context.Context, b *mailbox.Mailbox[letter]) <-chan error {
	joined := make(chan error, 1)
	go func() { joined <- b.Join(ctx) }()
	synctest.Wait()
	return joined
}
