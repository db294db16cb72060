package pipeline

import (
	"time"

	"github.com/troupe-go/troupe/runtime"
)

// Throttle lets items pass at a limited rate: in no stretch of time d long do more than n leave it. So the first n pass at
// once, and so may n after a pause. What comes too early waits, and holds up those before it once Buffer is full.
func Throttle[T any](from Flow[T], n int, d time.Duration, stage ...Stage) Flow[T] {
	p := plan("throttle", 1, stage).sequential()
	use(p, from)
	if n < 1 {
		p.refuse(badConfig("the number of items", n, "1 or more"))
	}
	if d <= 0 {
		p.refuse(badConfig("the time for them", d, "more than 0"))
	}
	return Flow[T]{node: p, start: func(b *builder, to port[T]) error {
		t := &throttle[T]{n: n, d: d}
		op := newEach(p, unchanged[T])
		op.gate, op.tick = t.gate, t.tick
		return connect(b, p, from, op, single[T](to))
	}}
}

type throttle[T any] struct {
	n     int
	d     time.Duration
	left  []time.Time // when the last n items left, as a ring once there are n
	next  int         // the oldest
	waits bool        // for a timer
}

// gate reports whether an item may leave now. Then it does.
func (t *throttle[T]) gate(ctx *runtime.Context[message[T, T]], _ *stage[T, T]) bool {
	if t.waits {
		return false
	}
	now := time.Now()
	if len(t.left) < t.n {
		t.left = append(t.left, now)
		return true
	}
	if early := t.d - now.Sub(t.left[t.next]); early > 0 {
		t.waits = true
		ctx.After(early, message[T, T]{note: timeIsUp})
		return false
	}
	t.left[t.next] = now
	t.next = (t.next + 1) % t.n
	return true
}

func (t *throttle[T]) tick(*runtime.Context[message[T, T]], *stage[T, T]) { t.waits = false }
