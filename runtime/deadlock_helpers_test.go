package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// A knotMessage says what its handler does.
type knotMessage struct {
	runtime.Reply[int]
	do func(ctx *runtime.Context[knotMessage], m knotMessage) error
}

type (
	knotContext = *runtime.Context[knotMessage]
	knotRef     = runtime.Ref[knotMessage]
)

// A knot is a system of actors that wait for each other, or nearly, and what came of it. It is used in a bubble of synctest.
type knot struct {
	t      testing.TB
	system *runtime.System
	began  time.Time
	start  chan struct{} // closed when all are where they should be
	refs   map[string]knotRef

	mu    sync.Mutex
	waits map[string]error         // what the wait of an actor came to
	after map[string]time.Duration // and when, since the start
}

// small is a mailbox that one message fills.
var small = mailbox.Config[knotMessage]{Capacity: 1}

func newKnot(t testing.TB, names ...string) *knot { return newKnotOf(t, small, names...) }

func newKnotOf(t testing.TB, box mailbox.Config[knotMessage], names ...string) *knot {
	k := &knot{t: t, system: newSystem(t, resuming), start: make(chan struct{}), refs: map[string]knotRef{},
		waits: map[string]error{}, after: map[string]time.Duration{}}
	for _, name := range names {
		k.actor(k.system, name, box)
	}
	return k
}

func namesOf(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("a%d", i))
	}
	return names
}

func (k *knot) actor(p runtime.Parent, name string, box mailbox.Config[knotMessage]) knotRef {
	return k.actorOf(p, runtime.Props[knotMessage]{Name: name, Mailbox: box})
}

// actorOf makes an actor of props; what it does with a message, the message says.
func (k *knot) actorOf(p runtime.Parent, props runtime.Props[knotMessage]) knotRef {
	if props.New == nil {
		props.New = always(doAsToldTo)
	}
	ref := spawn(k.t, p, props)
	k.refs[props.Name] = ref
	return ref
}

func doAsToldTo(ctx knotContext, m knotMessage) error { return m.do(ctx, m) }

// handle has an actor begin to handle a message, which does what f does once all have begun, and notes its error.
func (k *knot) handle(name string, f func(ctx knotContext, m knotMessage) error) {
	tell(k.t, k.refs[name], knotMessage{do: func(ctx knotContext, m knotMessage) error {
		<-k.start
		k.note(name, f(ctx, m))
		return nil
	}})
	synctest.Wait()
}

func (k *knot) note(name string, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.waits[name], k.after[name] = err, time.Since(k.began)
}

// fill leaves no room in the mailboxes of actors of capacity 1 that are at a message.
func (k *knot) fill(names ...string) {
	for _, name := range names {
		if err := k.refs[name].TryTell(nop); err != nil {
			k.t.Fatal(err)
		}
	}
}

// nop is a message without consequences.
var nop = knotMessage{do: func(knotContext, knotMessage) error { return nil }}

// tell and ask are waits: for room, and for an answer, which whoever is asked gives when it comes to it.
func (k *knot) tell(ctx context.Context, to string) error { return k.refs[to].Tell(ctx, nop) }

func (k *knot) ask(ctx context.Context, to string) error { return k.askTo(ctx, to, nil) }

// askTo asks for something that takes another wait to answer.
func (k *knot) askTo(ctx context.Context, to string, wait func(ctx knotContext) error) error {
	_, err := runtime.Ask(ctx, k.refs[to], func(r runtime.Reply[int]) knotMessage {
		return knotMessage{r, func(ctx knotContext, m knotMessage) error {
			if wait != nil {
				k.note(to, wait(ctx))
			}
			m.Send(1)
			return nil
		}}
	})
	return err
}

// run lets the waits begin, all at once, and returns when every deadlock had the time to be found.
func (k *knot) run() {
	k.began = time.Now()
	close(k.start)
	elapse(1100 * time.Millisecond)
}

// deadlocks returns the deadlocks that were reported, and checks that all other waits ended well.
func (k *knot) deadlocks() (all []*runtime.DeadlockError) {
	k.t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	for name, err := range k.waits {
		var d *runtime.DeadlockError
		switch {
		case errors.As(err, &d):
			all = append(all, d)
			if d.Cycle[0] != k.refs[name].Path() && !strings.HasPrefix(k.refs[name].Path(), d.Cycle[0]+"/") {
				k.t.Errorf("%s was told of the deadlock of %v", name, d.Cycle)
			}
		case err != nil:
			k.t.Errorf("the wait of %s: %v", name, err)
		}
	}
	return all
}

// checkDeadlock checks that one deadlock was reported, of the given actors, and that all others went on.
func (k *knot) checkDeadlock(within time.Duration, names ...string) {
	k.t.Helper()
	all := k.deadlocks()
	if len(all) != 1 {
		k.t.Fatalf("%d deadlocks reported, want one: %v\nwaits: %v", len(all), all, k.waits)
	}
	var want []string
	for _, name := range names {
		want = append(want, k.refs[name].Path())
	}
	got := slices.Clone(all[0].Cycle)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		k.t.Errorf("the cycle is %v, want one of %v", all[0].Cycle, want)
	}
	for name, at := range k.after {
		if at > within {
			k.t.Errorf("the wait of %s ended after %v, want %v at most", name, at, within)
		}
	}
	for _, name := range names {
		if _, over := k.waits[name]; !over {
			k.t.Errorf("the wait of %s is not over", name)
		}
	}
	k.checkUsable()
	if text := all[0].Error(); strings.Count(text, "wait") != len(names) {
		k.t.Errorf("the error does not name all waits: %s", text)
	}
}

// checkUsable checks that all actors do what they are asked for.
func (k *knot) checkUsable() {
	k.t.Helper()
	for name := range k.refs {
		if err := k.ask(context.Background(), name); err != nil {
			k.t.Errorf("%s is asked afterwards: %v", name, err)
		}
	}
	synctest.Wait()
	checkIdentity(k.t, k.system.Stats())
}
