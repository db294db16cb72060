package runtime_test

// A meeting is an order that reached an actor in some situation.
type meeting struct {
	order     kind
	situation situation
}

type situation string

// situations are those in which each order must have come.
var situations = []situation{
	"idle", "ready: in a slot", "ready: on a list", "ready: shared", "ready: with a new runner", "ready: rescued",
	"running", "held", "waiting", "failed", "beginning anew", "stopping",
}

func (e *explorer) met(w *world, order kind, a uint8) {
	e.covered[meeting{order, w.situation(a)}] = true
}

// situation says where actor a is.
func (w *world) situation(n uint8) situation {
	a := w.actor(n)
	switch {
	case a.state == stoppingActor:
		return "stopping"
	case a.state == failedActor && a.asleep:
		return "failed"
	case a.state != alive:
		return "beginning anew"
	case a.asleep:
		return "idle"
	case a.rescued && w.ready(n) > 0:
		return "ready: rescued"
	case w.shared.count(n) > 0:
		return "ready: shared"
	}
	for i := range w.runners {
		r := &w.runners[i]
		switch {
		case r.next == n:
			return "ready: in a slot"
		case r.list.count(n) > 0:
			return "ready: on a list"
		case r.first == n:
			return "ready: with a new runner"
		case w.threads[i].n != n:
		case r.held:
			return "held"
		case w.threads[i].at == inWait:
			return "waiting"
		default:
			return "running"
		}
	}
	return "on its way"
}
