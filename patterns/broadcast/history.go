package broadcast

// A history keeps the last events of a topic, in a ring that grows as it fills.
type history[T any] struct {
	limit int
	ring  []T
	next  int // the place of the oldest, once the ring is full
}

func (h *history[T]) add(events []T) {
	if len(events) > h.limit {
		events = events[len(events)-h.limit:]
	}
	for _, v := range events {
		if len(h.ring) < h.limit {
			h.ring = append(h.ring, v)
			continue
		}
		h.ring[h.next] = v
		h.next = (h.next + 1) % h.limit
	}
}

// last returns a copy of the last n events, or of as many as there are, the oldest first.
func (h *history[T]) last(n int) []T {
	n = min(n, len(h.ring))
	events := make([]T, 0, n)
	for i := len(h.ring) - n; i < len(h.ring); i++ {
		events = append(events, h.ring[(h.next+i)%len(h.ring)])
	}
	return events
}
