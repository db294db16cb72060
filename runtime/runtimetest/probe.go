package runtimetest

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/troupe-go/troupe/runtime"
)

// A Probe is an actor whose messages the test gets: what an actor under test sends is sent to a probe. It is an ordinary
// actor, in the books as well, with a mailbox of 1,024 messages that slows its senders down when the test does not look.
// The message that Next returns is handled then. All methods are safe for concurrent use, but those that fail the test are for its
// own goroutine.
type Probe[M any] struct {
	t    testing.TB
	ref  runtime.Ref[M]
	come chan M
}

// NewProbe starts a probe under p; name may be "".
func NewProbe[M any](t testing.TB, p runtime.Parent, name string) *Probe[M] {
	t.Helper()
	probe := &Probe[M]{t: t, come: make(chan M)}
	ref, err := runtime.Spawn(p, runtime.Props[M]{Name: name, New: func() runtime.Actor[M] {
		return runtime.Func[M](func(ctx *runtime.Context[M], m M) error {
			select {
			case probe.come <- m:
				return nil
			case <-ctx.Done():
				return errNotTaken
			}
		})
	}})
	if err != nil {
		t.Fatal(err)
	}
	probe.ref = ref
	t.Cleanup(ref.Stop)
	return probe
}

var errNotTaken = errors.New("runtimetest: the probe was stopped before the test took the message")

// Ref returns the probe's address.
func (p *Probe[M]) Ref() runtime.Ref[M] { return p.ref }

// Next waits for the next message. It ends the test when the probe has stopped before there is one.
func (p *Probe[M]) Next() M {
	p.t.Helper()
	select {
	case m := <-p.come:
		return m
	case <-p.ref.Done():
		p.t.Fatalf("the probe %s has stopped: no message is to come", p.ref)
		panic("unreachable")
	}
}

// Expect waits for as many messages as it is given, and compares each, with go-cmp.
func (p *Probe[M]) Expect(want ...M) {
	p.t.Helper()
	for i, w := range want {
		got := p.Next()
		if diff := cmp.Diff(w, got); diff != "" {
			p.t.Fatalf("message %d of %d to the probe %s (-want +got):\n%s", i+1, len(want), p.ref, diff)
		}
	}
}

// Nothing fails the test if there is a message that it has not taken. What is still on its way it cannot know: see Quiet, which
// does not return while there is one.
func (p *Probe[M]) Nothing() {
	p.t.Helper()
	select {
	case m := <-p.come:
		p.t.Errorf("the probe %s has a message, want none: %+v", p.ref, m)
	default:
		if s := p.ref.Stats(); s.Queued > 0 {
			p.t.Errorf("the probe %s has %d messages, want none", p.ref, s.Queued)
		}
	}
}

// AwaitEnd waits until an actor has stopped, and returns why: nil for a normal stop.
func AwaitEnd[M any](ref runtime.Ref[M]) error {
	<-ref.Done()
	return ref.Err()
}
