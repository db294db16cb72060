package pipeline

import (
	"context"
	"testing"

	"pgregory.net/rapid"
)

// A box is a port that keeps what it gets.
type box struct {
	bounds int
	chunks []*chunk[int]
	ended  int
}

func (b *box) buffer() int                              { return b.bounds }
func (b *box) deliver(_ context.Context, c *chunk[int]) { b.chunks = append(b.chunks, c) }
func (b *box) end(context.Context)                      { b.ended++ }

// Rule 1.01, at the boundary alone: whatever the two sides do, in whatever order, no more than Buffer items are in it;
// each leaves once, in order; and what the sender has credit for and what is under way make up Buffer again.
func TestBoundaryNeverHoldsMoreThanBuffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		to := &box{bounds: rapid.IntRange(1, 40).Draw(t, "buffer")}
		var back []*chunk[int]
		out := newOutlet[int](to, func(_ context.Context, list *chunk[int]) { back = append(back, list) })
		in := inlet[int]{enough: max(1, to.bounds/4), open: 1}
		sent, taken := 0, 0
		take := func(n int) {
			for ; n > 0 && !in.empty(); n-- {
				items := in.front(ctx)
				k := rapid.IntRange(1, len(items)).Draw(t, "taken")
				for _, v := range items[:k] {
					if v != taken {
						t.Fatalf("took %d, want %d", v, taken)
					}
					taken++
				}
				in.begin(items, k)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				if !out.room() {
					t.Skip("no credit")
				}
				space := out.grab()
				if len(space) != 0 || cap(space) == 0 || cap(space) > out.credit {
					t.Fatalf("with a credit of %d, grab returns room for %d", out.credit, cap(space))
				}
				n := rapid.IntRange(0, cap(space)).Draw(t, "n")
				for i := range n {
					space = append(space, sent+i)
				}
				sent += n
				out.put(ctx, n)
			},
			"give": func(t *rapid.T) {
				many := make([]int, rapid.IntRange(0, 50).Draw(t, "n"))
				for i := range many {
					many[i] = sent + i
				}
				n := out.give(ctx, many)
				if n < len(many) && out.credit > 0 {
					t.Fatalf("give took %d of %d, with a credit of %d left", n, len(many), out.credit)
				}
				sent += n
			},
			"limit": func(t *rapid.T) { out.setLimit(rapid.IntRange(1, 64).Draw(t, "limit")) },
			"flush": func(*rapid.T) { out.flush(ctx) },
			"deliver": func(t *rapid.T) {
				for _, c := range to.chunks {
					if len(c.items) == 0 {
						t.Fatal("an empty chunk was sent")
					}
					in.add(c)
				}
				to.chunks = nil
			},
			"take":    func(t *rapid.T) { take(rapid.IntRange(1, 5).Draw(t, "times")) },
			"release": func(*rapid.T) { in.release(ctx) },
			"return": func(*rapid.T) {
				for _, list := range back {
					list.from.takeBack(list)
				}
				back = nil
			},
			"": func(t *rapid.T) {
				if under := sent - taken; under > to.bounds || out.credit < 0 || out.credit+under > to.bounds {
					t.Fatalf("%d items are under way, with a credit of %d, and Buffer %d", under, out.credit, to.bounds)
				}
			},
		})
		// Everything arrives, and the whole credit comes back.
		out.flush(ctx)
		for _, c := range to.chunks {
			in.add(c)
		}
		take(1 << 30)
		in.release(ctx)
		for _, list := range back {
			list.from.takeBack(list)
		}
		if taken != sent || out.credit != to.bounds {
			t.Fatalf("%d of %d items arrived, and %d of %d credit came back", taken, sent, out.credit, to.bounds)
		}
	})
}

// Rule 3.13: a boundary keeps no reference to an item that was taken.
func TestTakenItemsAreNotKept(t *testing.T) {
	ctx := context.Background()
	var list *chunk[*int]
	out := newOutlet[*int](keep[*int]{to: &list}, func(context.Context, *chunk[*int]) {})
	out.setLimit(4)
	items := []*int{new(int), new(int), new(int), new(int)}
	out.give(ctx, items)
	in := inlet[*int]{enough: 100, open: 1}
	sent := list
	for in.add(list); !in.empty(); {
		front := in.front(ctx)
		in.begin(front, 1)
	}
	for i, v := range sent.items {
		if v != nil {
			t.Errorf("item %d is kept", i)
		}
	}
	if in.last[0] != nil {
		t.Error("the last item is kept")
	}
}

type keep[T any] struct{ to **chunk[T] }

func (keep[T]) buffer() int                              { return 64 }
func (k keep[T]) deliver(_ context.Context, c *chunk[T]) { *k.to = c }
func (keep[T]) end(context.Context)                      {}
