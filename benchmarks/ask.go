package main

import (
	"context"
	"fmt"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/troupe-go/troupe/runtime"
)

var askSection = section{
	name: "ask",
	about: `Time of a question and its answer, one after the other. Whoever asks does so under a deadline: a context made by
context.WithTimeout once, before all questions, for troupe and channel alike; Proto.Actor takes a duration with each
question, and so sets a timer for each. troupe: Ask. channel: a reply channel of its own with each question, and two
selects on ctx.Done(). Proto.Actor: RequestFuture and Result. Outside: a goroutine asks. Handler: an actor does, inside
its handler. Inline: as outside, but the asked one has Props.Inline, so that it may run on the asker's goroutine.`,
	rows: func() []row {
		var rows []row
		for _, from := range []struct {
			name string
			aims []float64
		}{{"outside", []float64{0.55}}, {"handler", []float64{0.55}}, {"inline", []float64{0.12}}} {
			handler := from.name == "handler"
			rows = append(rows, row{
				name:       from.name,
				table:      "Ask",
				label:      []label{{"asked from", from.name}},
				quick:      true,
				aims:       from.aims,
				contenders: []contender{askChannel(), askProto(handler), askTroupe(handler, from.name == "inline")},
			})
		}
		return rows
	},
}

// deadline is when the wait for an answer ends: after all runs.
const deadline = time.Hour

// answered sees to it that each question was answered, by its double.
type answered struct{ sum int }

func (a *answered) check(n int) {
	if want := n * (n - 1); a.sum != want {
		panic(fmt.Sprintf("benchmarks: the sum of %d answers is %d, want %d", n, a.sum, want))
	}
	a.sum = 0
}

func askChannel() contender {
	type question struct {
		of     int
		answer chan<- int
	}
	return contender{channelName, func() runner {
		ctx, cancel := context.WithTimeout(forever, deadline)
		questions := make(chan question)
		go func() {
			for {
				select {
				case q := <-questions:
					q.answer <- 2 * q.of
				case <-ctx.Done():
					return
				}
			}
		}()
		var a answered
		return runner{end: cancel, run: func(n int) {
			for i := range n {
				answer := make(chan int, 1)
				select {
				case questions <- question{i, answer}:
				case <-ctx.Done():
					panic(ctx.Err())
				}
				select {
				case v := <-answer:
					a.sum += v
				case <-ctx.Done():
					panic(ctx.Err())
				}
			}
			a.check(n)
		}}
	}}
}

func askProto(handler bool) contender {
	return contender{protoName, func() runner {
		system, end := newProto()
		asked := system.Root.Spawn(protoProps(func(ctx actor.Context, m int) { ctx.Respond(2 * m) }))
		var a answered
		ask := func(n int, request func(pid *actor.PID, message any, timeout time.Duration) *actor.Future) {
			for i := range n {
				a.sum += must(request(asked, i, deadline).Result()).(int)
			}
			a.check(n)
		}
		if !handler {
			return runner{end: end, run: func(n int) { ask(n, system.Root.RequestFuture) }}
		}
		done := make(chan struct{})
		asker := system.Root.Spawn(protoProps(func(ctx actor.Context, n int) {
			ask(n, ctx.RequestFuture)
			done <- struct{}{}
		}))
		return runner{end: end, run: func(n int) {
			system.Root.Send(asker, n)
			<-done
		}}
	}}
}

func askTroupe(handler, inline bool) contender {
	type question struct {
		of int
		runtime.Reply[int]
	}
	return contender{troupeName, func() runner {
		system, end := newTroupe()
		asked := must(runtime.Spawn(system, runtime.Props[question]{Inline: inline, New: func() runtime.Actor[question] {
			return runtime.Func[question](func(_ *runtime.Context[question], q question) error {
				q.Send(2 * q.of)
				return nil
			})
		}}))
		var a answered
		ask := func(ctx context.Context, n int) {
			for i := range n {
				a.sum += must(runtime.Ask(ctx, asked, func(r runtime.Reply[int]) question { return question{i, r} }))
			}
			a.check(n)
		}
		if !handler {
			ctx, cancel := context.WithTimeout(forever, deadline)
			return runner{run: func(n int) { ask(ctx, n) }, end: func() {
				cancel()
				end()
			}}
		}
		done := make(chan struct{})
		asker := spawn(system, func(ctx *runtime.Context[int], n int) {
			under, cancel := context.WithTimeout(ctx, deadline)
			defer cancel()
			ask(under, n)
			done <- struct{}{}
		})
		return runner{end: end, run: func(n int) {
			tell(forever, asker, n)
			<-done
		}}
	}}
}
