package mailbox_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/anishathalye/porcupine"

	"github.com/troupe-go/troupe/mailbox"
)

// A history is what a few clients did to one mailbox at the same time.
type history struct {
	config mailbox.Config[letter]
	do     func(context.Context, *event) // makes the call and notes its outcome
	owned  bool                          // client 0 is the owner, and never waits

	scripts  [][]*event
	clock    atomic.Int64
	cancels  []atomic.Pointer[context.CancelFunc] // of the calls that clients are in
	waiting  []atomic.Bool                        // clients that are in a call that may wait
	finished atomic.Int64

	mu    sync.Mutex
	told  map[letter]int64 // when OnDrop was told of each
	twice []letter         // what it was told of again
}

// newHistory draws the scripts of the clients. The same seed gives the same scripts, though not the same history.
func newHistory(k kind, seed int, owned bool) *history {
	random := rand.New(rand.NewPCG(uint64(seed), uint64(len(k.name))))
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	h := &history{owned: owned, told: map[letter]int64{}}
	h.config = k.config(policies[seed%len(policies)], []int{1, 2, 7}[seed/len(policies)%3])
	h.yieldInCallbacks()

	clients := 3 + random.IntN(2)
	ender, endsWith := random.IntN(clients), pick("Close", "Drain", "")
	if owned && endsWith == "Drain" {
		ender = 0
	}
	for client := range clients {
		calls := 4 + random.IntN(5)
		var script []*event
		for n := range calls {
			e := &event{client: client, letter: letter{client, n, random.IntN(levels)}, ctx: lasting}
			switch {
			case client == ender && n == calls-2 && endsWith != "":
				e.op = endsWith
			case owned && client == 0:
				e.op = pick("Next", "Next", "Next", "Next", "Next", "Next", "Len", "Stats")
			case owned:
				e.op = pick("TryPut", "TryPut", "Put", "Put", "Put", "Hold", "Len", "Stats", "Cancel")
			default:
				e.op = pick("TryPut", "TryPut", "Put", "Put", "Put", "TryGet", "TryGet", "Get", "Get", "Get",
					"Len", "Stats", "Cancel")
			}
			if e.op == "Put" || e.op == "Get" {
				e.ctx = []lifetime{lasting, lasting, ending, ending, hasEnded}[random.IntN(5)]
			}
			script = append(script, e)
		}
		h.scripts = append(h.scripts, script)
	}
	h.cancels = make([]atomic.Pointer[context.CancelFunc], clients+1)
	h.waiting = make([]atomic.Bool, clients+1)
	return h
}

// yieldInCallbacks lets others run at times where the mailbox calls back, so that calls overlap also where they are
// shorter than what a scheduler bothers to interrupt.
func (h *history) yieldInCallbacks() {
	c := &h.config
	if less := c.Less; less != nil {
		c.Less = func(a, b letter) bool { yield(); return less(a, b) }
	}
	if level := c.Level; level != nil {
		c.Level = func(l letter) int { yield(); return level(l) }
	}
	c.OnDrop = func(l letter, _ error) {
		h.mu.Lock()
		if _, again := h.told[l]; again {
			h.twice = append(h.twice, l)
		}
		h.told[l] = h.clock.Add(1)
		h.mu.Unlock()
		yield()
	}
}

func yield() {
	if rand.IntN(3) == 0 {
		goruntime.Gosched()
	}
}

// run lets all clients loose at once, and returns what they did.
func (h *history) run() []porcupine.Operation {
	var ready atomic.Int64
	var running sync.WaitGroup
	for client, script := range h.scripts {
		running.Go(func() {
			for ready.Add(1); ready.Load() < int64(len(h.scripts)); {
				goruntime.Gosched()
			}
			for _, e := range script {
				yield()
				h.make(e)
			}
			h.waiting[client].Store(true) // it will not go on either
			h.finished.Add(1)
		})
	}
	helper := len(h.scripts) // as a client
	h.scripts = append(h.scripts, h.help(helper))
	running.Wait()
	last := []*event{{op: "Stats"}, {op: "Drain"}, {op: "Stats"}, {op: "Len"}}
	for _, e := range last {
		e.client = helper
		h.make(e)
	}
	h.scripts = append(h.scripts, last)
	var ops []porcupine.Operation
	for _, script := range h.scripts {
		for _, e := range script {
			if e.op != "Cancel" {
				ops = append(ops, porcupine.Operation{ClientId: e.client, Input: e, Call: e.call, Return: e.ret})
			}
		}
	}
	return ops
}

