package main

import (
	"github.com/asaskevich/EventBus"
	"github.com/asynkron/protoactor-go/actor"
	"github.com/asynkron/protoactor-go/eventstream"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
	"github.com/troupe-go/troupe/benchmarks/internal/contest"
	"github.com/troupe-go/troupe/benchmarks/internal/patterns"
)

const aboutBroadcasts = `Time of a delivery, of a number that one goroutine publishes to 1,000 subscribers.
channel: one of 1,024 and a goroutine for each. EventStream: that of Proto.Actor, whose subscribers are functions that the
publisher runs; to actors: each of these functions sends to a Proto.Actor actor, whose mailbox has no bound.
EventBus: functions that the publisher runs, through reflection; async: a goroutine for each delivery.
troupe: broadcast.Topic, of whom the subscribers are actors (refs) or functions, each with a mailbox of its own.`

func broadcastRows() []bench.Row {
	return patterns.BroadcastRows(
		patterns.Rival{Contender: patterns.Broadcast("EventStream", streamFunctions)},
		patterns.Rival{Contender: patterns.Broadcast("EventStream to actors", streamActors), Aim: 0.15},
		patterns.Rival{Contender: patterns.Broadcast("EventBus", busFunctions)},
		patterns.Rival{Contender: patterns.Broadcast("EventBus async", busAsync)},
	)
}

func streamFunctions(audience *[patterns.Audience]patterns.Listener) (func(int), func()) {
	stream := eventstream.NewEventStream()
	for i := range audience {
		stream.Subscribe(func(m any) { audience[i].Hear(m.(int)) })
	}
	return func(m int) { stream.Publish(m) }, func() {}
}

func streamActors(audience *[patterns.Audience]patterns.Listener) (func(int), func()) {
	system, end := contest.Proto()
	stream := eventstream.NewEventStream() // the system's own has subscribers of its own
	for i := range audience {
		pid := system.Root.Spawn(contest.ProtoProps(func(_ actor.Context, m int) { audience[i].Hear(m) }))
		stream.Subscribe(func(m any) { system.Root.Send(pid, m) })
	}
	return func(m int) { stream.Publish(m) }, end
}

const topic = "numbers"

func busFunctions(audience *[patterns.Audience]patterns.Listener) (func(int), func()) {
	bus := EventBus.New()
	for i := range audience {
		check(bus.Subscribe(topic, audience[i].Hear))
	}
	return func(m int) { bus.Publish(topic, m) }, func() {}
}

func busAsync(audience *[patterns.Audience]patterns.Listener) (func(int), func()) {
	bus := EventBus.New()
	for i := range audience {
		check(bus.SubscribeAsync(topic, audience[i].HearShared, false))
	}
	return func(m int) { bus.Publish(topic, m) }, bus.WaitAsync
}
