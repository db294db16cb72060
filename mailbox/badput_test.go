package mailbox_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
)

const nilContext = "mailbox: the context is nil: want context.Background() or another"

// wantText checks the whole text of an error, and what it is. No text means no error, and a nil is nothing it wraps.
func wantText(t *testing.T, what string, got, is error, text string) {
	t.Helper()
	switch {
	case text == "" && got != nil, text != "" && (got == nil || got.Error() != text):
		t.Errorf("%s: error %v, want %q", what, got, text)
	case is != nil && !errors.Is(got, is):
		t.Errorf("%s: error %v is not %v", what, got, is)
	}
	for _, other := range []error{mailbox.ErrConfig, mailbox.ErrFull, mailbox.ErrEmpty, mailbox.ErrClosed} {
		if other != is && errors.Is(got, other) {
			t.Errorf("%s: error %v is %v", what, got, other)
		}
	}
}

var errCause = errors.New("the cause")

// badContexts are those that no call may succeed with, where it has something to wait for or not.
func badContexts(t *testing.T) map[string]struct {
	ctx  context.Context
	is   error
	text string
} {
	cause, cancel := context.WithCancelCause(t.Context())
	cancel(errCause)
	expired, stop := context.WithDeadline(t.Context(), time.Unix(0, 0))
	expiredCause, stopCause := context.WithDeadlineCause(t.Context(), time.Unix(0, 0), errCause)
	child, stopChild := context.WithTimeout(ended(), time.Hour)
	t.Cleanup(func() { stop(); stopCause(); stopChild() })
	return map[string]struct {
		ctx  context.Context
		is   error
		text string
	}{
		"nil":                  {nil, nil, nilContext},
		"cancelled":            {ended(), context.Canceled, "context canceled"},
		"cancelled by a cause": {cause, context.Canceled, "context canceled"}, // ctx.Err(), as the docs say, not context.Cause
		"expired":              {expired, context.DeadlineExceeded, "context deadline exceeded"},
		"expired by a cause":   {expiredCause, context.DeadlineExceeded, "context deadline exceeded"},
		"child of a cancelled": {child, context.Canceled, "context canceled"},
	}
}

// A bad context fails every call that takes one, on entry: nothing is put, taken or dropped, though there is room and
// there are messages.
func TestBadContextIsRefusedOnEntry(t *testing.T) {
	for name, bad := range badContexts(t) {
		t.Run(name, func(t *testing.T) {
			b, o := newMailbox(t, mailbox.Config[int]{}), newOwned(t, mailbox.Config[int]{})
			put(t, b, 1)
			_, getErr := b.Get(bad.ctx)
			wake, ownedErr := o.Put(bad.ctx, 1)
			for what, err := range map[string]error{
				"Put": b.Put(bad.ctx, 2), "Get": getErr, "Join": b.Join(bad.ctx), "Owned.Put": ownedErr,
			} {
				wantText(t, what, err, bad.is, bad.text)
				if errors.Is(err, errCause) {
					t.Errorf("%s: error %v is the cause, and ctx.Err() was promised", what, err)
				}
			}
			if s := b.Stats(); s != (mailbox.Stats{Put: 1, Rejected: 1, Len: 1, HighWater: 1}) {
				t.Errorf("%+v, want 1 put, which waits, and 1 rejected", s)
			}
			if s := o.Stats(); wake || s != (mailbox.Stats{Rejected: 1}) {
				t.Errorf("wake %v, %+v, want 1 rejected", wake, s)
			}
		})
	}
}

// Being closed is a put's better reason, because it is one for good. A get looks at its context first: it may be that
// there is something to take.
func TestBadContextAfterClose(t *testing.T) {
	for name, bad := range badContexts(t) {
		t.Run(name, func(t *testing.T) {
			b, o := newMailbox(t, mailbox.Config[int]{}), newOwned(t, mailbox.Config[int]{})
			put(t, b, 1)
			b.Close()
			o.Close()
			_, ownedErr := o.Put(bad.ctx, 2)
			wantText(t, "Put", b.Put(bad.ctx, 2), mailbox.ErrClosed, "mailbox: closed")
			wantText(t, "Owned.Put", ownedErr, mailbox.ErrClosed, "mailbox: closed")
			_, err := b.Get(bad.ctx)
			wantText(t, "Get of what is left", err, bad.is, bad.text)
			b.Drain()
			_, err = b.Get(bad.ctx)
			wantText(t, "Get of nothing", err, bad.is, bad.text)
			if s := b.Stats(); s.Rejected != 1 || s.Refused != 1 || s.Taken != 0 {
				t.Errorf("%+v, want 1 refused, none taken", s)
			}
		})
	}
}

