package main

import (
	"github.com/troupe-go/troupe/benchmarks/internal/bench"
	"github.com/troupe-go/troupe/benchmarks/internal/contest"
)

var latencySection = bench.Section{
	Name: "latency",
	About: `Wake-up: from a tell to the handler of an actor that had nothing to do for half a millisecond. channel: a goroutine
parked on an unbuffered channel.
Urgent: from the tell of an urgent message to its handler, while 100,000 ordinary ones are queued; and how many of those
are handled before it, since its tell began (p50; whoever tells may lose the processor meanwhile) and since its tell
returned (the most). troupe: Priority by 2 Levels. channel: two channels, and a select that looks at the urgent one
first. Proto.Actor: its priority mailbox.
Hop, then block: from a tell inside a handler to the handler of the one told, when the sender then blocks for 50 ms on a
plain channel. Blocked: from one handler 1,000 actors are told, each of which blocks for 50 ms on a plain channel; ms
until all have, in a new system and once more. Idle: the CPU time that the process takes while 10,000 actors, each of
which has handled a message, have nothing to do for 5 s (-quick: 1 s).`,
	Rows: func() []bench.Row {
		percentiles := func(loose50 bool, limit99 float64) []bench.Figure {
			return []bench.Figure{
				{Name: "p50", Unit: "µs", Loose: loose50},
				{Name: "p99", Unit: "µs", Limit: limit99, Loose: true},
				{Name: "p99.9", Unit: "µs", Loose: true},
			}
		}
		return []bench.Row{{
			Name: "wake", Table: "Wake-up of an idle actor", Label: []bench.Label{{Column: "work", Value: "wake-up"}},
			Quick: true, Rounds: 3, Size: 2000, QuickSize: 300,
			Figures:    percentiles(false, 0),
			Contenders: []bench.Contender{waking(contest.ChannelName, channelWake), waking(contest.ProtoName, protoWake), waking(contest.TroupeName, troupeWake)},
		}, {
			Name: "urgent", Table: "Urgent message under a flood", Label: []bench.Label{{Column: "work", Value: "urgent"}},
			Quick: true, Rounds: 3, Size: 1000, QuickSize: 100,
			Figures: append(percentiles(true, 0), // the median of the few that a run has is as loose
				bench.Figure{Name: "handled during, p50", Unit: "messages", Limit: 64, Loose: true},
				bench.Figure{Name: "handled after, max", Unit: "messages", Limit: 64, Loose: true}),
			Contenders: []bench.Contender{flooding(contest.ChannelName, channelFlood), flooding(contest.ProtoName, protoFlood), flooding(contest.TroupeName, troupeFlood)},
		}, {
			Name: "hopblock", Table: "Hop, then block", Label: []bench.Label{{Column: "work", Value: "hop"}},
			Quick: true, Rounds: 3, Size: 40, QuickSize: 5,
			Figures:    percentiles(false, 1000),
			Contenders: []bench.Contender{hopBlocking(contest.ChannelName, channelHopBlock), hopBlocking(contest.ProtoName, protoHopBlock), hopBlocking(contest.TroupeName, troupeHopBlock)},
		}, {
			Name: "blocked", Table: "Blocked, all at once", Label: []bench.Label{{Column: "work", Value: "block 50 ms"}},
			Quick: true, Rounds: 5, Size: 1000, QuickSize: 1000,
			Figures:    []bench.Figure{{Name: "first", Unit: "ms", Limit: 75}, {Name: "second", Unit: "ms", Limit: 60}},
			Contenders: []bench.Contender{allBlocking(contest.ChannelName, channelBlockers), allBlocking(contest.ProtoName, protoBlockers), allBlocking(contest.TroupeName, troupeBlockers)},
		}, {
			Name: "idle", Table: "CPU time of idle actors", Label: []bench.Label{{Column: "work", Value: "nothing"}},
			Quick: true, Rounds: 1, Size: 5000, QuickSize: 1000, // ms
			Figures:    []bench.Figure{{Name: "CPU", Unit: "ms/s", Loose: true}},
			Contenders: []bench.Contender{idling(contest.ChannelName, channelCrowd), idling(contest.ProtoName, protoCrowd), idling(contest.TroupeName, troupeCrowd)},
		}}
	},
}
