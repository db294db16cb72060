package event_test

import (
	"context"
	"testing"

	"github.com/troupe-go/troupe/patterns/event"
)

// A gate is an event as one writes it with a lock and a channel: closed while set.
type gate struct {
	mu  chan struct{} // a lock, of capacity 1
	c   chan struct{}
	set bool
}

func newGate() *gate { return &gate{mu: make(chan struct{}, 1), c: make(chan struct{})} }

func (g *gate) change(set bool) {
	g.mu <- struct{}{}
	switch {
	case set && !g.set:
		close(g.c)
	case !set && g.set:
		g.c = make(chan struct{})
	}
	g.set = set
	<-g.mu
}

func (g *gate) wait(ctx context.Context) error {
	g.mu <- struct{}{}
	c := g.c
	<-g.mu
	select {
	case <-c:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// BenchmarkWaitSet is a wait for what is set already.
func BenchmarkWaitSet(b *testing.B) {
	b.Run("event", func(b *testing.B) {
		e := newEvent(b, newSystem(b))
		if err := e.Set(); err != nil {
			b.Fatal(err)
		}
		ctx := b.Context()
		b.ReportAllocs()
		for b.Loop() {
			if err := e.Wait(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("channel", func(b *testing.B) {
		g := newGate()
		g.change(true)
		ctx := b.Context()
		b.ReportAllocs()
		for b.Loop() {
			if err := g.wait(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkSetClear is a Set and a Clear that nobody waits for.
func BenchmarkSetClear(b *testing.B) {
	b.Run("event", func(b *testing.B) {
		e := newEvent(b, newSystem(b))
		b.ReportAllocs()
		for b.Loop() {
			_ = e.Set()
			_ = e.Clear()
		}
	})
	b.Run("channel", func(b *testing.B) {
		g := newGate()
		b.ReportAllocs()
		for b.Loop() {
			g.change(true)
			g.change(false)
		}
	})
}

// BenchmarkHandOver is two goroutines that wait for each other in turns; an operation is a Clear, a Set and a Wait.
func BenchmarkHandOver(b *testing.B) {
	type side struct {
		set, clear func()
		wait       func() error
	}
	pingPong := func(b *testing.B, a, z side) {
		b.ReportAllocs()
		b.ResetTimer()
		done := make(chan error, 1)
		go func() {
			for i := 1; i < b.N; i += 2 {
				if err := z.wait(); err != nil {
					done <- err
					return
				}
				z.clear()
				a.set()
			}
			done <- nil
		}()
		for i := 1; i < b.N; i += 2 {
			z.set()
			if err := a.wait(); err != nil {
				b.Fatal(err)
			}
			a.clear()
		}
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
	b.Run("event", func(b *testing.B) {
		system := newSystem(b)
		of := func(e *event.Event) side {
			return side{
				set: func() { _ = e.Set() }, clear: func() { _ = e.Clear() },
				wait: func() error { return e.Wait(b.Context()) },
			}
		}
		pingPong(b, of(newEvent(b, system)), of(newEvent(b, system)))
	})
	b.Run("channel", func(b *testing.B) {
		of := func(g *gate) side {
			return side{
				set: func() { g.change(true) }, clear: func() { g.change(false) },
				wait: func() error { return g.wait(b.Context()) },
			}
		}
		pingPong(b, of(newGate()), of(newGate()))
	})
}
