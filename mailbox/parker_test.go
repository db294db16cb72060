package mailbox_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
)

// A parker notes when it is told of a wait.
type parker struct {
	mu    sync.Mutex
	calls []string
	token uint64
}

func (p *parker) Park() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.token++
	p.calls = append(p.calls, "park")
	return p.token
}

func (p *parker) Unpark(token uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.calls = append(p.calls, "unpark"); token != p.token {
		p.calls = append(p.calls, "with another token")
	}
}

func (p *parker) seen(t *testing.T, when string, want ...string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.Equal(p.calls, want) {
		t.Errorf("%s: %q, want %q", when, p.calls, want)
	}
	p.calls = nil
}

// A put tells its context's Parker of its wait, before and after, however the wait ends; and of nothing else.
func TestPutTellsTheParkerOfItsWait(t *testing.T) {
	errGone := errors.New("gone")
	ends := map[string]struct {
		end  func(o *mailbox.Owned[letter], cancel context.CancelCauseFunc)
		want error
	}{
		"there is room":    {func(o *mailbox.Owned[letter], _ context.CancelCauseFunc) { o.Next() }, nil},
		"it is closed":     {func(o *mailbox.Owned[letter], _ context.CancelCauseFunc) { o.Close() }, mailbox.ErrClosed},
		"the context ends": {func(_ *mailbox.Owned[letter], cancel context.CancelCauseFunc) { cancel(errGone) }, context.Canceled},
	}
	for name, c := range ends {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, p := newOwned(t, mailbox.Config[letter]{Capacity: 1}), &parker{}
				ctx, cancel := context.WithCancelCause(context.WithValue(t.Context(), mailbox.ParkerKey{}, p))
				defer cancel(nil)
				if _, err := o.Put(ctx, letter{n: 1}); err != nil {
					t.Fatal(err)
				}
				if _, err := o.TryPut(letter{n: 2}); !errors.Is(err, mailbox.ErrFull) {
					t.Fatal(err)
				}
				p.seen(t, "with room, and without a wait")
				ended := make(chan error)
				go func() {
					_, err := o.Put(ctx, letter{n: 3})
					ended <- err
				}()
				synctest.Wait()
				p.seen(t, "while it waits", "park")
				c.end(o, cancel)
				if err := <-ended; !errors.Is(err, c.want) {
					t.Errorf("the put returns %v, want %v", err, c.want)
				}
				p.seen(t, "afterwards", "unpark")
			})
		})
	}
}
