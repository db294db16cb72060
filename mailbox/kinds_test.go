package mailbox_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

// A letter is a message that can be told from every other by who sent it and its number among that sender's.
type letter struct{ from, n, level int }

// levels is how many urgencies letters have. Few, so that many are equal.
const levels = 4

// A kind is one way to order a mailbox of letters.
type kind struct {
	name  string
	order mailbox.Order
	set   func(*mailbox.Config[letter])
}

var kinds = []kind{
	{"FIFO", mailbox.FIFO, func(*mailbox.Config[letter]) {}},
	{"LIFO", mailbox.LIFO, func(*mailbox.Config[letter]) {}},
	{"Less", mailbox.Priority, func(c *mailbox.Config[letter]) {
		c.Less = func(a, b letter) bool { return a.level < b.level }
	}},
	{"Levels", mailbox.Priority, func(c *mailbox.Config[letter]) {
		c.Levels, c.Level = levels, func(l letter) int { return l.level }
	}},
}

var (
	policies = []mailbox.Overflow{
		mailbox.Block, mailbox.Reject, mailbox.DropNewest, mailbox.DropOldest, mailbox.DropLast,
	}
	capacities = []int{1, 2, 7, 64, mailbox.Unbounded}
)

func (k kind) config(policy mailbox.Overflow, capacity int) mailbox.Config[letter] {
	c := mailbox.Config[letter]{Capacity: capacity, Order: k.order, Overflow: policy}
	k.set(&c)
	return c
}

// each runs f for every order, and eachPolicy for every order and policy.
func each(t *testing.T, f func(*testing.T, kind)) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) { f(t, k) })
	}
}

func eachPolicy(t *testing.T, f func(*testing.T, kind, mailbox.Overflow)) {
	for _, k := range kinds {
		for _, policy := range policies {
			t.Run(fmt.Sprintf("%s/%v", k.name, policy), func(t *testing.T) { f(t, k, policy) })
		}
	}
}

// A failer is a test or one check of a rapid test.
type failer interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func newMailbox[M any](t failer, c mailbox.Config[M]) *mailbox.Mailbox[M] {
	t.Helper()
	b, err := mailbox.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func newOwned[M any](t failer, c mailbox.Config[M]) *mailbox.Owned[M] {
	t.Helper()
	o, err := mailbox.NewOwned(c)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// put puts letters that must find room, or evict something, at once.
func put[M any](t failer, b *mailbox.Mailbox[M], ms ...M) {
	t.Helper()
	for _, m := range ms {
		if err := b.TryPut(m); err != nil {
			t.Fatalf("TryPut(%v): %v", m, err)
		}
	}
}

func wantErr(t failer, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) || (want == nil) != (got == nil) {
		t.Fatalf("%s: error %v, want %v", what, got, want)
	}
}

// ended returns a context that has ended already.
func ended() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// recovered returns what f panics with.
func recovered(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}
