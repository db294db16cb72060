package event

import (
	"slices"

	"github.com/troupe-go/troupe/runtime"
)

// A message is what a flag is asked or told. It is a plain value with one reply handle for all that is asked, because an
// interface would have to be allocated each time, and looked through for the handles in it.
type message struct {
	runtime.Reply[bool]
	verb verb
}

type verb uint8

const (
	sets verb = iota
	clears
	looks     // IsSet
	waits     // Wait
	withdraws // a Wait that was given up
)

// A flag is the behaviour of an event's actor. It outlives restarts.
type flag struct {
	set     bool
	waiting []runtime.Reply[bool] // none while it is set

	// gone is how many waits were given up since waiting was looked through for such. Which ones is not said: to find one
	// takes a look at each, so it is done when it pays.
	gone int
}

// spare is for how many waits there stays room when nobody waits. What a crowd took beyond that is given back.
const spare = 1024

// Receive never blocks.
func (f *flag) Receive(_ *runtime.Context[message], m message) error {
	switch m.verb {
	case sets:
		f.set = true
		f.release()
		m.TrySend(true)
	case clears:
		f.set = false
		m.TrySend(true)
	case looks:
		m.Send(f.set)
	case waits:
		if f.set {
			m.TrySend(true)
		} else {
			f.waiting = append(f.waiting, m.Reply)
		}
	case withdraws:
		if f.gone++; 2*f.gone > len(f.waiting) {
			f.keep(slices.DeleteFunc(f.waiting, func(r runtime.Reply[bool]) bool { return !r.Pending() }))
		}
	}
	return nil
}

// release lets all go who wait.
func (f *flag) release() {
	for _, r := range f.waiting {
		r.TrySend(true)
	}
	clear(f.waiting)
	f.keep(f.waiting[:0])
}

// keep makes those who wait the ones in left.
func (f *flag) keep(left []runtime.Reply[bool]) {
	if len(left) == 0 && cap(left) > spare {
		left = nil
	}
	f.waiting, f.gone = left, 0
}
