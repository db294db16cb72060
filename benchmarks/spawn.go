package main

import (
	"sync"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
	"github.com/troupe-go/troupe/benchmarks/internal/contest"
	"github.com/troupe-go/troupe/runtime"
)

var spawnSection = bench.Section{
	Name: "spawn",
	About: `Spawn: time of one, until the call returns; all stay alive, and are stopped off the clock. troupe: SpawnFunc, without
a name. channel: make(chan int) and a go statement. Proto.Actor: Root.Spawn.
Memory: by how much HeapAlloc and StackInuse grow for each of 100,000 (-quick: 20,000) that wait for their first message;
told: that have answered one, and wait again.
All at once: 1,000,000 (-quick: 20,000) are spawned, and then each is asked, answers, and stops. Or 100,000 (20,000) are
spawned, and then each is told, answers to one collector, and stops: where the collector's mailbox is bounded, at 1,024,
many wait for its room. The peak is of HeapInuse and StackInuse of the process, garbage included, looked at every 2 ms.`,
	Rows: spawnRows,
}

func spawnRows() []bench.Row {
	rows := []bench.Row{{
		Name:       "spawn",
		Table:      "Spawn",
		Label:      []bench.Label{{Column: "work", Value: "spawn"}},
		Quick:      true,
		Aims:       []float64{0.5, 0.15},
		Contenders: []bench.Contender{spawnChannel(), spawnProto(), spawnTroupe()},
	}, {
		Name:      "idle",
		Table:     "Memory of an idle actor",
		Label:     []bench.Label{{Column: "work", Value: "wait"}},
		Quick:     true,
		Rounds:    3,
		Size:      100_000,
		QuickSize: 20_000,
		Figures:   []bench.Figure{{Name: "new", Unit: "B", Limit: 320}, {Name: "told", Unit: "B"}},
		Contenders: []bench.Contender{
			idleCrowd(contest.ChannelName, channelCrowd), idleCrowd(contest.ProtoName, protoCrowd), idleCrowd(contest.TroupeName, troupeCrowd),
		},
	}}
	for _, r := range []struct {
		name, title     string
		size, quickSize int
		busy            func(c crowd, n int)
	}{
		{"million", "asked one by one", 1_000_000, 20_000, crowd.askAll},
		{"collector", "told; one collector", 100_000, 20_000, crowd.tellAll},
	} {
		rows = append(rows, bench.Row{
			Name:      r.name,
			Table:     "All at once: spawned, each answering a message, stopped",
			Label:     []bench.Label{{Column: "actors", Value: r.title}},
			Quick:     true,
			Rounds:    3,
			Size:      r.size,
			QuickSize: r.quickSize,
			Figures:   []bench.Figure{{Name: "time", Unit: "ms"}, {Name: "peak", Unit: "MiB", Limit: 1024}},
			Contenders: []bench.Contender{
				wholeLife(contest.ChannelName, channelCrowd, r.busy), wholeLife(contest.ProtoName, protoCrowd, r.busy), wholeLife(contest.TroupeName, troupeCrowd, r.busy),
			},
		})
	}
	return rows
}

func spawnChannel() bench.Contender {
	return bench.Contender{Name: contest.ChannelName, Prepare: func() bench.Runner {
		var alive []chan int
		var all sync.WaitGroup
		return bench.Runner{
			Run: func(n int) {
				all.Add(n)
				for range n {
					messages := make(chan int)
					alive = append(alive, messages)
					go func() {
						for range messages {
						}
						all.Done()
					}()
				}
			},
			After: func() {
				for _, messages := range alive {
					close(messages)
				}
				all.Wait()
				alive = alive[:0]
			},
		}
	}}
}

func spawnProto() bench.Contender {
	return bench.Contender{Name: contest.ProtoName, Prepare: func() bench.Runner {
		system, end := contest.Proto()
		var alive []*actor.PID
		props := contest.ProtoProps(func(actor.Context, int) {})
		return bench.Runner{
			Run: func(n int) {
				for range n {
					alive = append(alive, system.Root.Spawn(props))
				}
			},
			After: func() {
				for _, pid := range alive {
					if err := system.Root.StopFuture(pid).Wait(); err != nil {
						panic(err)
					}
				}
				alive = alive[:0]
			},
			End: end,
		}
	}}
}

func spawnTroupe() bench.Contender {
	return bench.Contender{Name: contest.TroupeName, Prepare: func() bench.Runner {
		system, end := contest.Troupe()
		var alive []runtime.Ref[int]
		nothing := func(*runtime.Context[int], int) error { return nil }
		return bench.Runner{
			Run: func(n int) {
				for range n {
					alive = append(alive, contest.Must(runtime.SpawnFunc(system, "", nothing)))
				}
			},
			After: func() {
				for _, ref := range alive {
					ref.Stop()
				}
				for _, ref := range alive {
					<-ref.Done()
				}
				alive = alive[:0]
			},
			End: end,
		}
	}}
}
