package mailbox

import (
	"reflect"
	"sync"
)

// Large buffers are kept between uses in pools that all mailboxes of one message type share, so that a mailbox
// can give back what it does not need at the moment it does not need it, and a busy one still allocates nothing. The
// garbage collector empties the pools.
//
// A package cannot have generic variables, so the pools are found by type: a few tens of nanoseconds, once for many
// messages.
var pools sync.Map // reflect.Type of T -> *sync.Pool of *T

func poolOf[T any]() *sync.Pool {
	t := reflect.TypeFor[T]()
	if p, ok := pools.Load(t); ok {
		return p.(*sync.Pool)
	}
	p, _ := pools.LoadOrStore(t, &sync.Pool{New: func() any { return new(T) }})
	return p.(*sync.Pool)
}

const (
	firstSlots = 4    // what is allocated on first use; each size is four times the one before,
	lastPooled = 4096 // up to this one, and twice from there on
	keepSlots  = 16   // the largest buffer that something empty keeps
)

// moreSlots is the size that follows a buffer of n slots.
func moreSlots(n int) int {
	switch {
	case n == 0:
		return firstSlots
	case n < lastPooled:
		return 4 * n
	default:
		return 2 * n
	}
}

// takeSlots returns a buffer of n zero slots, where n is one of the sizes of moreSlots.
func takeSlots[T any](n int) []T {
	switch n {
	case firstSlots:
		return poolOf[[firstSlots]T]().Get().(*[firstSlots]T)[:]
	case 16:
		return poolOf[[16]T]().Get().(*[16]T)[:]
	case 64:
		return poolOf[[64]T]().Get().(*[64]T)[:]
	case 256:
		return poolOf[[256]T]().Get().(*[256]T)[:]
	case 1024:
		return poolOf[[1024]T]().Get().(*[1024]T)[:]
	case lastPooled:
		return poolOf[[lastPooled]T]().Get().(*[lastPooled]T)[:]
	default:
		return make([]T, n)
	}
}

// giveSlots takes back a buffer whose slots are all zero again. Nobody else may have it. What is no pooled size is left
// to the garbage collector.
func giveSlots[T any](buf []T) {
	switch len(buf) {
	case firstSlots:
		poolOf[[firstSlots]T]().Put((*[firstSlots]T)(buf))
	case 16:
		poolOf[[16]T]().Put((*[16]T)(buf))
	case 64:
		poolOf[[64]T]().Put((*[64]T)(buf))
	case 256:
		poolOf[[256]T]().Put((*[256]T)(buf))
	case 1024:
		poolOf[[1024]T]().Put((*[1024]T)(buf))
	case lastPooled:
		poolOf[[lastPooled]T]().Put((*[lastPooled]T)(buf))
	}
}

// growSlots returns a larger buffer with the contents of old from index from on, and then those before it, and gives
// old back.
func growSlots[T any](old []T, from int) []T {
	bigger := takeSlots[T](moreSlots(len(old)))
	n := copy(bigger, old[from:])
	copy(bigger[n:], old[:from])
	clear(old)
	giveSlots(old)
	return bigger
}