// Join has nothing to wait for where nothing is unfinished, and then its context does not matter, unless there is none.
func TestBadContextOfJoinWithoutAnythingToWaitFor(t *testing.T) {
	for name, bad := range badContexts(t) {
		err := newMailbox(t, mailbox.Config[int]{}).Join(bad.ctx)
		if name == "nil" {
			wantText(t, name, err, nil, nilContext)
		} else {
			wantText(t, name, err, nil, "")
		}
	}
}

func TestContextThatEndsWhileWaiting(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(context.Context) (context.Context, func())
		is   error
		text string
	}{
		{"cancelled", func(ctx context.Context) (context.Context, func()) {
			ctx, cancel := context.WithCancel(ctx)
			return ctx, cancel
		}, context.Canceled, "context canceled"},
		{"cancelled by a cause", func(ctx context.Context) (context.Context, func()) {
			ctx, cancel := context.WithCancelCause(ctx)
			return ctx, func() { cancel(errCause) }
		}, context.Canceled, "context canceled"},
		{"expired by a cause", func(ctx context.Context) (context.Context, func()) {
			ctx, cancel := context.WithTimeoutCause(ctx, time.Hour, errCause)
			return ctx, func() { <-ctx.Done(); cancel() }
		}, context.DeadlineExceeded, "context deadline exceeded"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				full, empty := newMailbox(t, mailbox.Config[int]{Capacity: 1}), newMailbox(t, mailbox.Config[int]{})
				put(t, full, 1)
				o := newOwned(t, mailbox.Config[int]{Capacity: 1})
				if _, err := o.TryPut(1); err != nil {
					t.Fatal(err)
				}
				ctx, end := tt.end(t.Context())
				errs := map[string]chan error{}
				for what, call := range map[string]func() error{
					"Put":       func() error { return full.Put(ctx, 2) },
					"Get":       func() error { _, err := empty.Get(ctx); return err },
					"Join":      func() error { return full.Join(ctx) },
					"Owned.Put": func() error { _, err := o.Put(ctx, 2); return err },
				} {
					c := make(chan error, 1)
					errs[what] = c
					go func() { c <- call() }()
				}
				for what, err := range errs {
					waits(t, what, err)
				}
				end()
				for what, err := range errs {
					wantText(t, what, over(t, what, err), tt.is, tt.text)
				}
				if full.Stats().Rejected != 1 || o.Stats().Rejected != 1 || empty.Stats() != (mailbox.Stats{}) {
					t.Errorf("%+v, %+v, %+v: want 1 put rejected, twice", full.Stats(), o.Stats(), empty.Stats())
				}
			})
		})
	}
}

// A nil pointer in a context is the caller's mistake, and panics as it does everywhere, but not with the lock held.
func TestContextThatPanicsLeavesTheMailboxUnlocked(t *testing.T) {
	type broken struct{ context.Context }
	var none *broken
	b, o := newMailbox(t, mailbox.Config[int]{}), newOwned(t, mailbox.Config[int]{})
	for what, call := range map[string]func(){
		"Put":       func() { _ = b.Put(none, 1) },
		"Get":       func() { _, _ = b.Get(none) },
		"Owned.Put": func() { _, _ = o.Put(none, 1) },
	} {
		if v := recovered(call); fmt.Sprint(v) != "runtime error: invalid memory address or nil pointer dereference" {
			t.Errorf("%s panicked with %v", what, v)
		}
	}
	if b.Stats() != (mailbox.Stats{}) || o.Stats() != (mailbox.Stats{}) {
		t.Errorf("%+v, %+v: want nothing counted", b.Stats(), o.Stats())
	}
}

