package pipeline

import (
	"context"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// A message is what a stage's actor receives. It has one of these.
type message[A, B any] struct {
	in   *chunk[A]   // items to begin
	back *chunk[B]   // a list of chunks that came back
	task *task[A, B] // from a worker
	note note
}

type note uint8

const (
	noNote    note = iota
	upEnded        // one of the boundaries to this stage has ended
	quit           // the run is cancelled
	passEnded      // everything that waited when this pass began is handled
	goOn           // a Goexit has ended the last message early
	timeIsUp       // what the operator has waited for
)

// An operator is what a stage does. It is called on the stage's turn.
type operator[A, B any] interface {
	// pump deals with what has been begun and is not done, and reports whether the stage may go on. It is called first, and
	// whenever something has happened.
	pump(ctx *runtime.Context[message[A, B]], s *stage[A, B]) bool
	// ready reports whether work may be called. Where it is not, the operator sees to it that the stage is called again.
	ready(ctx *runtime.Context[message[A, B]], s *stage[A, B]) bool
	// work begins some of the items, one at least, and tells s.in how many.
	work(ctx *runtime.Context[message[A, B]], s *stage[A, B], items []A)
	// finish is called when everything has been begun and nothing follows, until it reports that all results are in
	// pending or gone.
	finish(ctx *runtime.Context[message[A, B]], s *stage[A, B]) bool
	// notice takes what work or timers of the operator send to the stage.
	notice(ctx *runtime.Context[message[A, B]], s *stage[A, B], m message[A, B])
	// quit is called when nothing of what the operator has under way matters any more.
	quit()
	// stopped is called when the stage has stopped, and returns how many items are lost in it.
	stopped() int
}

// An output is where a stage's results go: to one stage, to several (Broadcast, Balance), or nowhere (a sink).
type output[B any] interface {
	room() bool // for one result at least
	grab() []B  // as outlet.grab
	setLimit(int)
	put(context.Context, int)
	give(context.Context, []B) int
	flush(context.Context)
	end(context.Context)
	count() uint64
}

// A stage is the actor of one stage.
type stage[A, B any] struct {
	common *common
	gauge
	op   operator[A, B]
	wire wiring[A, B]
	in   inlet[A]
	out  output[B]

	skipped skipped[A]
	gone    int             // items that could not be skipped: nobody took them
	life    context.Context // of the user's functions: the actor's, and it ends when the run is cancelled
	cancel  func()
	pending []B // results for which there was no room yet
	pace    pace
	strict  bool      // chunks have one item, always
	passing bool      // a passEnded is on its way
	begun   time.Time // when this pass began
	before  uint64    // items that were begun before it
	settled uint64    // results that were sent when nothing was in hand last
	over    bool
}

// spawnStage starts the actor of a stage, and returns it.
func spawnStage[A, B any](
	b *builder, n *node, op operator[A, B], wire wiring[A, B],
) (runtime.Ref[message[A, B]], error) {
	s := &stage[A, B]{common: &b.keeper.common, op: op, wire: wire, gauge: b.gauge(n)}
	s.in.open = max(1, len(n.ups))
	s.in.enough = max(1, n.Buffer/4)
	ref, err := runtime.Spawn(b.ctx, runtime.Props[message[A, B]]{
		Name: n.name,
		New:  func() runtime.Actor[message[A, B]] { return s },
		// What can be under way to it is bounded by credit, and never by its mailbox.
		Mailbox:     mailbox.Config[message[A, B]]{Capacity: mailbox.Unbounded},
		Children:    resumeAlways, // what fails to make dead letters
		StopTimeout: b.keeper.stopTimeout,
	})
	if err != nil {
		return ref, err
	}
	watch(b, ref, func() {
		s.cancel()
		_ = ref.TryTell(message[A, B]{note: quit})
	})
	return ref, nil
}

func (s *stage[A, B]) Started(ctx *runtime.Context[message[A, B]]) error {
	s.life, s.cancel = context.WithCancel(ctx)
	var most int
	s.out, most = s.wire(ctx.Self())
	s.pace = newPace(most)
	s.strict = most == 1 && s.in.enough == 1
	return nil
}

func (s *stage[A, B]) Receive(ctx *runtime.Context[message[A, B]], m message[A, B]) error {
	switch {
	case m.note == quit:
		s.leave(ctx)
		return nil
	case s.over: // what still comes is lost, or chunks that nobody needs any more
		return nil
	case m.in != nil:
		s.in.add(m.in)
	case m.back != nil:
		m.back.from.takeBack(m.back)
	case m.note == upEnded:
		s.in.open--
	case m.note == goOn:
	case m.note == passEnded:
		s.endPass(ctx)
		return nil
	default:
		s.op.notice(ctx, s, m)
	}
	s.run(ctx)
	return nil
}

// run does what can be done now.
func (s *stage[A, B]) run(ctx *runtime.Context[message[A, B]]) {
	for !s.over && s.life.Err() == nil && s.emit(ctx) && s.op.pump(ctx, s) && s.emit(ctx) {
		if s.in.empty() {
			if s.in.open == 0 && s.op.finish(ctx, s) && s.emit(ctx) {
				s.finish(ctx)
			}
			break
		}
		if !s.op.ready(ctx, s) {
			break
		}
		if !s.passing {
			s.beginPass(ctx)
		}
		s.op.work(ctx, s, s.in.front(ctx))
	}
	if s.strict {
		s.settle(ctx)
		return
	}
	if !s.passing && s.out.count() != s.settled {
		s.beginPass(ctx) // results that were late are in hand, and there may be nothing to begin for long
	}
	if s.in.taken-s.stats.In >= reportEach && s.pace.limit == 1 {
		s.report() // the end of the pass may be far off
	}
}

// emit sends what is pending, and reports whether all of it is gone.
func (s *stage[A, B]) emit(ctx context.Context) bool {
	if len(s.pending) == 0 {
		return true
	}
	n := s.out.give(ctx, s.pending)
	clear(s.pending[:n])
	s.pending = s.pending[n:]
	if len(s.pending) > 0 {
		return false
	}
	s.pending = nil
	return true
}

// A pass is what waits in the mailbox when it begins: a message behind all that says when it is over. That is when what
// is in hand goes out, because the stage may now have nothing to do.
func (s *stage[A, B]) beginPass(ctx *runtime.Context[message[A, B]]) {
	if s.strict {
		return
	}
	s.passing = ctx.Self().Tell(ctx, message[A, B]{note: passEnded}) == nil
	s.begun, s.before = time.Now(), s.in.taken
}

func (s *stage[A, B]) endPass(ctx context.Context) {
	s.passing = false
	if s.pace.pass(int(s.in.taken-s.before), time.Since(s.begun)) {
		s.out.setLimit(s.pace.limit)
	}
	s.settle(ctx)
}

// settle leaves nothing in hand.
func (s *stage[A, B]) settle(ctx context.Context) {
	s.out.flush(ctx)
	s.settled = s.out.count()
	s.in.release(ctx)
	s.report()
}

func (s *stage[A, B]) report() {
	s.stats.In, s.stats.Out = s.in.taken, s.out.count()
	s.publish()
}

// finish is the end of the stage, after its last result.
func (s *stage[A, B]) finish(ctx *runtime.Context[message[A, B]]) {
	s.out.end(ctx)
	s.settle(ctx)
	s.leave(ctx)
}

// leave stops the stage. What is in its mailbox is still received, so that it does not become dead letters, which are for
// what the user lost.
func (s *stage[A, B]) leave(ctx *runtime.Context[message[A, B]]) {
	s.over = true
	s.op.quit()
	ctx.Self().StopWhenEmpty()
}

// Stopped counts what is lost, and drops references to it.
func (s *stage[A, B]) Stopped(ctx *runtime.Context[message[A, B]], _ error) {
	s.lost = uint64(len(s.pending) + s.op.stopped() + s.gone)
	s.report()
	s.cancel()
	s.in, s.pending = inlet[A]{}, nil
}

// reportEach is how many items a stage begins, in the middle of a pass, before it shows its figures.
const reportEach = 16

// An entry is a stage as its senders see it.
type entry[A, B any] struct {
	ref    runtime.Ref[message[A, B]]
	bounds int
}

func (e entry[A, B]) buffer() int { return e.bounds }

func (e entry[A, B]) deliver(ctx context.Context, c *chunk[A]) {
	send(ctx, e.ref, message[A, B]{in: c})
}

func (e entry[A, B]) end(ctx context.Context) {
	send(ctx, e.ref, message[A, B]{note: upEnded})
}

// send tells m, which is refused only where the receiver stops. A loop over All is not the system's own, and an Intake that
// stops has no context any more, so that a system which shuts down would refuse it; TryTell is not asked who it is.
func send[M any](ctx context.Context, to runtime.Ref[M], m M) {
	if to.Tell(ctx, m) != nil {
		_ = to.TryTell(m)
	}
}

// A wiring makes a stage's output, and says how many items its chunks have at most.
type wiring[A, B any] func(self runtime.Ref[message[A, B]]) (output[B], int)

// single is the output of a stage with one successor.
func single[A, B any](to port[B]) wiring[A, B] {
	return func(self runtime.Ref[message[A, B]]) (output[B], int) {
		o := newOutlet(to, returnTo(self))
		return o, o.most
	}
}

// returnTo brings chunks back to the stage that sent them.
func returnTo[A, B any](ref runtime.Ref[message[A, B]]) func(context.Context, *chunk[B]) {
	return func(ctx context.Context, list *chunk[B]) { send(ctx, ref, message[A, B]{back: list}) }
}
