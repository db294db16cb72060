package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// A steps actor notes what each of its instances handles. The gate keeps the first message back until all are there.
type steps struct {
	*journal
	g        *gate
	instance int
	fails    func(m string) error
}

func (s *steps) Receive(ctx *runtime.Context[string], m string) error {
	s.g.wait()
	s.add("%d:%s", s.instance, m)
	switch m {
	case "unstash":
		ctx.Unstash()
	case "stash 1", "stash 2", "stash 3":
		if s.instance == 1 {
			return ctx.Stash()
		}
	}
	return s.fails(m)
}

// runSteps tells an actor all messages while it handles the first, and returns what its instances noted.
func runSteps(
	t *testing.T, config runtime.Config, props runtime.Props[string], fails func(string) error, messages ...string,
) ([]string, *letters, runtime.Ref[string]) {
	t.Helper()
	system := newSystem(t, config)
	letters := collectDeadLetters(system)
	j, g, instances := &journal{}, newGate(t), 0
	props.New = func() runtime.Actor[string] {
		instances++
		return &steps{journal: j, g: g, instance: instances, fails: fails}
	}
	ref := spawn(t, system, props)
	tell(t, ref, messages[0])
	synctest.Wait()
	tell(t, ref, messages[1:]...)
	g.open()
	synctest.Wait()
	return j.take(), letters, ref
}

// failOn fails on m, up to n times.
func failOn(m string, n int) func(string) error {
	return func(got string) error {
		if got == m && n > 0 {
			n--
			return errFails
		}
		return nil
	}
}

func TestPromise5RestartKeepsTheQueue(t *testing.T) {
	level := func(m string) int { return int(m[0] - 'a') }
	orders := map[string]mailbox.Config[string]{
		"FIFO":         {},
		"FIFO, evicts": {Overflow: mailbox.DropOldest}, // the owner takes one at a time
		"LIFO":         {Order: mailbox.LIFO},
		"Less":         {Order: mailbox.Priority, Less: func(a, b string) bool { return a < b }},
		"Levels":       {Order: mailbox.Priority, Levels: 26, Level: level},
	}
	for name, config := range orders {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				props := runtime.Props[string]{Mailbox: config}
				got, letters, ref := runSteps(t, tireless, props, failOn("c", 1), "a", "b", "c", "d", "e")
				want := []string{"1:a", "1:b", "1:c", "2:d", "2:e"}
				if name == "LIFO" {
					want = []string{"1:a", "1:e", "1:d", "1:c", "2:b"}
				}
				if !slices.Equal(got, want) {
					t.Errorf("got  %v\nwant %v", got, want)
				}
				letters.check(t, "c")
				checkStats(t, ref.Stats(), runtime.Stats{
					Sent: 5, Handled: 4, DeadLettered: 1, Failed: 1, Restarts: 1, Actors: 1,
				})
			})
		})
	}
}

func TestPromise5RestartKeepsTheQueueAndWhatIsStashedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got, letters, _ := runSteps(t, tireless, runtime.Props[string]{}, failOn("bad", 1),
			"stash 1", "a", "stash 2", "bad", "stash 3", "b")
		want := []string{"1:stash 1", "1:a", "1:stash 2", "1:bad", "2:stash 1", "2:stash 2", "2:stash 3", "2:b"}
		if !slices.Equal(got, want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
		letters.check(t, "bad")
	})
}

func TestRedeliverTriesSoManyTimesMore(t *testing.T) {
	for _, n := range []int{0, 1, 2, 5} {
		synctest.Test(t, func(t *testing.T) {
			props := runtime.Props[string]{Redeliver: n}
			got, letters, ref := runSteps(t, tireless, props, failOn("bad", 100), "bad", "next")
			var want []string
			for i := range n + 1 {
				want = append(want, fmt.Sprintf("%d:bad", i+1))
			}
			want = append(want, fmt.Sprintf("%d:next", n+2))
			if !slices.Equal(got, want) {
				t.Errorf("Redeliver %d: got %v, want %v", n, got, want)
			}
			letters.check(t, "bad")
			checkStats(t, ref.Stats(), runtime.Stats{
				Sent: 2, Handled: 1, DeadLettered: 1, Actors: 1,
				Failed: uint64(n + 1), Redelivered: uint64(n), Restarts: uint64(n + 1),
			})
		})
	}
}

func TestRedeliveredMessageStaysAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got, letters, _ := runSteps(t, tireless, runtime.Props[string]{Redeliver: 3}, failOn("b", 2), "a", "b", "c", "d")
		if want := []string{"1:a", "1:b", "2:b", "3:b", "3:c", "3:d"}; !slices.Equal(got, want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
		letters.check(t)
	})
}

// The stashed ones came before it.
func TestRedeliveredMessageComesAfterWhatWasStashed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got, _, _ := runSteps(t, tireless, runtime.Props[string]{Redeliver: 1}, failOn("bad", 1),
			"stash 1", "stash 2", "bad", "a")
		want := []string{"1:stash 1", "1:stash 2", "1:bad", "2:stash 1", "2:stash 2", "2:bad", "2:a"}
		if !slices.Equal(got, want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
	})
}

// Each unstashed message has its own tries, and those that wait behind it keep their places.
func TestRedeliveryOfWhatWasUnstashed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fails := 0
		fail := func(m string) error {
			if m == "stash 1" {
				if fails++; fails <= 2 {
					return errFails
				}
			}
			return nil
		}
		got, letters, _ := runSteps(t, tireless, runtime.Props[string]{Redeliver: 1}, func(m string) error {
			if m == "bad" {
				return errFails
			}
			return fail(m)
		}, "stash 1", "stash 2", "bad", "a")
		want := []string{
			"1:stash 1", "1:stash 2", "1:bad",
			"2:stash 1", "3:stash 1", // a dead letter now
			"4:stash 2", "4:bad", "5:a",
		}
		if !slices.Equal(got, want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
		letters.check(t, "stash 1", "bad")
	})
}

func TestResumeKeepsTheInstance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got, letters, ref := runSteps(t, resuming, runtime.Props[string]{Redeliver: 1}, failOn("b", 3),
			"a", "b", "stash 1", "b", "c", "unstash")
		want := []string{"1:a", "1:b", "1:b", "1:stash 1", "1:b", "1:b", "1:c", "1:unstash", "1:stash 1"}
		if !slices.Equal(got, want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
		letters.check(t, "b")
		checkStats(t, ref.Stats(), runtime.Stats{
			Sent: 6, Handled: 4, DeadLettered: 1, Queued: 1, Failed: 3, Redelivered: 2, Actors: 1,
		})
	})
}

func TestAskWhoseMessageIsRedeliveredIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t, tireless)
		tries := 0
		ref := spawn(t, system, runtime.Props[request]{Redeliver: 2, New: always(
			func(_ *runtime.Context[request], m request) error {
				if tries++; tries <= 2 {
					return errFails
				}
				m.Send(tries)
				return nil
			})})
		ask := func(r runtime.Reply[int]) request { return request{Reply: r} }
		if n, err := runtime.Ask(context.Background(), ref, ask); n != 3 || err != nil {
			t.Errorf("got %d, %v, want 3", n, err)
		}
		tries = -5
		if _, err := runtime.Ask(context.Background(), ref, ask); !errors.Is(err, errFails) {
			t.Errorf("got %v, want the failure", err)
		}
	})
}
