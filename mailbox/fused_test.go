package mailbox_test

import (
	"context"
	"slices"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

// runFused makes each call with a fuse of this length, on a mailbox whose callbacks burn it. A call happens whole or,
// when Less or Level panics, not at all; by the time of OnDrop it has happened.
func runFused(t failer, f *fuse, c mailbox.Config[letter], ops []op, fuses []int) {
	n := newNaive(c)
	var told []letter
	c.OnDrop = func(l letter, _ error) {
		told = append(told, l)
		f.burn()
	}
	b := newMailbox(t, c)
	sent := 0
	for i, o := range ops {
		for range min(o.times, 8) {
			sent++
			l := o.letterOf(sent)
			f.left, f.armed = fuses[i], true
			got, panicked := fusedCall(b, n, o.name, l)
			f.armed = false
			var want outcome
			if whole := panicked == nil || len(told) > 0; whole {
				want = naiveCall(n, o.name, l)
			}
			if panicked != nil {
				want = outcome{}
			}
			if got != want || b.Stats() != n.snapshot() || !slices.Equal(told, n.dropped) {
				t.Fatalf("step %d, %s, panic %v: %+v, want %+v; told %v, want %v; %+v, want %+v",
					i, o.name, panicked, got, want, told, n.dropped, b.Stats(), n.snapshot())
			}
			told, n.dropped = told[:0], n.dropped[:0]
		}
	}
	if left, want := b.Drain(), n.drain(); !slices.Equal(left, want) {
		t.Fatalf("left %v, want %v", left, want)
	}
}

// fusedCall makes one call that does not have to wait, as far as n knows.
func fusedCall(b *mailbox.Mailbox[letter], n *naive, name string, l letter) (got outcome, panicked any) {
	live := context.Background()
	panicked = recovered(func() {
		switch {
		case name == "Put" && (n.closed || !n.full() || n.policy != mailbox.Block):
			got.err = b.Put(live, l)
		case name == "TryPut" || name == "Put":
			got.err = b.TryPut(l)
		case name == "Get" && (n.closed || len(n.waiting) > 0):
			got.letter, got.err = b.Get(live)
		case name == "TryGet" || name == "Get":
			got.letter, got.err = b.TryGet()
		case name == "Close":
			b.Close()
		}
	})
	_, got.err = configErr(false, got.err)
	return got, panicked
}

func naiveCall(n *naive, name string, l letter) (want outcome) {
	switch name {
	case "TryPut", "Put":
		want.err = n.put(l)
	case "TryGet", "Get":
		want.letter, want.err = n.take()
	case "Close":
		n.closed = true
	}
	return want
}

// runFusedOwned is runFused for an owned mailbox. What becomes of a message held aside depends on when Less panics, so
// the letters are counted: each comes to one end.
func runFusedOwned(t failer, f *fuse, c mailbox.Config[letter], ops []op, fuses []int) {
	ends := map[int]string{} // "", while it is in
	end := func(l letter, how string) {
		if was, in := ends[l.n]; !in || was != "" {
			t.Fatalf("letter %d is %s, and it was %q, in: %v", l.n, how, was, in)
		}
		ends[l.n] = how
	}
	sending, putting := 0, false
	c.OnDrop = func(l letter, _ error) {
		if putting {
			ends[sending] = "" // the put that evicts has happened, whatever becomes of this call
		}
		end(l, "dropped")
		f.burn()
	}
	o := newOwned(t, c)
	o.Stay()
	interrupts := 0
	for i, op := range ops {
		for range min(op.times, 8) {
			sending++
			l := op.letterOf(sending)
			putting = op.name == "Put" || op.name == "TryPut"
			var err error
			f.left, f.armed = fuses[i], true
			panicked := recovered(func() {
				switch op.name {
				case "Put", "TryPut":
					_, err = o.TryPut(l)
				case "Hold":
					_, _, err = o.Hold(l)
				case "Next":
					if m, s := o.Next(); s == mailbox.Ready {
						end(m, "taken")
					}
				case "Interrupt":
					o.Interrupt()
					interrupts++
				case "Close":
					o.Close()
				}
			})
			f.armed = false
			if _, told := ends[l.n]; !told && err == nil && panicked == nil && (putting || op.name == "Hold") {
				ends[l.n] = ""
			}
			checkFused(t, o.Stats(), o.Cap(), ends)
		}
	}
	sending++
	left := o.Drain
	if interrupts%2 == 1 {
		o.Interrupt()
		left = func() []letter { left, _ := o.Abandon(); return left }
	}
	held, inHand := o.Stats().Held, interrupts%2 == 1 && o.Stats().InHand == 1
	all := left()
	if inHand {
		ends[all[0].n] = "" // Abandon returns what was in hand, which counted as taken
	}
	for i, l := range all {
		end(l, "left")
		if held == 0 && i > 1 && all[i-1].level > l.level {
			t.Fatalf("left is %v, which is not in delivery order", all)
		}
	}
	for n, how := range ends {
		if how == "" {
			t.Fatalf("letter %d was lost", n)
		}
	}
	if s := o.Stats(); s.Put != s.Taken+s.Dropped+uint64(len(all)) || s.Len != 0 || s.Held != 0 || s.InHand != 0 {
		t.Fatalf("%+v, want nothing left but the %d that were returned", s, len(all))
	}
}

// checkFused proves that the counts are those of the letters.
func checkFused(t failer, s mailbox.Stats, capacity int, ends map[int]string) {
	in, taken, dropped := 0, uint64(0), uint64(0)
	for _, how := range ends {
		switch how {
		case "":
			in++
		case "taken":
			taken++
		case "dropped":
			dropped++
		}
	}
	if s.Put != uint64(len(ends)) || s.Taken != taken || s.Dropped != dropped || s.Len+s.Held != in ||
		capacity != mailbox.Unbounded && s.Len > capacity {
		t.Fatalf("%+v, want %d put, %d taken, %d dropped, and %d in, at most %d of them not aside",
			s, len(ends), taken, dropped, in, capacity)
	}
}

var fusedCalls = []string{"TryPut", "Put", "TryGet", "Get", "Hold", "Next", "Interrupt", "Close"}

// FuzzLessThatPanics has callbacks that panic at calls of the fuzzer's choice, in a mailbox and in an owned one.
func FuzzLessThatPanics(f *testing.F) {
	seed := script(fusedCalls,
		"TryPut", "Put", "TryPut", "TryPut", "Get", "TryPut", "Hold", "TryPut", "Next", "Hold", "TryGet", "Next", "Put",
		"Hold", "Interrupt", "TryPut", "Next", "Next", "Put", "TryGet", "Close", "TryPut", "Hold", "Next", "Get", "Next")
	for policy := range policies {
		for capacity := range byte(4) {
			for fuses := range byte(3) {
				f.Add(append([]byte{byte(policy), capacity, fuses, fuses * 5, 0, fuses * 11}, seed...))
			}
		}
	}
	f.Fuzz(func(t *testing.T, bytes []byte) {
		p := &tape{bytes}
		fuse := &fuse{}
		c := fuse.config(pick(p, policies), pick(p, []int{1, 3, 8, 20}))
		if p.next()%3 == 2 {
			c.Less, c.Levels = nil, levels
			c.Level = func(l letter) int {
				fuse.burn()
				return l.level
			}
		}
		lengths := []int{p.next(), p.next(), p.next()}
		ops := p.ops(fusedCalls)
		fuses := make([]int, len(ops))
		for i := range fuses {
			fuses[i] = (lengths[i%3] + i) % 17
		}
		runFused(t, fuse, c, slices.DeleteFunc(slices.Clone(ops), func(o op) bool {
			return o.name == "Hold" || o.name == "Next" || o.name == "Interrupt"
		}), fuses)
		runFusedOwned(t, fuse, c, ops, fuses)
	})
}
