package runtime_test

import (
	"errors"
	"fmt"
	"io"
	goruntime "runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	logrustest "github.com/sirupsen/logrus/hooks/test"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// deadActor makes a dead letter of each number that it is told.
func deadActor(t *testing.T, system *runtime.System) runtime.Ref[int] {
	t.Helper()
	return spawnFunc(t, system, func(*runtime.Context[int], int) error { return errFails })
}

func TestDeadLettersSayWhatWhereAndWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t, stopping)
		letters := collectDeadLetters(system)
		var paths []string
		do := func(messages ...act) {
			t.Helper()
			g := newGate(t)
			ref := spawn(t, system, runtime.Props[act]{
				New: performer, Mailbox: mailbox.Config[act]{Capacity: 2, Overflow: mailbox.DropOldest},
			})
			paths = append(paths, ref.Path())
			tell(t, ref, func(*runtime.Context[act]) error { g.wait(); return nil })
			synctest.Wait()
			tell(t, ref, messages...)
			g.open()
			synctest.Wait()
		}
		do(fails)
		do(func(*runtime.Context[act]) error { panic("no") })
		do(func(*runtime.Context[act]) error { goruntime.Goexit(); return nil })
		do(stopSelf, fine)
		do(fails, fine)
		do(fine, fine, fine)

		all := letters.list()
		if len(all) != 7 {
			t.Fatalf("%d dead letters, want 7", len(all))
		}
		var panicked *runtime.PanicError
		for i, want := range []struct {
			actor int
			text  string
			is    func(error) bool
		}{
			{0, "it fails", func(err error) bool { return err == errFails }},
			{1, "panic: no", func(err error) bool { return errors.As(err, &panicked) }},
			{2, "runtime: handler called Goexit", func(err error) bool { return errors.Is(err, runtime.ErrGoexit) }},
			{3, "runtime: stopped: " + paths[3], func(err error) bool { return errors.Is(err, runtime.ErrStopped) }},
			{4, "it fails", func(err error) bool { return err == errFails }},
			{4, "runtime: stopped: " + paths[4] + ": it fails", func(err error) bool {
				return errors.Is(err, runtime.ErrStopped) && errors.Is(err, errFails)
			}},
			{5, "mailbox: full", func(err error) bool { return errors.Is(err, mailbox.ErrFull) }},
		} {
			got := all[i]
			if got.Target != paths[want.actor] || !want.is(got.Reason) || got.Reason.Error() != want.text {
				t.Errorf("%d: got  %s: %v\nwant %s: %s", i, got.Target, got.Reason, paths[want.actor], want.text)
			}
		}
	})
}

// Each subscriber is told of all from its subscription on, in order, one at a time, whatever the others do.
func TestDeadLetterSubscribersAreAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t, tireless)
		g := newGate(t)
		var slow, broken, gone []int
		system.DeadLetters(func(d runtime.DeadLetter) { g.wait(); slow = append(slow, d.Message.(int)) })
		system.DeadLetters(func(d runtime.DeadLetter) { broken = append(broken, d.Message.(int)); panic("subscriber") })
		system.DeadLetters(func(d runtime.DeadLetter) { gone = append(gone, d.Message.(int)); goruntime.Goexit() })
		ref := deadActor(t, system)
		var want []int
		for i := range 100 {
			tell(t, ref, i)
			want = append(want, i)
		}
		synctest.Wait()
		if len(slow) != 0 || !slices.Equal(broken, want) || !slices.Equal(gone, want) {
			t.Errorf("told %v, %v, %v: want nothing, and twice all in order", slow, broken, gone)
		}
		late := collectDeadLetters(system)
		tell(t, ref, 100)
		g.open()
		synctest.Wait()
		if !slices.Equal(slow, append(want, 100)) {
			t.Errorf("the slow one was told %v, want all in order", slow)
		}
		late.check(t, 100)
	})
}

// A subscriber may use the system, as long as it does not wait for its end.
func TestDeadLetterSubscriberMaySendThemElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t), &journal{}
		second := spawnFunc(t, system, func(_ *runtime.Context[any], m any) error { j.add("%v", m); return nil })
		system.DeadLetters(func(d runtime.DeadLetter) {
			if err := second.TryTell(d.Message); err != nil {
				t.Error(err)
			}
		})
		tell(t, deadActor(t, system), 1, 2, 3)
		synctest.Wait()
		j.check(t, "1", "2", "3")
	})
}

func TestDeadLettersWithANilFunction(t *testing.T) {
	defer func() {
		if v := recover(); v != "runtime: DeadLetters(nil): want a function" {
			t.Errorf("recovered %v", v)
		}
	}()
	newSystem(t).DeadLetters(nil)
}

func TestDeadLettersAreLoggedButNotAllOfThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, hook := logrustest.NewNullLogger()
		log.SetOutput(io.Discard)
		config := resuming
		config.Logger = log
		system := newSystem(t, config)
		ref := deadActor(t, system)
		logged := func() (n int, last map[string]any) {
			for _, e := range hook.AllEntries() {
				if e.Message == "dead letter: int" {
					n, last = n+1, e.Data
				}
			}
			hook.Reset()
			return n, last
		}
		for i := range 100 {
			tell(t, ref, i)
		}
		synctest.Wait()
		n, last := logged()
		if n != 10 || last["actor"] != ref.Path() || fmt.Sprint(last["cause"]) != "it fails" {
			t.Errorf("%d lines, the last with %v: want 10, with the path and the cause", n, last)
		}
		elapse(time.Second)
		tell(t, ref, 100)
		synctest.Wait()
		if n, last := logged(); n != 1 || last["unlogged"] != uint64(90) {
			t.Errorf("%d lines, the last with %v: want 1, which says that 90 were not logged", n, last)
		}
	})
}
