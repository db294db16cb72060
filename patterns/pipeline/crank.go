package pipeline

import (
	"context"
	"runtime/debug"
	"time"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// A crank calls a stage's function, item by item, and knows what is to follow when it fails. A sequential stage has one,
// and each worker of a parallel one.
type crank[A, B any] struct {
	loop  loop[A, B]
	stage *Stage
	name  string

	// late fires while items are worked on whose results wait for each other, and they are not quick. A look at the clock
	// after each would cost more than many a function.
	late  *time.Timer
	token chan struct{}
	mask  int  // the token is looked for after so many items, less one: a power of 2, since even that look costs something
	holds bool // results of earlier turns may be waiting, so that a turn of one item is watched too

	tries  int // failures of the item that is being retried
	record supervisor.Record

	// What became of the last turn. These are fields, so that they are there after a Goexit too.
	begun int
	out   []B
	err   error
	slow  bool // it was cut short, so that the results need not wait
	// A Goexit goes on, whatever a deferred call of the function has made of it. Whoever called turn says that it does not.
	exits bool
}

// turn calls the function for items, one at least, until one fails, or out has no room left, or they prove slow. begun, out,
// err and slow say how it went; the one that failed is the last that was begun. A panic is an error. A Goexit cannot be
// held up: whoever calls turn must look at the outcome in a deferred call.
func (k *crank[A, B]) turn(ctx context.Context, items []A, out []B, room int) {
	k.begun, k.out, k.err, k.slow, k.exits = 0, out, runtime.ErrGoexit, false, true
	defer k.recover()
	if n := min(len(items), room); n > 1 || k.holds {
		k.arm(patience(n))
		defer k.disarm()
	}
	k.err = k.loop(ctx, k, items, room)
}

// halts reports whether the turn is to end, since its results are wanted, or nobody wants any.
func (k *crank[A, B]) halts(ctx context.Context) bool { return len(k.token) > 0 || ctx.Err() != nil }

func (k *crank[A, B]) recover() {
	if v := recover(); v != nil {
		k.err = &runtime.PanicError{Value: v, Stack: debug.Stack()}
	}
}

func (k *crank[A, B]) arm(d time.Duration) {
	if k.late != nil {
		k.late.Reset(d)
		return
	}
	token := make(chan struct{}, 1)
	k.token = token
	k.late = time.AfterFunc(d, func() { token <- struct{}{} }) // there is room: each turn takes the token away
}

// disarm leaves no token behind, and none to come.
func (k *crank[A, B]) disarm() {
	if !k.late.Stop() {
		<-k.token
		k.slow = true
	}
}

// A verdict is what follows the failure of an item.
type verdict uint8

const (
	again verdict = iota
	skipIt
	stopRun
)

// judge decides on the failure of the item that was begun last.
func (k *crank[A, B]) judge() (verdict, time.Duration) {
	if k.tries < k.stage.Retries {
		if k.tries == 0 {
			k.record = supervisor.Record{}
		}
		k.tries++
		config := supervisor.Config{MaxRestarts: supervisor.Unlimited, Within: 1<<63 - 1, Backoff: k.stage.Backoff}
		var history supervisor.History
		now := time.Now()
		d := config.Failed(&history, &k.record, supervisor.Permanent, k.err, now, random)
		return again, d.Delay
	}
	k.tries = 0
	if k.stage.OnError == Skip {
		return skipIt, 0
	}
	return stopRun, 0
}

// stageError is k's failure with the stage's name.
func (k *crank[A, B]) stageError() *StageError { return &StageError{k.name, k.err} }
