package main

import (
	"context"
	"fmt"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
	"github.com/troupe-go/troupe/benchmarks/internal/contest"
	"github.com/troupe-go/troupe/runtime"
)

var askSection = bench.Section{
	Name: "ask",
	About: `Time of a question and its answer, one after the other. Whoever asks does so under a deadline: a context made by
context.WithTimeout once, before all questions, for troupe and channel alike; Proto.Actor takes a duration with each
question, and so sets a timer for each. troupe: Ask. channel: a reply channel of its own with each question, and two
selects on ctx.Done(). Proto.Actor: RequestFuture and Result. Outside: a goroutine asks. Handler: an actor does, inside
its handler. Inline: as outside, but the asked one has Props.Inline, so that it may run on the asker's goroutine.`,
	Rows: func() []bench.Row {
		var rows []bench.Row
		for _, from := range []struct {
			name string
			aims []float64
		}{{"outside", []float64{0.55}}, {"handler", []float64{0.55}}, {"inline", []float64{0.12}}} {
			handler := from.name == "handler"
			rows = append(rows, bench.Row{
				Name:       from.name,
				Table:      "Ask",
				Label:      []bench.Label{{Column: "asked from", Value: from.name}},
				Quick:      true,
				Aims:       from.aims,
				Contenders: []bench.Contender{askChannel(), askProto(handler), askTroupe(handler, from.name == "inline")},
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

func askChannel() bench.Contender {
	type question struct {
		of     int
		answer chan<- int
	}
	return bench.Contender{Name: contest.ChannelName, Prepare: func() bench.Runner {
		ctx, cancel := context.WithTimeout(contest.Forever, deadline)
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
		return bench.Runner{End: cancel, Run: func(n int) {
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

func askProto(handler bool) bench.Contender {
	return bench.Contender{Name: contest.ProtoName, Prepare: func() bench.Runner {
		system, end := contest.Proto()
		asked := system.Root.Spawn(contest.ProtoProps(func(ctx actor.Context, m int) { ctx.Respond(2 * m) }))
		var a answered
		ask := func(n int, request func(pid *actor.PID, message any, timeout time.Duration) *actor.Future) {
			for i := range n {
				a.sum += contest.Must(request(asked, i, deadline).Result()).(int)
			}
			a.check(n)
		}
		if !handler {
			return bench.Runner{End: end, Run: func(n int) { ask(n, system.Root.RequestFuture) }}
		}
		done := make(chan struct{})
		asker := system.Root.Spawn(contest.ProtoProps(func(ctx actor.Context, n int) {
			ask(n, ctx.RequestFuture)
			done <- struct{}{}
		}))
		return bench.Runner{End: end, Run: func(n int) {
			system.Root.Send(asker, n)
			<-done
		}}
	}}
}

func askTroupe(handler, inline bool) bench.Contender {
	type question struct {
		of int
		runtime.Reply[int]
	}
	return bench.Contender{Name: contest.TroupeName, Prepare: func() bench.Runner {
		system, end := contest.Troupe()
		asked := contest.Must(runtime.Spawn(system, runtime.Props[question]{Inline: inline, New: func() runtime.Actor[question] {
			return runtime.Func[question](func(_ *runtime.Context[question], q question) error {
				q.Send(2 * q.of)
				return nil
			})
		}}))
		var a answered
		ask := func(ctx context.Context, n int) {
			for i := range n {
				a.sum += contest.Must(runtime.Ask(ctx, asked, func(r runtime.Reply[int]) question { return question{i, r} }))
			}
			a.check(n)
		}
		if !handler {
			ctx, cancel := context.WithTimeout(contest.Forever, deadline)
			return bench.Runner{Run: func(n int) { ask(ctx, n) }, End: func() {
				cancel()
				end()
			}}
		}
		done := make(chan struct{})
		asker := contest.Spawn(system, func(ctx *runtime.Context[int], n int) {
			under, cancel := context.WithTimeout(ctx, deadline)
			defer cancel()
			ask(under, n)
			done <- struct{}{}
		})
		return bench.Runner{End: end, Run: func(n int) {
			contest.Tell(contest.Forever, asker, n)
			<-done
		}}
	}}
}
