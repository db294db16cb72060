package mailbox

import "context"

// A Waiting is a put that found no room and is in line, as the error that [Owned.Offer] returns. Whoever made the offer waits
// with it: Await as often as it takes, or Leave, and Release at last. All methods but Poke and Waits are for that goroutine
// alone.
type Waiting[M any] waiter[M]

// Offer is Put that does not wait by itself: where Put would, it returns an error of type *Waiting[M], for a runtime that
// wants to know what its senders wait for.
func (o *Owned[M]) Offer(ctx context.Context, m M) (wake bool, err error) {
	return o.putOwned(ctx, &m, later, o)
}

func (w *Waiting[M]) Error() string { return "mailbox: the put must wait for room" }

// Await waits until the message is in, or ctx ends, or somebody pokes. It reports whether the wait is over: with nil, the
// message is in; with ErrClosed or ctx.Err(), it was not taken. It panics where Less did on the message.
func (w *Waiting[M]) Await(ctx context.Context) (over bool, err error) {
	select {
	case why := <-w.wake:
		if why == poked {
			w.pokes++
			return false, nil
		}
	case <-ctx.Done():
		if w.Leave() {
			return true, ctx.Err()
		}
		<-w.wake
	}
	if w.panicked != nil {
		panic(w.panicked)
	}
	return true, w.err
}

// Leave ends the wait without the message. It reports false when the message got in, or failed to, in the same instant:
// Await says which, and does not wait.
func (w *Waiting[M]) Leave() bool {
	off, _ := w.box.takeOff((*waiter[M])(w), &w.box.puts)
	if off {
		return true
	}
	for <-w.wake == poked {
		w.pokes++
	}
	w.wake <- served // for Await
	return false
}

// Poke makes Await return. The caller sees to it that there is one poke at most which Await has not returned for, and none
// after Release.
func (w *Waiting[M]) Poke() { w.wake <- poked }

// Waits reports whether the message still is in line. It takes no lock. Like Poke, it must not be called after Release.
func (w *Waiting[M]) Waits() bool { return !w.over.Load() }

// Release gives w back, which was poked so many times in all. It must not be used any more.
func (w *Waiting[M]) Release(pokes int) {
	for ; w.pokes < pokes; w.pokes++ {
		<-w.wake
	}
	w.box.rare.spares.give((*waiter[M])(w))
}
