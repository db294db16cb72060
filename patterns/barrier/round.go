package barrier

import (
	"fmt"
	"slices"

	"github.com/troupe-go/troupe/runtime"
)

// A message is what a round is asked or told. It is a plain value, because an interface would be looked through for reply
// handles each time.
type message struct {
	runtime.Reply[int]
	verb  verb
	party *party
	err   error // of what acted or givesUp
}

type verb uint8

const (
	arrives verb = iota // Wait
	acted               // the Action that a party was to run has ended, with its err
	givesUp             // a party's context has ended
	ended               // a party's holder has
	aborts
	resets
	counts // Waiting
	looks  // Broken
)

// acts is the answer to the party that is to run the Action.
const acts = -1

// A party is one call of Wait. It remembers what became of it, for a caller that learns this otherwise than by the answer.
type party struct {
	holder runtime.Holder
	// settled is made by a caller that asks what became of it, and closed with the answer, which is in index and err.
	settled chan struct{}

	// The round's, until it closes settled.
	fate  fate
	index int
	err   error // nil unless it failed
}

type fate uint8

const (
	open   fate = iota // it waits, or is about to
	passed             // with its index
	failed             // with err
)

// A seat is a party that waits, and the handle to answer it with.
type seat struct {
	runtime.Reply[int]
	*party
}

// A round is the behaviour of a barrier's actor. It outlives restarts, and one round follows the other.
type round struct {
	parties int
	action  bool
	seats   []seat // in the order of arrival; those beyond parties came while the Action ran
	actor   *party // runs the Action; nil: nobody does
	broken  error  // wraps ErrBroken; nil: it is not

	// watched is the holders of whose end the barrier will hear. Each is watched once, and forgotten when it ends: a watch
	// cannot be taken back.
	watched map[runtime.Holder]struct{}
}

func newRound(c Config) *round {
	return &round{parties: c.Parties, action: c.Action != nil, watched: make(map[runtime.Holder]struct{})}
}

// Receive never blocks.
func (r *round) Receive(ctx *runtime.Context[message], m message) error {
	switch m.verb {
	case arrives:
		r.arrive(ctx, m)
	case acted:
		r.acted(m.party, m.err)
	case givesUp:
		r.giveUp(m.party, m.err)
	case ended:
		r.end(m.party.holder)
	case aborts:
		r.fall(0, because("Abort was called"))
	case resets:
		r.fail(0, because("Reset was called"))
		r.broken = nil
	case counts:
		m.Send(len(r.seats))
	case looks:
		if r.broken != nil {
			m.Send(1)
		} else {
			m.Send(0)
		}
	}
	return nil
}

func (r *round) arrive(ctx *runtime.Context[message], m message) {
	if r.broken != nil {
		m.party.fate, m.party.err = failed, r.broken
		m.Fail(r.broken)
		return
	}
	if h := m.party.holder; h != (runtime.Holder{}) {
		if _, known := r.watched[h]; !known {
			r.watched[h] = struct{}{}
			runtime.WatchHolder(ctx, h, func(error) message { return message{verb: ended, party: &party{holder: h}} })
		}
	}
	r.seats = append(r.seats, seat{m.Reply, m.party})
	r.proceed()
}

// proceed does what can be done for a full round: has its last party run the Action, or lets all go.
func (r *round) proceed() {
	for len(r.seats) >= r.parties && r.actor == nil {
		if !r.action {
			r.release()
			continue
		}
		if last := r.seats[r.parties-1]; last.TrySend(acts) {
			r.actor = last.party
		} // else it has given up, and will say so
		return
	}
}

// release lets the first parties go. One that has given up, but has not said so yet, learns that it has passed, as does
// a thread in Python whose time is up when the lock is not free.
func (r *round) release() {
	for i, s := range r.seats[:r.parties] {
		s.fate, s.index = passed, i
		s.TrySend(i)
	}
	r.seats = slices.Delete(r.seats, 0, r.parties)
}

// acted is told by the party that has run the Action.
func (r *round) acted(p *party, failure error) {
	if r.actor == p {
		r.actor = nil
	}
	switch {
	case p.fate == failed: // the round was broken meanwhile
	case failure != nil:
		r.fall(0, fmt.Errorf("%w: the Action failed: %w", ErrBroken, failure))
	default:
		r.release()
	}
	close(p.settled)
	r.proceed()
}

func (r *round) giveUp(p *party, why error) {
	if p.fate == open {
		at := slices.IndexFunc(r.seats, func(s seat) bool { return s.party == p })
		r.fall(r.roundOf(at), because(fmt.Sprintf("a party gave up: %v", why)))
		p.fate, p.err = failed, r.broken // also if it never came
	}
	close(p.settled)
}

// end breaks the barrier if somebody waits whose holder has ended.
func (r *round) end(h runtime.Holder) {
	delete(r.watched, h)
	if at := slices.IndexFunc(r.seats, func(s seat) bool { return s.holder == h }); at >= 0 {
		r.fall(r.roundOf(at), because("a party has crashed or stopped"))
	}
	if r.actor != nil && r.actor.holder == h {
		r.actor = nil // its goroutine may never come back; if it does, its party has failed
	}
}

// roundOf returns where the round begins that the seat belongs to; a party without one, -1, would have come now. Who is not
// of the round whose Action runs takes no part in what becomes of that.
func (r *round) roundOf(at int) int {
	if full := r.actor != nil && r.actor.fate == open; full && (at < 0 || at >= r.parties) {
		return r.parties
	}
	return 0
}

func because(why string) error { return fmt.Errorf("%w: %s", ErrBroken, why) }

// fall breaks the barrier for all who sit at from or behind, and for who comes until Reset.
func (r *round) fall(from int, err error) {
	if r.broken == nil {
		r.broken = err
	}
	r.fail(from, err)
}

// fail fails all who sit at from or behind. The one that runs the Action hears it afterwards.
func (r *round) fail(from int, err error) {
	for _, s := range r.seats[from:] {
		s.fate, s.err = failed, err
		if s.Pending() {
			s.Fail(err)
		}
	}
	r.seats = slices.Delete(r.seats, from, len(r.seats))
}
