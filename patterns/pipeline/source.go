package pipeline

import (
	"iter"
)

// FromSlice is a source of the items of a slice, which it reads while the flow runs.
func FromSlice[T any](items []T, stage ...Stage) Flow[T] {
	return from("slice", stage, func(t *tap[T], _ *node) error {
		t.trust()
		for rest := items; len(rest) > 0 && t.room(); {
			rest = rest[t.give(rest):]
		}
		return nil
	})
}

// FromSeq is a source of what an iterator yields. The iterator runs on a goroutine of its own, may block, and is asked for
// no more than the next stage's Buffer has room for. What it has yielded goes on within 100 µs, whatever it does then. When
// the run ends early, its yield returns false at the next item.
// Its panic is the run's error.
func FromSeq[T any](seq iter.Seq[T], stage ...Stage) Flow[T] {
	return from("seq", stage, func(t *tap[T], n *node) error {
		if seq == nil {
			return badConfig("the iterator", "nil", "an iter.Seq")
		}
		if !t.room() {
			return nil
		}
		for v := range seq {
			if !t.send(v) {
				return nil
			}
		}
		return nil
	})
}

// FromSeq2 is FromSeq for an iterator that yields errors too. Stage.OnError says what becomes of an item with an error:
// Stop ends the run with it; Skip counts it as Skipped and leaves it out.
func FromSeq2[T any](seq iter.Seq2[T, error], stage ...Stage) Flow[T] {
	return from("seq", stage, func(t *tap[T], n *node) error {
		if seq == nil {
			return badConfig("the iterator", "nil", "an iter.Seq2")
		}
		if !t.room() {
			return nil
		}
		for v, err := range seq {
			switch {
			case err == nil:
				if !t.send(v) {
					return nil
				}
			case n.OnError == Stop:
				return err
			case !t.leaveOut():
				return nil
			}
		}
		return nil
	})
}

// leaveOut counts an item that came with an error.
func (t *tap[T]) leaveOut() (more bool) {
	<-t.baton
	t.stats.Failed++
	t.stats.Skipped++
	more = !t.over
	t.baton <- struct{}{}
	return more
}

// FromChan is a source of what is received from a channel, until that is closed. Where a run ends early, what it has
// received and not passed on is dropped, and the rest stays in the channel.
func FromChan[T any](ch <-chan T, stage ...Stage) Flow[T] {
	return from("chan", stage, func(t *tap[T], _ *node) error {
		t.trust()
		for t.room() {
			v, ok := t.receive(ch)
			if !ok {
				break
			}
			t.put(v)
		}
		return nil
	})
}

// receive receives from ch, and flushes before it waits.
func (t *tap[T]) receive(ch <-chan T) (v T, ok bool) {
	select {
	case v, ok = <-ch:
		return v, ok
	default:
	}
	t.flush()
	select {
	case v, ok = <-ch:
		return v, ok
	case <-t.drain:
	case <-t.done:
	}
	return v, false
}

// give puts as many items as there is room for at once, and returns how many.
func (t *tap[T]) give(items []T) int {
	n := min(len(items), cap(t.space)-len(t.space))
	t.space = append(t.space, items[:n]...)
	return n
}
