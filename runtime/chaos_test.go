package runtime_test

import (
	"context"
	"errors"
	"math/rand/v2"
	goruntime "runtime"
	"sync"
	"testing"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// someone picks an actor. Most of those that have ended are forgotten.
func (c *chaos) someone(r *rand.Rand) runtime.Ref[chaosMessage] {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		i, last := r.IntN(len(c.refs)), len(c.refs)-1
		ref := c.refs[i]
		if last == 0 || !svEnded(ref.Done()) || r.IntN(8) == 0 {
			return ref
		}
		c.refs[i], c.refs = c.refs[last], c.refs[:last]
	}
}

// spawn adds an actor, unless there are many already.
func (c *chaos) spawn(p runtime.Parent, r *rand.Rand) {
	c.mu.Lock()
	many := len(c.refs) >= 400
	c.mu.Unlock()
	if many {
		return
	}
	ref, err := runtime.Spawn(p, c.props(r))
	if err != nil {
		return // it was refused, or failed to start
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refs = append(c.refs, ref)
}

func (c *chaos) props(r *rand.Rand) runtime.Props[chaosMessage] {
	box := mailbox.Config[chaosMessage]{
		Capacity: []int{1, 4, 64, mailbox.Unbounded}[r.IntN(4)],
		Overflow: mailbox.Overflow(r.IntN(5)),
		Order:    mailbox.Order(r.IntN(3)),
	}
	if box.Order == mailbox.Priority {
		if r.IntN(2) == 0 {
			box.Less = func(a, b chaosMessage) bool { return a.number%7 < b.number%7 }
		} else {
			box.Levels, box.Level = 3, func(m chaosMessage) int { return m.number % 3 }
		}
	}
	children := supervisor.Config{
		Strategy:     supervisor.Strategy(r.IntN(3)),
		MaxRestarts:  []int{supervisor.NoRestarts, 3, 20, supervisor.Unlimited}[r.IntN(4)],
		AutoShutdown: supervisor.AutoShutdown(r.IntN(3)),
	}
	if r.IntN(3) == 0 {
		children.Backoff = supervisor.Backoff{Min: time.Microsecond, Max: time.Millisecond}
	}
	if r.IntN(3) == 0 {
		children.Decide = func(error) supervisor.Directive { return supervisor.Directive(rand.IntN(4)) }
	}
	inline := r.IntN(4) == 0
	patience := runtime.DefaultStopTimeout
	if c.killed {
		patience = time.Duration(1+r.IntN(200)) * time.Microsecond
	}
	return runtime.Props[chaosMessage]{
		New:         func() runtime.Actor[chaosMessage] { return &chaosActor{c, inline} },
		Mailbox:     box,
		Children:    children,
		Restart:     supervisor.RestartType(r.IntN(3)),
		Significant: r.IntN(4) == 0,
		Redeliver:   r.IntN(3),
		StopTimeout: patience,
		Inline:      inline,
	}
}

type chaosActor struct {
	c      *chaos
	inline bool // its code may run on an asker's goroutine, which a Goexit would end
}

func (a *chaosActor) Started(ctx *runtime.Context[chaosMessage]) error {
	defer a.c.enter()()
	if rand.IntN(20) == 0 {
		return errors.New("no start today")
	}
	for range rand.IntN(3) {
		a.c.spawn(ctx, a.c.random(rand.Int()))
	}
	return nil
}

func (a *chaosActor) Restarting(*runtime.Context[chaosMessage], error) { a.mayFail(rand.IntN(40)) }
func (a *chaosActor) Stopped(*runtime.Context[chaosMessage], error)    { a.mayFail(rand.IntN(40)) }

func (a *chaosActor) mayFail(x int) {
	switch {
	case x == 0:
		panic("chaos")
	case x == 1 && !a.inline:
		goruntime.Goexit()
	}
}

func (a *chaosActor) Receive(ctx *runtime.Context[chaosMessage], m chaosMessage) error {
	c := a.c
	defer c.enter()()
	r := c.random(m.number)
	switch x := r.IntN(100); {
	case x < 2:
		a.mayFail(x)
	case x < 7:
		return errors.New("chaos")
	case x < 20:
		c.send(ctx, r, c.someone(r))
	case x < 25:
		c.ask(ctx, c.someone(r))
	case x < 29:
		c.spawn(ctx, r)
	case x < 30:
		if r.IntN(4) == 0 {
			c.someone(r).StopWhenEmpty()
		}
	case x < 32:
		runtime.Watch(ctx, c.someone(r), func(error) chaosMessage { return c.made() })
	case x < 35:
		fails := r.IntN(4)
		runtime.Pipe(ctx, func(context.Context) (int, error) { // which does not begin if this handler was abandoned
			defer c.enter()()
			a.mayFail(fails)
			return 0, nil
		},
			func(int, error) chaosMessage { return c.made() })
	case x < 37:
		ctx.After(time.Duration(r.IntN(100))*time.Microsecond, c.message("timer"))
	case x < 42:
		if ctx.Stash() == nil {
			return nil
		}
	case x < 46:
		ctx.Unstash()
	case x < 48:
		ctx.Become(&chaosActor{c, a.inline})
	case x < 49 && c.killed && !a.inline:
		<-ctx.Done()
		goruntime.Gosched()
	}
	m.Send(m.number)
	c.end(m, "handled")
	return nil
}

// send tells or tries to tell, and waits for room for a moment only: actors that wait for each other would wait for ever.
func (c *chaos) send(ctx context.Context, r *rand.Rand, to runtime.Ref[chaosMessage]) {
	m := c.message("")
	var err error
	if r.IntN(2) == 0 {
		err = to.TryTell(m)
	} else {
		short, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		err = to.Tell(short, m)
	}
	if err != nil {
		c.end(m, "rejected")
	}
}

// ask waits for the answer for a moment only: the message may be stashed for good.
func (c *chaos) ask(ctx context.Context, to runtime.Ref[chaosMessage]) {
	short, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	var number int
	v, err := runtime.Ask(short, to, func(reply runtime.Reply[int]) chaosMessage {
		m := c.message("ask")
		m.Reply, number = reply, m.number
		return m
	})
	if err == nil && v != number {
		c.t.Errorf("the ask %d is answered with %d", number, v)
	}
}

func TestChaosLosesNothing(t *testing.T) {
	for round := range 6 * scale {
		c := &chaos{t: t, seed: rand.Uint64(), killed: round%3 == 2, ends: map[int]string{}, unsure: map[int]string{}, handed: map[int]bool{}}
		t.Logf("round %d, seed %d", round, c.seed)
		goroutines := goruntime.NumGoroutine()
		system := newSystem(t, runtime.Config{Children: supervisor.Config{MaxRestarts: supervisor.Unlimited}})
		system.DeadLetters(c.bury)
		for len(c.refs) < 20 {
			c.spawn(system, c.random(-len(c.refs)-rand.Int()))
		}
		ctx, cancel := context.WithCancel(context.Background())
		var senders sync.WaitGroup
		halfway := make(chan struct{})
		for sender := range 8 {
			senders.Go(func() {
				for i := range 1200 {
					if sender == 0 && i == 600 {
						close(halfway)
					}
					r := c.random(rand.Int())
					switch to, x := c.someone(r), r.IntN(400); {
					case x == 0:
						to.Stop()
					case x == 1:
						to.StopWhenEmpty()
					case x < 20:
						c.spawn(system, r)
					case x < 36:
						c.ask(ctx, to)
					default:
						c.send(ctx, r, to)
					}
				}
			})
		}
		<-halfway
		if round%2 == 0 {
			senders.Wait() // else the shutdown comes upon them
		}
		if c.killed {
			cancel()
		}
		if err := system.Shutdown(ctx); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		senders.Wait()
		cancel()
		if c.killed {
			c.quiet(system, goroutines)
		}
		c.check(system)
		if t.Failed() {
			return
		}
	}
}