// make makes one call.
func (h *history) make(e *event) {
	if e.op == "Cancel" {
		h.cancel(rand.IntN(len(h.cancels)))
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	switch e.ctx {
	case ending:
		h.cancels[e.client].Store(&cancel)
		defer h.cancels[e.client].Store(nil)
	case hasEnded:
		cancel()
	}
	if e.op == "Put" || e.op == "Get" {
		h.waiting[e.client].Store(true)
		defer h.waiting[e.client].Store(false)
	}
	e.call = h.clock.Add(1)
	h.do(ctx, e)
	e.ret = h.clock.Add(1)
}

// cancel ends the context of the call that a client is in, if it is in one that ends.
func (h *history) cancel(client int) {
	if cancel := h.cancels[client].Load(); cancel != nil {
		(*cancel)()
	}
}

// help goes on where no client does: it makes room or messages for those who wait, and at last it closes the mailbox.
// Its own calls are part of the history too. It may well act where somebody would have gone on without it.
func (h *history) help(helper int) (script []*event) {
	take := "TryGet"
	if h.owned {
		take = "Next" // the owner never waits, so where all wait or have finished, it has finished
	}
	for idle := 0; h.finished.Load() < int64(helper); {
		idle++
		for i := range helper {
			if !h.waiting[i].Load() {
				idle = 0
			}
		}
		goruntime.Gosched()
		n := len(script)
		if idle < 30 || n == 10 {
			continue
		}
		idle = 0
		e := &event{client: helper, op: take, letter: letter{from: helper, n: n, level: n % levels}}
		switch {
		case n == 9:
			e.op = "Close"
		case n%3 == 1 && !h.owned:
			e.op = "TryPut"
		case n%3 == 2:
			for i := range helper {
				h.cancel(i)
			}
			e.op = "Len"
		}
		h.make(e)
		script = append(script, e)
	}
	return script
}

// check fails the test unless the history can be explained by its calls happening one after the other, each between its
// call and its return.
func (h *history) check(t *testing.T, seed int) (calls, overlapped int) {
	t.Helper()
	ops := h.run()
	what := fmt.Sprintf("history %d: %v, %v, capacity %d", seed, h.config.Order, h.config.Overflow, h.config.Capacity)
	model := modelOf(h.config, h.told)
	if !porcupine.CheckOperations(model, ops) {
		t.Fatalf("%s: not linearizable.\n%s", what, explain(model, ops))
	}
	// What OnDrop was told, and what was counted without taking place, is compared when all is over.
	var want mailbox.Stats
	for _, o := range ops {
		switch e := o.Input.(*event); {
		case e.err == nil || e.op == "Get" || e.op == "TryGet":
		case e.err == mailbox.ErrClosed:
			want.Refused++
			fallthrough
		default:
			want.Rejected++
		}
	}
	last := ops[len(ops)-2].Input.(*event).stats
	if last.Rejected != want.Rejected || last.Refused != want.Refused || last.HighWater > h.config.Capacity {
		t.Fatalf("%s: %+v, want %d rejected, %d of them refused.\n%s",
			what, last, want.Rejected, want.Refused, explain(model, ops))
	}
	if int(last.Dropped) != len(h.told) || len(h.twice) > 0 {
		t.Fatalf("%s: %+v, but OnDrop was told of %v, and again of %v.\n%s", what, last, h.told, h.twice, explain(model, ops))
	}
	return overlapping(ops)
}

// overlapping counts the calls during which another began.
func overlapping(ops []porcupine.Operation) (calls, overlapped int) {
	for _, a := range ops {
		for _, b := range ops {
			if a.Call < b.Call && b.Call < a.Return {
				overlapped++
				break
			}
		}
	}
	return len(ops), overlapped
}
