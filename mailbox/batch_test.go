package mailbox_test

import (
	"context"
	goruntime "runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
)

func TestGetBatchTakesWhatTryGetWouldTake(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		one, many := newMailbox(t, k.config(mailbox.Block, 0)), newMailbox(t, k.config(mailbox.Block, 0))
		sent := 0
		for size := 1; size < 40; size++ {
			for range size { // so that the ring wraps around at different places
				sent++
				l := letter{n: sent, level: sent % levels}
				put(t, one, l)
				put(t, many, l)
			}
			into := make([]letter, size*2/3+1)
			n, err := many.GetBatch(t.Context(), into)
			if n != len(into) || err != nil {
				t.Fatalf("GetBatch took %d of %d, %v", n, len(into), err)
			}
			for _, l := range into[:n] {
				if want, err := one.TryGet(); err != nil || l != want {
					t.Fatalf("GetBatch took %v, TryGet %v, %v", l, want, err)
				}
			}
			if one.Stats() != many.Stats() {
				t.Fatalf("%+v, want %+v", many.Stats(), one.Stats())
			}
		}
	})
}

func TestGetBatchWaitsForTheFirstMessageOnly(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		synctest.Test(t, func(t *testing.T) {
			b := newMailbox(t, k.config(mailbox.Block, 0))
			took := make(chan int, 1)
			into := make([]letter, 8)
			go func() {
				n, err := b.GetBatch(t.Context(), into)
				if err != nil {
					t.Error(err)
				}
				took <- n
			}()
			waits(t, "GetBatch of an empty mailbox", took)
			put(t, b, letter{n: 1})
			if n := over(t, "GetBatch", took); n != 1 || into[0].n != 1 {
				t.Fatalf("it took %d: %v", n, into[:n])
			}
		})
	})
}

func TestGetBatchLetsWaitingPutsIn(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		synctest.Test(t, func(t *testing.T) {
			b := newMailbox(t, k.config(mailbox.Block, 4))
			put(t, b, letter{n: 0}, letter{n: 1}, letter{n: 2}, letter{n: 3})
			first, second := waitToPut(t.Context(), b, letter{n: 4}), waitToPut(t.Context(), b, letter{n: 5})
			n, err := b.GetBatch(t.Context(), make([]letter, 2))
			if n != 2 || err != nil {
				t.Fatalf("GetBatch took %d, %v", n, err)
			}
			wantErr(t, "the first put", over(t, "it", first), nil)
			wantErr(t, "the second put", over(t, "it", second), nil)
			if s := b.Stats(); s.Len != 4 || s.Taken != 2 || s.Put != 6 {
				t.Fatalf("%+v, want 4 waiting of 6", s)
			}
		})
	})
}

func TestGetBatchRefusesWhatItCannotFill(t *testing.T) {
	b := newMailbox(t, mailbox.Config[letter]{})
	put(t, b, letter{})
	for _, c := range []struct {
		name string
		ctx  context.Context
		into []letter
		want string
	}{
		{"no slice", t.Context(), nil, "mailbox: the slice to fill is empty: want room for one message or more"},
		{"an empty slice", t.Context(), make([]letter, 0, 8), "mailbox: the slice to fill is empty: want room for one message or more"},
		{"no context", nil, make([]letter, 1), "mailbox: the context is nil: want context.Background() or another"},
		{"an ended context", ended(), make([]letter, 1), "context canceled"},
	} {
		if n, err := b.GetBatch(c.ctx, c.into); n != 0 || err == nil || err.Error() != c.want {
			t.Errorf("%s: %d, error %v, want %s", c.name, n, err, c.want)
		}
	}
	b.Close()
	if n, err := b.GetBatch(t.Context(), make([]letter, 8)); n != 1 || err != nil {
		t.Errorf("what a closed mailbox holds: %d, %v", n, err)
	}
	_, err := b.GetBatch(t.Context(), make([]letter, 8))
	wantErr(t, "GetBatch of a mailbox that is closed and empty", err, mailbox.ErrClosed)
}

// What was taken before Less panicked is the caller's; the next get meets the panic.
func TestGetBatchEndsBeforeALessThatPanics(t *testing.T) {
	f := &fuse{}
	b := newMailbox(t, mailbox.Config[letter]{Order: mailbox.Priority, Less: f.less})
	for n := range 40 {
		put(t, b, letter{n: n, level: n % levels})
	}
	var got []letter
	f.armed = true
	for calls := 0; len(got) < 40; calls++ {
		f.left = calls
		into, n := make([]letter, 40), 0
		v := recovered(func() { n, _ = b.GetBatch(t.Context(), into) })
		if (v == nil) != (n > 0) {
			t.Fatalf("GetBatch took %d and panicked with %v", n, v)
		}
		got = append(got, into[:n]...)
		if s := b.Stats(); int(s.Taken) != len(got) || s.Len != 40-len(got) {
			t.Fatalf("%+v, and %d were taken", s, len(got))
		}
	}
	if !slices.IsSortedFunc(got, func(a, b letter) int {
		if a.level != b.level {
			return a.level - b.level
		}
		return a.n - b.n
	}) {
		t.Fatalf("out of order: %v", got)
	}
}

func TestMessageTakenByGetBatchIsNotKeptAlive(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		var alive tracker
		b := newMailbox(t, k.parcels(mailbox.Block, 0))
		for i := range 20 {
			put(t, b, alive.parcel(i%levels))
		}
		into := make([]*parcel, 15)
		if n, err := b.GetBatch(t.Context(), into); n != 15 || err != nil {
			t.Fatalf("GetBatch took %d, %v", n, err)
		}
		clear(into)
		alive.wait(5)
		b.Drain()
	})
}

// What it was served while it waited is taken: a Less that panics as it looks for more must not cost that.
func TestGetBatchThatWaitedKeepsItsMessageWhenLessPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var armed atomic.Bool
		b := newMailbox(t, mailbox.Config[letter]{Order: mailbox.Priority, Less: func(x, y letter) bool {
			if armed.Load() {
				panic("less")
			}
			return x.level < y.level
		}})
		into, n := make([]letter, 8), 0
		var v any
		done := make(chan bool, 1)
		go func() {
			v = recovered(func() { n, _ = b.GetBatch(t.Context(), into) })
			done <- true
		}()
		waits(t, "GetBatch", done)
		for i := range 4 { // all in before the get that was served looks for more
			put(t, b, letter{n: i + 1})
		}
		armed.Store(true)
		over(t, "GetBatch", done)
		if v != nil || n == 0 {
			t.Errorf("GetBatch returned %d and panicked with %v; %d was taken", n, v, b.Stats().Taken)
		}
	})
}

func TestGetBatchThatLessEndsLetsWaitingPutsIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls, armed := 0, false
		b := newMailbox(t, mailbox.Config[letter]{Capacity: 8, Order: mailbox.Priority, Less: func(x, y letter) bool {
			if armed {
				if calls++; calls == 7 {
					goruntime.Goexit()
				}
			}
			return x.level < y.level
		}})
		for i := range 8 {
			put(t, b, letter{n: i})
		}
		done := make(chan error, 1)
		go func() { done <- b.Put(t.Context(), letter{n: 9}) }()
		waits(t, "put", done)
		armed = true
		returned(func() { _, _ = b.GetBatch(t.Context(), make([]letter, 8)) })
		wantErr(t, "the put", over(t, "it", done), nil)
	})
}
