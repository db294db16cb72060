package lock_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"

	"github.com/troupe-go/troupe/patterns/lock"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// model is what a Mutex with a Condition should be, in the simplest words.
type model struct {
	m *lock.Mutex
	c *lock.Condition

	holder *user
	// lockers wait for the lock, in order. Those that one Notify has woken are one group: each may come first.
	lockers   [][]*user
	waiters   []*user // for a Notify, in order
	past      []lock.Hold
	reclaimed uint64
}

// A user is one that locks, and may wait, until it unlocks.
type user struct {
	actor  runtime.Ref[act] // zero: a plain goroutine
	cancel context.CancelFunc
	got    <-chan result // what it waits for
	hold   lock.Hold
	want   error // of its Wait, or Lock
	ended  bool  // it has crashed since it was woken
}

// settle has the lock handed on as far as it goes, and expects that it was.
func (s *model) settle(t *rapid.T) {
	synctest.Wait()
	for s.holder == nil && len(s.lockers) > 0 {
		var left []*user
		lives := false
		for _, u := range s.lockers[0] {
			switch {
			case len(u.got) == 0 || s.holder != nil:
				left = append(left, u)
				lives = lives || !u.ended
			case u.ended:
				s.expect(t, u, lock.ErrUnlocked)
				u.cancel()
			default:
				s.expect(t, u, u.want)
				s.holder = u
			}
		}
		if s.holder == nil && lives {
			t.Fatalf("the lock is free, and of %d first in line nobody got it", len(left))
		}
		if s.lockers[0] = left; len(left) == 0 {
			s.lockers = s.lockers[1:]
		}
	}
	s.check(t)
}

func (s *model) expect(t *rapid.T, u *user, want error) {
	r := <-u.got
	if r.err != want {
		t.Fatalf("a wait returns %v, want %v", r.err, want)
	}
	if u.hold == (lock.Hold{}) {
		u.hold = r.hold
	}
}

func (s *model) check(t *rapid.T) {
	want := lock.Stats{Locked: s.holder != nil, Reclaimed: s.reclaimed}
	for _, group := range s.lockers {
		want.Waiting += len(group)
		for _, u := range group {
			if len(u.got) > 0 {
				t.Fatalf("one that waits for the lock has returned %v", <-u.got)
			}
		}
	}
	for i, u := range s.waiters {
		if len(u.got) > 0 {
			t.Fatalf("wait %d for a Notify has returned %v", i, <-u.got)
		}
	}
	if got := s.m.Stats(); got != want {
		t.Fatalf("stats are %+v, want %+v", got, want)
	}
	if got := s.c.Waiting(); got != len(s.waiters) {
		t.Fatalf("%d wait for a Notify, want %d", got, len(s.waiters))
	}
}

// ask has the user lock, each in its way.
func (u *user) ask(t testing.TB, s *runtime.System, inActor bool, how func(context.Context) (lock.Hold, error)) {
	got := make(chan result, 1)
	u.got = got
	if !inActor {
		var ctx context.Context
		ctx, u.cancel = context.WithCancel(context.Background())
		go func() {
			hold, err := how(ctx)
			got <- result{hold, err}
		}()
		return
	}
	u.actor = newActor(t, s, "")
	cancels := make(chan context.CancelFunc, 1)
	tell(t, u.actor, func(ctx *runtime.Context[act]) error {
		derived, cancel := context.WithCancel(ctx)
		cancels <- cancel
		hold, err := how(derived)
		got <- result{hold, err}
		return nil
	})
	u.cancel = <-cancels
}

func TestMutexAndConditionAgreeWithModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t, supervisor.Config{MaxRestarts: supervisor.Unlimited})
		rapid.Check(noDeadline{t}, func(rt *rapid.T) { checkModel(t, rt, system) })
	})
}

// noDeadline hides a test's deadline, which must not be asked for in a bubble.
type noDeadline struct{ testing.TB }

