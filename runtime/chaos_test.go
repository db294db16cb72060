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

// A chaosMessage has a number, which says what its handler does with it.
type chaosMessage struct {
	runtime.Reply[int]
	number int
}

// chaos is a tree of actors that tell, ask, spawn, stop and fail at random, and the book that is kept of their messages.
type chaos struct {
	t    *testing.T
	seed uint64

	mu     sync.Mutex
	refs   []runtime.Ref[chaosMessage]
	next   int
	ends   map[int]string
	twice  uint64
	unsure map[int]string // messages whose sender does not know whether they were sent: asks and timers
}

func (c *chaos) random(number int) *rand.Rand { return rand.New(rand.NewPCG(c.seed, uint64(number))) }

func (c *chaos) message(unsure string) chaosMessage {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next++
	if unsure != "" {
		c.unsure[c.next] = unsure
	}
	return chaosMessage{number: c.next}
}

func (c *chaos) end(m chaosMessage, how string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if was := c.ends[m.number]; was != "" {
		c.twice++
		if was == "dead" {
			how = was // a handler that was abandoned may still come to its end
		}
	}
	c.ends[m.number] = how
}

func (c *chaos) bury(d runtime.DeadLetter) {
	how := "dead"
	if errors.Is(d.Reason, mailbox.ErrFull) {
		how = "dropped"
	}
	c.end(d.Message.(chaosMessage), how)
}

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
	return runtime.Props[chaosMessage]{
		New:         func() runtime.Actor[chaosMessage] { return &chaosActor{c, inline} },
		Mailbox:     box,
		Children:    children,
		Restart:     supervisor.RestartType(r.IntN(3)),
		Significant: r.IntN(4) == 0,
		Redeliver:   r.IntN(3),
		Inline:      inline,
	}
}

type chaosActor struct {
	c      *chaos
	inline bool // its code may run on an asker's goroutine, which a Goexit would end
}

func (a *chaosActor) Started(ctx *runtime.Context[chaosMessage]) error {
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
		runtime.Watch(ctx, c.someone(r), func(error) chaosMessage { return c.message("") })
	case x < 35:
		runtime.Pipe(ctx, func(context.Context) (int, error) { a.mayFail(r.IntN(4)); return 0, nil },
			func(int, error) chaosMessage { return c.message("") })
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

// check is for when all is over: each message ended once, and the system has counted it where it did.
func (c *chaos) check(s *runtime.System, killed bool) {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	count := map[string]uint64{}
	for number := 1; number <= c.next; number++ {
		how := c.ends[number]
		if how == "" {
			how = c.unsure[number]
		}
		count[how]++
	}
	stats := s.Stats()
	c.t.Logf("%+v", stats)
	if c.twice > stats.Abandoned || count[""] > 0 {
		c.t.Errorf("%d messages ended twice, and %d never", c.twice, count[""])
	}
	checkIdentity(c.t, stats)
	got := runtime.Stats{Rejected: stats.Rejected, Handled: stats.Handled, Dropped: stats.Dropped, DeadLettered: stats.DeadLettered}
	want := runtime.Stats{Rejected: count["rejected"] + count["ask"], Handled: count["handled"], Dropped: count["dropped"],
		DeadLettered: count["dead"]}
	if got != want || stats.Queued != 0 || stats.Actors != 0 || stats.Abandoned != 0 && !killed {
		c.t.Errorf("the counts are\n%+v, want\n%+v; all: %+v", got, want, stats)
	}
}

func TestChaosLosesNothing(t *testing.T) {
	for round := range 6 * scale {
		c := &chaos{t: t, seed: rand.Uint64(), ends: map[int]string{}, unsure: map[int]string{}}
		t.Logf("round %d, seed %d", round, c.seed)
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
		killed := round%3 == 2
		if killed {
			cancel() // the time of the shutdown is up at once
		}
		if err := system.Shutdown(ctx); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		senders.Wait()
		cancel()
		c.check(system, killed)
		if t.Failed() {
			return
		}
	}
}
