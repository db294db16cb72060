package runtime_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

func TestShutdownWaitsForTheMessageOfATimerThatHasFired(t *testing.T) {
	for _, repeated := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			system := newSystem(t)
			published := 0
			system.DeadLetters(func(runtime.DeadLetter) { published++ })
			fired, goOn := make(chan struct{}), make(chan struct{})
			spawn(t, system, runtime.Props[string]{
				Mailbox: mailbox.Config[string]{Order: mailbox.Priority, Levels: 1, Level: func(string) int {
					close(fired) // the timer's goroutine is on its way into the mailbox
					<-goOn
					return 0
				}},
				New: func() runtime.Actor[string] { return startsTimer{repeated} },
			})
			<-fired
			done := make(chan error)
			go func() { done <- system.Shutdown(context.Background()) }()
			synctest.Wait()
			select {
			case <-done:
				t.Fatal("the shutdown did not wait for the timer's message")
			default:
			}
			close(goOn)
			if err := <-done; err != nil {
				t.Error(err)
			}
			if s := system.Stats(); published != 1 || s.DeadLettered != 1 || s.Sent != 1 {
				t.Errorf("%d dead letters were published, and the counts are %+v", published, s)
			}
		})
	}
}

// startsTimer is an actor whose timer fires after a second, or each second.
type startsTimer struct{ repeated bool }

func (a startsTimer) Started(ctx *runtime.Context[string]) error {
	if a.repeated {
		ctx.Every(time.Second, "tick")
	} else {
		ctx.After(time.Second, "tick")
	}
	return nil
}

func (startsTimer) Receive(*runtime.Context[string], string) error { return nil }
