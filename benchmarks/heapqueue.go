package main

import (
	"container/heap"
	"sync"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
)

// heapQueue is the bounded priority queue that a Go program would write for itself today: container/heap under a mutex,
// with a condition for each side. Unlike a mailbox it promises no order among equals, and no wait of it can be ended.
type heapQueue[M any] struct {
	capacity int

	mu       sync.Mutex
	notEmpty sync.Cond
	notFull  sync.Cond
	items    items[M]
}

func newHeapQueue[M any](capacity int, less func(a, b M) bool) *heapQueue[M] {
	q := &heapQueue[M]{capacity: capacity, items: items[M]{less: less}}
	q.notEmpty.L, q.notFull.L = &q.mu, &q.mu
	return q
}

func (q *heapQueue[M]) put(m M) {
	q.mu.Lock()
	for len(q.items.list) == q.capacity {
		q.notFull.Wait()
	}
	heap.Push(&q.items, m)
	q.mu.Unlock()
	q.notEmpty.Signal()
}

func (q *heapQueue[M]) take() M {
	q.mu.Lock()
	for len(q.items.list) == 0 {
		q.notEmpty.Wait()
	}
	m := heap.Pop(&q.items).(M)
	q.mu.Unlock()
	q.notFull.Signal()
	return m
}

// items is a heap.Interface. That it takes and gives an any costs an allocation for most types of message.
type items[M any] struct {
	list []M
	less func(a, b M) bool
}

func (h *items[M]) Len() int           { return len(h.list) }
func (h *items[M]) Less(i, j int) bool { return h.less(h.list[i], h.list[j]) }
func (h *items[M]) Swap(i, j int)      { h.list[i], h.list[j] = h.list[j], h.list[i] }
func (h *items[M]) Push(x any)         { h.list = append(h.list, x.(M)) }

func (h *items[M]) Pop() any {
	last := len(h.list) - 1
	m := h.list[last]
	var zero M
	h.list[last] = zero // or the slot would keep it alive
	h.list = h.list[:last]
	return m
}

func heapContender[M any](l load[M], less func(a, b M) bool) bench.Contender {
	return l.contender("heap", func(l *load[M]) (func(from, to int), func(n int)) {
		queue := newHeapQueue(l.capacity, less)
		put := func(from, to int) {
			for i := from; i < to; i++ {
				queue.put(l.at(i))
			}
		}
		take := func(n int) {
			for range n {
				l.see(queue.take())
			}
		}
		return put, take
	})
}
