package main

import (
	"math"
	"slices"
	"time"
)

var latencySection = section{
	name: "latency",
	about: `Wake-up: from a tell to the handler of an actor that had nothing to do for half a millisecond. channel: a goroutine
parked on an unbuffered channel.
Urgent: from the tell of an urgent message to its handler, while 100,000 ordinary ones are queued; and how many of those
are handled before it, since its tell began (p50; whoever tells may lose the processor meanwhile) and since its tell
returned (the most). troupe: Priority by 2 Levels. channel: two channels, and a select that looks at the urgent one
first. Proto.Actor: its priority mailbox.
Hop, then block: from a tell inside a handler to the handler of the one told, when the sender then blocks for 50 ms on a
plain channel. Blocked: from one handler 1,000 actors are told, each of which blocks for 50 ms on a plain channel; ms
until all have, in a new system and once more. Idle: the CPU time that the process takes while 10,000 actors, each of
which has handled a message, have nothing to do for 5 s (-quick: 1 s).`,
	rows: func() []row {
		percentiles := func(loose50 bool, limit99 float64) []figure {
			return []figure{
				{name: "p50", unit: "µs", loose: loose50},
				{name: "p99", unit: "µs", limit: limit99, loose: true},
				{name: "p99.9", unit: "µs", loose: true},
			}
		}
		return []row{{
			name: "wake", table: "Wake-up of an idle actor", label: []label{{"work", "wake-up"}},
			quick: true, rounds: 3, size: 2000, quickSize: 300,
			figures:    percentiles(false, 0),
			contenders: []contender{waking(channelName, channelWake), waking(protoName, protoWake), waking(troupeName, troupeWake)},
		}, {
			name: "urgent", table: "Urgent message under a flood", label: []label{{"work", "urgent"}},
			quick: true, rounds: 3, size: 1000, quickSize: 100,
			figures: append(percentiles(true, 0), // the median of the few that a run has is as loose
				figure{name: "handled during, p50", unit: "messages", limit: 64, loose: true},
				figure{name: "handled after, max", unit: "messages", limit: 64, loose: true}),
			contenders: []contender{flooding(channelName, channelFlood), flooding(protoName, protoFlood), flooding(troupeName, troupeFlood)},
		}, {
			name: "hopblock", table: "Hop, then block", label: []label{{"work", "hop"}},
			quick: true, rounds: 3, size: 40, quickSize: 5,
			figures:    percentiles(false, 1000),
			contenders: []contender{hopBlocking(channelName, channelHopBlock), hopBlocking(protoName, protoHopBlock), hopBlocking(troupeName, troupeHopBlock)},
		}, {
			name: "blocked", table: "Blocked, all at once", label: []label{{"work", "block 50 ms"}},
			quick: true, rounds: 5, size: 1000, quickSize: 1000,
			figures:    []figure{{name: "first", unit: "ms", limit: 75}, {name: "second", unit: "ms", limit: 60}},
			contenders: []contender{allBlocking(channelName, channelBlockers), allBlocking(protoName, protoBlockers), allBlocking(troupeName, troupeBlockers)},
		}, {
			name: "idle", table: "CPU time of idle actors", label: []label{{"work", "nothing"}},
			quick: true, rounds: 1, size: 5000, quickSize: 1000, // ms
			figures:    []figure{{name: "CPU", unit: "ms/s", loose: true}},
			contenders: []contender{idling(channelName, channelCrowd), idling(protoName, protoCrowd), idling(troupeName, troupeCrowd)},
		}}
	},
}

// ranks returns the 50th, 99th and 99.9th percentile, in µs: of few latencies the last is the highest. It sorts took.
func ranks(took []time.Duration) []float64 {
	slices.Sort(took)
	var figures []float64
	for _, share := range []float64{0.5, 0.99, 0.999} {
		i := int(math.Ceil(share*float64(len(took)))) - 1
		figures = append(figures, float64(took[i].Nanoseconds())/1e3)
	}
	return figures
}
