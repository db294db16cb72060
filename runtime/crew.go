package runtime

import (
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// A crew counts the goroutines of one system, so that none outlives it unnoticed.
type crew struct {
	n     atomic.Int64
	ended chan struct{} // told, without blocking, each time the count falls to 0
}

func (c *crew) join() { c.n.Add(1) }

func (c *crew) leave() {
	if c.n.Add(-1) == 0 {
		select {
		case c.ended <- struct{}{}:
		default:
		}
	}
}

// spawn runs f, which is work of the runtime beside the actors' turns, on a goroutine that a shutdown waits for.
func (s *System) spawn(f func()) {
	s.crew.join()
	s.dispatch.start(func() {
		defer s.crew.leave()
		f()
	})
}

// apart runs f, which is the user's, where its end may not be the end of the goroutine that asks for it, and waits for
// it. It returns how f failed; an f that does not return is waited for until the time of a shutdown is up.
func (s *System) apart(f func()) error {
	ended := make(chan error, 1)
	go func() {
		err := ErrGoexit // unless f returns
		defer func() {
			if v := recover(); v != nil {
				err = &PanicError{Value: v, Stack: debug.Stack()}
			}
			ended <- err
		}()
		f()
		err = nil
	}()
	select {
	case err := <-ended:
		return err
	case <-s.killed:
	}
	select {
	case err := <-ended:
		return err
	case <-time.After(killPatience):
		s.gone.add(Stats{Abandoned: 1})
		return fmt.Errorf("%w: it did not return in time", ErrAbandoned)
	}
}
