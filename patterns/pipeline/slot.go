package pipeline

// A slot holds the latest value of something that one writes and many read. Whoever has taken it puts one back at once.
type slot[T any] chan T

func newSlot[T any](v T) slot[T] {
	s := make(slot[T], 1)
	s <- v
	return s
}

// set replaces the value.
func (s slot[T]) set(v T) {
	<-s
	s <- v
}

// get returns the value.
func (s slot[T]) get() T {
	v := <-s
	s <- v
	return v
}