// Whatever Level answers, the mailbox is not harmed. Full or not, nothing is evicted for a message that has no place.
func TestLevelOutOfRangeIsRefusedUnderEachPolicy(t *testing.T) {
	for _, tt := range []struct {
		levels, answer int
		want           string
	}{
		{1, 1, "Level returned 1: want 0 to 0"},
		{1, -1, "Level returned -1: want 0 to 0"},
		{3, math.MinInt, fmt.Sprint("Level returned ", math.MinInt, ": want 0 to 2")},
		{3, math.MaxInt, fmt.Sprint("Level returned ", math.MaxInt, ": want 0 to 2")},
		{64, 64, "Level returned 64: want 0 to 63"},
		{mailbox.MaxLevels, mailbox.MaxLevels, "Level returned 4096: want 0 to 4095"},
	} {
		text := "mailbox: invalid config: " + tt.want
		for _, policy := range policies {
			for fill := range 2 {
				c := mailbox.Config[int]{
					Capacity: 1, Order: mailbox.Priority, Levels: tt.levels, Overflow: policy, Level: func(n int) int { return n },
					OnDrop: func(n int, _ error) { t.Errorf("%v evicted %d", policy, n) },
				}
				b, o := newMailbox(t, c), newOwned(t, c)
				for range fill {
					put(t, b, 0)
					if _, err := o.TryPut(0); err != nil {
						t.Fatal(err)
					}
				}
				what := fmt.Sprintf("%v, %d waiting: ", policy, fill)
				wantText(t, what+"TryPut", b.TryPut(tt.answer), mailbox.ErrConfig, text)
				wantText(t, what+"Put", b.Put(t.Context(), tt.answer), mailbox.ErrConfig, text)
				_, err := o.TryPut(tt.answer)
				wantText(t, what+"Owned.TryPut", err, mailbox.ErrConfig, text)
				_, err = o.Put(t.Context(), tt.answer)
				wantText(t, what+"Owned.Put", err, mailbox.ErrConfig, text)
				h, wake, err := o.Hold(tt.answer)
				wantText(t, what+"Hold", err, mailbox.ErrConfig, text)
				if wake || o.Waits(h) {
					t.Errorf("%sHold says wake %v, and that it waits: %v", what, wake, o.Waits(h))
				}
				in := mailbox.Stats{Put: uint64(fill), Len: fill, HighWater: fill}
				in.Rejected = 2
				if b.Stats() != in {
					t.Errorf("%s%+v, want %+v", what, b.Stats(), in)
				}
				in.Rejected = 3
				if o.Stats() != in {
					t.Errorf("%s%+v, want %+v", what, o.Stats(), in)
				}
			}
		}
	}
}

// A put that is refused for its context does not trouble Level.
func TestLevelIsNotAskedForNothing(t *testing.T) {
	c := mailbox.Config[int]{Order: mailbox.Priority, Levels: 1, Level: func(int) int { panic("Level was asked") }}
	b, o := newMailbox(t, c), newOwned(t, c)
	for _, bad := range badContexts(t) {
		_, err := o.Put(bad.ctx, 1)
		wantText(t, "Owned.Put", err, bad.is, bad.text)
		wantText(t, "Put", b.Put(bad.ctx, 1), bad.is, bad.text)
	}
}

// Every call that needs room, of a full mailbox, under each policy.
func TestFullIsSaidUnderEachPolicy(t *testing.T) {
	for _, tt := range []struct {
		policy   mailbox.Overflow
		try, put string // "": none; a Put that waits is told of Close
	}{
		{mailbox.Block, "mailbox: full", "mailbox: closed"},
		{mailbox.Reject, "mailbox: full", "mailbox: full"},
		{mailbox.DropNewest, "", ""},
		{mailbox.DropOldest, "", ""},
		{mailbox.DropLast, "", ""},
	} {
		for _, k := range kinds {
			t.Run(fmt.Sprint(k.name, "/", tt.policy), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := k.config(tt.policy, 1)
					c.OnDrop = func(_ letter, err error) { wantText(t, "OnDrop", err, mailbox.ErrFull, "mailbox: full") }
					b, o := newMailbox(t, c), newOwned(t, c)
					put(t, b, letter{})
					if _, err := o.TryPut(letter{}); err != nil {
						t.Fatal(err)
					}
					is := map[string]error{"mailbox: full": mailbox.ErrFull, "mailbox: closed": mailbox.ErrClosed}
					wantText(t, "TryPut", b.TryPut(letter{}), is[tt.try], tt.try)
					_, err := o.TryPut(letter{})
					wantText(t, "Owned.TryPut", err, is[tt.try], tt.try)
					_, _, err = o.Hold(letter{})
					wantText(t, "Hold", err, nil, "")
					waiting := waitToPut(t.Context(), b, letter{})
					b.Close()
					wantText(t, "Put", over(t, "it", waiting), is[tt.put], tt.put)
				})
			})
		}
	}
}
