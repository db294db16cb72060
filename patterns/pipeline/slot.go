package pipeline

// A slot holds the latest value of something that one writes and many read.
type slot[T any] chan T

func newSlot[T any](v T) slot[T] {
	s := make(slot[T], 1)
	s <- v
	return s
}

// set replaces the value. A reader may put back what it has taken in between, which is then replaced too.
func (s slot[T]) set(v T) {
	for {
		select {
		case <-s:
		default:
		}
		select {
		case s <- v:
			return
		default:
		}
	}
}

// get returns the value. It waits for no more than other readers, who hold it for a moment.
func (s slot[T]) get() T {
	v := <-s
	select {
	case s <- v:
	default: // there is something newer
	}
	return v
}
