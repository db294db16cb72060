package runtime_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// Whatever is sent while an actor stops is handled, or refused, or a dead letter; and exactly one of these.
func TestSendsThatRaceWithAStopEndOnce(t *testing.T) {
	for name, stop := range map[string]func(runtime.Ref[int]){
		"Stop":          runtime.Ref[int].Stop,
		"StopWhenEmpty": runtime.Ref[int].StopWhenEmpty,
		"both":          func(ref runtime.Ref[int]) { ref.StopWhenEmpty(); ref.Stop() },
	} {
		t.Run(name, func(t *testing.T) {
			for range 20 * scale {
				system := newSystem(t)
				ledger := newSvLedger()
				ledger.bury(system)
				ref := spawn(t, system, runtime.Props[int]{
					Mailbox: mailbox.Config[int]{Capacity: 8}, // so that tells wait
					New:     always(func(_ *runtime.Context[int], m int) error { ledger.end(m, "handled"); return nil }),
				})
				var senders sync.WaitGroup
				for sender := range 8 {
					senders.Go(func() {
						for i := range 100 {
							err := ledger.send(func(m int) error {
								if sender%2 == 0 {
									return ref.Tell(context.Background(), m)
								}
								return ref.TryTell(m)
							})
							if errors.Is(err, runtime.ErrStopped) {
								return
							}
							if sender == 0 && i == 20 {
								stop(ref)
							}
						}
						ref.Stop() // at the latest
					})
				}
				senders.Wait()
				<-ref.Done()
				svShutdown(t, system)
				ledger.check(t, system.Stats())
				ledger.check(t, ref.Stats())
			}
		})
	}
}

// An ask of an actor that stops ends, one way or the other.
func TestAsksThatRaceWithAStopEnd(t *testing.T) {
	for range 50 * scale {
		system := newSystem(t)
		ref := spawnFunc(t, system, func(_ *runtime.Context[svAsked], m svAsked) error { m.Send(1); return nil })
		var askers sync.WaitGroup
		for range 4 {
			askers.Go(func() {
				for {
					v, err := runtime.Ask(context.Background(), ref, func(r runtime.Reply[int]) svAsked { return svAsked{r} })
					switch {
					case errors.Is(err, runtime.ErrStopped):
						return
					case err != nil || v != 1:
						t.Error(v, err)
						return
					}
				}
			})
		}
		go ref.Stop()
		askers.Wait()
		<-ref.Done()
	}
}

// Stops from everywhere, and of everybody in a family at once: all end, and nobody waits for anybody for ever.
func TestStopsThatRaceWithEachOther(t *testing.T) {
	for range 50 * scale {
		system := newSystem(t)
		top := spawn(t, system, svProps("top"))
		var kids []runtime.Ref[svJob]
		for range 8 {
			kids = append(kids, svSpawn(t, top, svProps("")))
		}
		var stops sync.WaitGroup
		for i, kid := range kids {
			stops.Go(func() {
				if i%2 == 0 {
					kid.StopWhenEmpty()
				}
				kid.Stop()
			})
		}
		stops.Go(top.StopWhenEmpty)
		stops.Go(func() { _ = top.TryTell(svFail) })
		stops.Wait()
		<-top.Done()
		for _, kid := range kids {
			<-kid.Done()
		}
	}
}

// A restart that is under way when the stop comes, at each of its stages.
func TestStopThatRacesWithARestart(t *testing.T) {
	for range 50 * scale {
		system := newSystem(t)
		ledger := newSvLedger()
		ledger.bury(system)
		ref := spawn(t, system, runtime.Props[int]{New: always(func(_ *runtime.Context[int], m int) error {
			if m%3 == 0 {
				return errSV
			}
			ledger.end(m, "handled")
			return nil
		})})
		for range 10 {
			if err := ledger.send(ref.TryTell); err != nil {
				t.Error(err)
			}
		}
		go ref.Stop()
		<-ref.Done()
		svShutdown(t, system)
		ledger.check(t, ref.Stats())
	}
}

// Who waits for the end of its context has been told to stop when that comes: its next message is not begun. Much
// hangs on the end of this one, so that it takes a while.
func TestStopComesBeforeTheNextMessage(t *testing.T) {
	system := newSystem(t)
	for range 20 * scale {
		begun := make(chan struct{}, 2)
		ref := spawnFunc(t, system, func(ctx *runtime.Context[int], _ int) error {
			for range 1000 {
				context.AfterFunc(ctx, func() {})
			}
			begun <- struct{}{}
			<-ctx.Done()
			return nil
		})
		tell(t, ref, 0, 1)
		<-begun
		ref.Stop()
		<-ref.Done()
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 2, Handled: 1, DeadLettered: 1})
	}
}
