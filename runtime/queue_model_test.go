package runtime_test

import (
	"errors"
	goruntime "runtime"
	"slices"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// A deed is what a handler does with a message.
type deed uint8

const (
	succeed deed = iota
	failByError
	failByPanic
	failByGoexit
	stashIt
	unstashAll
	stashAndUnstash
	unstashAndFail
	stashAndFail
	stopTheActor
	deeds
)

// A scripted message says what is done with it at each try; after the last it succeeds.
type scripted struct {
	id     int
	script []deed
	tries  int // failed ones so far, in the model
}

// A stage is an actor that follows scripts. What became of each try is noted.
type stage struct {
	g     *gate
	tried map[int]int
	notes []int
}

func (s *stage) Receive(ctx *runtime.Context[scripted], m scripted) error {
	s.g.wait()
	s.notes = append(s.notes, m.id)
	d := m.deed(s.tried)
	switch d {
	case stashIt, stashAndUnstash, stashAndFail:
		if err := ctx.Stash(); err != nil && !errors.Is(err, mailbox.ErrFull) {
			panic(err)
		}
	case stopTheActor:
		ctx.Stop()
	}
	switch d {
	case unstashAll, stashAndUnstash, unstashAndFail:
		ctx.Unstash()
	}
	switch d {
	case failByPanic:
		panic("failByPanic")
	case failByGoexit:
		goruntime.Goexit()
	case failByError, unstashAndFail, stashAndFail:
		return errFails
	}
	return nil
}

// deed is the next deed of m's script.
func (m scripted) deed(tried map[int]int) deed {
	n := tried[m.id]
	tried[m.id]++
	if n < len(m.script) {
		return m.script[n]
	}
	return succeed
}

// A modelled actor keeps its messages in three plain lists.
type modelled struct {
	front, stash, queue []scripted
	capacity, redeliver int
	restarts            bool // or resumes
	tried               map[int]int
	notes, dead         []int
	stats               runtime.Stats
}

func (a *modelled) run() {
	a.stats.Sent = uint64(len(a.queue))
	a.stats.Actors = 1
	for a.stats.Actors == 1 && len(a.front)+len(a.queue) > 0 {
		list := &a.front
		if len(a.front) == 0 {
			list = &a.queue
		}
		m := (*list)[0]
		*list = (*list)[1:]
		a.notes = append(a.notes, m.id)
		a.do(m, m.deed(a.tried))
	}
	a.stats.Queued = uint64(len(a.stash))
	if a.stats.Actors == 0 {
		a.stats.Queued = 0
		a.lose(a.front...)
		a.lose(a.stash...)
		a.lose(a.queue...)
	}
}

func (a *modelled) do(m scripted, d deed) {
	unstash := func() { a.front, a.stash = slices.Concat(a.stash, a.front), nil }
	room := a.capacity == mailbox.Unbounded || len(a.stash) < a.capacity
	if d == unstashAll || d == stashAndUnstash || d == unstashAndFail {
		unstash()
	}
	switch d {
	case failByError, failByPanic, failByGoexit, unstashAndFail, stashAndFail:
		a.stats.Failed++
		if m.tries++; m.tries > a.redeliver {
			a.lose(m)
		} else {
			a.stats.Redelivered++
			a.front = append([]scripted{m}, a.front...)
		}
		if a.restarts {
			a.stats.Restarts++
			unstash()
		}
		return
	case stopTheActor:
		a.stats.Actors = 0
	case stashIt, stashAndUnstash:
		if room {
			a.stash = append(a.stash, m)
			return
		}
	}
	a.stats.Handled++
}

func (a *modelled) lose(ms ...scripted) {
	for _, m := range ms {
		a.dead = append(a.dead, m.id)
		a.stats.DeadLettered++
	}
}

// inBubble hides that it is a T, whose deadline rapid would ask for; it means nothing in a bubble, and panics there.
type inBubble struct{ *testing.T }

// Failures, redelivery, stashing and stopping, in any combination, agree with the model in what is tried when, in what
// becomes a dead letter, and in all counts.
func TestQueueAgreesWithAModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		systems := map[bool]*runtime.System{true: newSystem(t, tireless), false: newSystem(t, resuming)}
		var dead []int
		for _, s := range systems {
			s.DeadLetters(func(d runtime.DeadLetter) { dead = append(dead, d.Message.(scripted).id) })
		}
		rapid.Check(inBubble{t}, func(r *rapid.T) {
			script := rapid.SliceOfN(rapid.Map(rapid.Uint8Max(uint8(deeds)-1), func(d uint8) deed { return deed(d) }), 0, 4)
			model := &modelled{
				capacity:  rapid.SampledFrom([]int{1, 2, 5, mailbox.Unbounded}).Draw(r, "capacity"),
				redeliver: rapid.IntRange(0, 3).Draw(r, "redeliver"),
				restarts:  rapid.Bool().Draw(r, "restarts"),
				tried:     map[int]int{},
			}
			g, s := newGate(t), &stage{tried: map[int]int{}}
			s.g = g
			ref := spawn(t, systems[model.restarts], runtime.Props[scripted]{
				Mailbox:   mailbox.Config[scripted]{Capacity: model.capacity},
				Redeliver: model.redeliver,
				New:       func() runtime.Actor[scripted] { return s },
			})
			for id, n := 0, rapid.IntRange(1, 12).Draw(r, "messages"); id < n; id++ {
				m := scripted{id: id, script: script.Draw(r, "script")}
				err := ref.TryTell(m)
				synctest.Wait() // the first is being handled now, and there is room for as many as the capacity is
				if err == nil {
					model.queue = append(model.queue, m)
				}
			}
			dead = nil
			g.open()
			synctest.Wait()
			rejected := ref.Stats().Rejected
			model.run()
			model.stats.Sent += rejected
			model.stats.Rejected = rejected
			if !slices.Equal(s.notes, model.notes) {
				r.Errorf("tried %v\nwant  %v", s.notes, model.notes)
			}
			if !slices.Equal(dead, model.dead) {
				r.Errorf("dead letters %v\nwant         %v", dead, model.dead)
			}
			if got := ref.Stats(); got != model.stats {
				r.Errorf("stats %+v\nwant  %+v", got, model.stats)
			}
			ref.Stop()
			<-ref.Done()
			synctest.Wait()
		})
	})
}
