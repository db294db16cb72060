package main

import (
	"sync"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/troupe-go/troupe/runtime"
)

var spawnSection = section{
	name: "spawn",
	about: `Spawn: time of one, until the call returns; all stay alive, and are stopped off the clock. troupe: SpawnFunc, without
a name. channel: make(chan int) and a go statement. Proto.Actor: Root.Spawn.
Memory: by how much HeapAlloc and StackInuse grow for each of 100,000 (-quick: 20,000) that wait for their first message;
told: that have answered one, and wait again.
All at once: 1,000,000 (-quick: 20,000) are spawned, and then each is asked, answers, and stops. Or 100,000 (20,000) are
spawned, and then each is told, answers to one collector, and stops: where the collector's mailbox is bounded, at 1,024,
many wait for its room. The peak is of HeapInuse and StackInuse of the process, garbage included, looked at every 2 ms.`,
	rows: spawnRows,
}

func spawnRows() []row {
	rows := []row{{
		name:       "spawn",
		table:      "Spawn",
		label:      []label{{"work", "spawn"}},
		quick:      true,
		aims:       []float64{0.5, 0.15},
		contenders: []contender{spawnChannel(), spawnProto(), spawnTroupe()},
	}, {
		name:      "idle",
		table:     "Memory of an idle actor",
		label:     []label{{"work", "wait"}},
		quick:     true,
		rounds:    3,
		size:      100_000,
		quickSize: 20_000,
		figures:   []figure{{name: "new", unit: "B", limit: 320}, {name: "told", unit: "B"}},
		contenders: []contender{
			idleCrowd(channelName, channelCrowd), idleCrowd(protoName, protoCrowd), idleCrowd(troupeName, troupeCrowd),
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
		rows = append(rows, row{
			name:      r.name,
			table:     "All at once: spawned, each answering a message, stopped",
			label:     []label{{"actors", r.title}},
			quick:     true,
			rounds:    3,
			size:      r.size,
			quickSize: r.quickSize,
			figures:   []figure{{name: "time", unit: "ms"}, {name: "peak", unit: "MiB", limit: 1024}},
			contenders: []contender{
				wholeLife(channelName, channelCrowd, r.busy), wholeLife(protoName, protoCrowd, r.busy), wholeLife(troupeName, troupeCrowd, r.busy),
			},
		})
	}
	return rows
}

func spawnChannel() contender {
	return contender{channelName, func() runner {
		var alive []chan int
		var all sync.WaitGroup
		return runner{
			run: func(n int) {
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
			after: func() {
				for _, messages := range alive {
					close(messages)
				}
				all.Wait()
				alive = alive[:0]
			},
		}
	}}
}

func spawnProto() contender {
	return contender{protoName, func() runner {
		system, end := newProto()
		var alive []*actor.PID
		props := protoProps(func(actor.Context, int) {})
		return runner{
			run: func(n int) {
				for range n {
					alive = append(alive, system.Root.Spawn(props))
				}
			},
			after: func() {
				for _, pid := range alive {
					if err := system.Root.StopFuture(pid).Wait(); err != nil {
						panic(err)
					}
				}
				alive = alive[:0]
			},
			end: end,
		}
	}}
}

func spawnTroupe() contender {
	return contender{troupeName, func() runner {
		system, end := newTroupe()
		var alive []runtime.Ref[int]
		nothing := func(*runtime.Context[int], int) error { return nil }
		return runner{
			run: func(n int) {
				for range n {
					alive = append(alive, must(runtime.SpawnFunc(system, "", nothing)))
				}
			},
			after: func() {
				for _, ref := range alive {
					ref.Stop()
				}
				for _, ref := range alive {
					<-ref.Done()
				}
				alive = alive[:0]
			},
			end: end,
		}
	}}
}