func checkModel(outer *testing.T, rt *rapid.T, system *runtime.System) {
	m, err := lock.NewMutex(system, lock.Config{})
	if err != nil {
		rt.Fatal(err)
	}
	s := &model{m: m, c: lock.NewCondition(m)}
	var users []*user
	defer func() {
		m.Stop()
		for _, u := range users {
			u.actor.Stop()
		}
		synctest.Wait()
		for _, u := range users {
			u.cancel()
		}
	}()
	actor := rapid.Bool()
	begin := func(t *rapid.T, how func(context.Context) (lock.Hold, error)) *user {
		u := &user{}
		u.ask(outer, system, actor.Draw(t, "actor"), how)
		users = append(users, u)
		synctest.Wait()
		return u
	}
	finish := func(t *rapid.T, u *user) {
		s.holder = nil
		s.past = append(s.past, u.hold)
		s.settle(t)
	}
	rt.Repeat(map[string]func(*rapid.T){
		"lock": func(t *rapid.T) {
			s.lockers = append(s.lockers, []*user{begin(t, m.Lock)})
			s.settle(t)
		},
		"try": func(t *rapid.T) {
			u := begin(t, m.TryLock)
			if s.holder != nil {
				s.expect(t, u, lock.ErrLocked)
				return
			}
			s.expect(t, u, nil)
			s.holder = u
			s.check(t)
		},
		"unlock": func(t *rapid.T) {
			u := s.needHolder(t)
			if err := u.hold.Unlock(); err != nil {
				t.Fatalf("Unlock returns %v", err)
			}
			finish(t, u)
		},
		"wait": func(t *rapid.T) {
			u := s.needHolder(t)
			ctx, cancel := context.WithCancel(context.Background())
			got := make(chan result, 1)
			u.cancel, u.got, u.want = cancel, got, nil
			go func() { got <- result{err: s.c.Wait(ctx, u.hold)} }()
			s.holder, s.waiters = nil, append(s.waiters, u)
			s.settle(t)
		},
		"notify": func(t *rapid.T) {
			u := s.needHolder(t)
			n := rapid.IntRange(0, 5).Draw(t, "n")
			if err := s.c.Notify(u.hold, n); err != nil {
				t.Fatalf("Notify returns %v", err)
			}
			if n = min(n, len(s.waiters)); n > 0 {
				s.lockers = append(s.lockers, slices.Clone(s.waiters[:n]))
				s.waiters = s.waiters[n:]
			}
			s.settle(t)
		},
		"cancel": func(t *rapid.T) {
			if i := len(s.waiters); i > 0 && rapid.Bool().Draw(t, "wait") {
				i = rapid.IntRange(0, i-1).Draw(t, "which")
				u := s.waiters[i]
				s.waiters = slices.Delete(s.waiters, i, i+1)
				u.cancel()
				u.want = context.Canceled
				s.lockers = append(s.lockers, []*user{u})
				s.settle(t)
				return
			}
			if len(s.lockers) == 0 {
				t.Skip("nobody waits")
			}
			i := rapid.IntRange(0, len(s.lockers)-1).Draw(t, "which")
			u := s.lockers[i][0]
			u.cancel()
			synctest.Wait()
			if u.hold == (lock.Hold{}) { // or else its Wait only ends with the lock
				s.expect(t, u, context.Canceled)
				s.lockers = slices.Delete(s.lockers, i, i+1)
			}
			s.settle(t)
		},
		"crash": func(t *rapid.T) {
			u := s.holder
			if i := len(s.waiters); i > 0 && rapid.Bool().Draw(t, "waiter") {
				u = s.waiters[rapid.IntRange(0, i-1).Draw(t, "which")]
			} else if i := len(s.lockers); i > 0 && rapid.Bool().Draw(t, "locker") {
				u = s.lockers[rapid.IntRange(0, i-1).Draw(t, "which")][0]
			}
			if u == nil || u.actor == (runtime.Ref[act]{}) || u.hold == (lock.Hold{}) || u.ended {
				t.Skip("no actor that has had the lock")
			}
			tell(outer, u.actor, func(*runtime.Context[act]) error { return errors.New("on purpose") })
			synctest.Wait()
			if u == s.holder {
				s.reclaimed++
				finish(t, u)
				return
			}
			u.ended = true
			if i := slices.Index(s.waiters, u); i >= 0 {
				s.waiters = slices.Delete(s.waiters, i, i+1)
				s.expect(t, u, lock.ErrUnlocked)
				u.cancel()
			}
			s.settle(t)
		},
		"use a hold that does not count": func(t *rapid.T) {
			holds := slices.Clone(s.past)
			for _, u := range s.waiters {
				holds = append(holds, u.hold)
			}
			for _, hold := range append(holds, lock.Hold{}) {
				if err := errors.Join(hold.Unlock(), s.c.NotifyAll(hold)); err == nil || err.Error() !=
					errors.Join(lock.ErrUnlocked, lock.ErrUnlocked).Error() {
					t.Fatalf("Unlock and NotifyAll return %v, want ErrUnlocked", err)
				}
			}
			s.settle(t)
		},
	})
}

func (s *model) needHolder(t *rapid.T) *user {
	if s.holder == nil {
		t.Skip("nobody has the lock")
	}
	return s.holder
}
