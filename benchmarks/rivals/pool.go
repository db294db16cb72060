package main

import (
	"github.com/alitto/pond/v2"
	"github.com/panjf2000/ants/v2"
	"github.com/sourcegraph/conc/pool"
	"golang.org/x/sync/errgroup"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
	"github.com/troupe-go/troupe/benchmarks/internal/contest"
	"github.com/troupe-go/troupe/benchmarks/internal/patterns"
)

const aboutPools = `Tiny jobs from 1 or 8 goroutines to 8 workers, until all are done. A result each: one goroutine has 256 jobs in flight, and
takes their results in order. A burst: 8 goroutines hand 256 jobs in, of some microseconds each; time from the burst's begin
until each is done.
channel: goroutines that range over one of 1,024; the channels for results are made once, or (new channel) for each job.
ants: Submit, which has no queue. pond: Go, and Submit, which returns a task; its queue has no bound, as it comes.
conc: pool.Pool. errgroup: with a limit; a goroutine for each job. troupe: Go and Submit of workerpool.Pool.`

// A library is a pool that can be handed jobs without a result.
type library struct {
	name string
	open patterns.PoolMaker
}

var libraries = []library{
	{"ants", antsPool}, {"pond Go", pondGo}, {"pond Submit", pondSubmit}, {"conc", concPool}, {"errgroup", errgroupPool},
}

func poolRows() []bench.Row {
	rows := patterns.PoolRows(func(j patterns.Jobs) []patterns.Rival {
		var rivals []patterns.Rival
		for _, l := range libraries {
			rivals = append(rivals, patterns.Rival{Contender: j.Contender(l.name, l.open), Aim: 0.7})
		}
		return rivals
	})
	var waits []patterns.Rival
	for _, l := range libraries {
		waits = append(waits, patterns.Rival{Contender: patterns.Waits(l.name, l.open), Aim: 1})
	}
	return append(rows,
		patterns.ResultRow(patterns.Rival{Contender: patterns.Results("pond", pondResults), Aim: 0.5}),
		patterns.WaitRow(waits...))
}

func antsPool(done func(int)) (func(int), func()) {
	p := contest.Must(ants.NewPool(patterns.Workers))
	return func(i int) { check(p.Submit(func() { done(i) })) }, func() { check(p.ReleaseContext(contest.Forever)) }
}

func pondGo(done func(int)) (func(int), func()) {
	p := pond.NewPool(patterns.Workers)
	return func(i int) { check(p.Go(func() { done(i) })) }, p.StopAndWait
}

func pondSubmit(done func(int)) (func(int), func()) {
	p := pond.NewPool(patterns.Workers)
	return func(i int) { p.Submit(func() { done(i) }) }, p.StopAndWait
}

func pondResults() (func(int) pond.ResultTask[int], func(pond.ResultTask[int]) int, func()) {
	p := pond.NewResultPool[int](patterns.Workers)
	submit := func(i int) pond.ResultTask[int] { return p.Submit(func() int { return patterns.Double(i) }) }
	return submit, func(r pond.ResultTask[int]) int { return contest.Must(r.Wait()) }, p.StopAndWait
}

func concPool(done func(int)) (func(int), func()) {
	p := pool.New().WithMaxGoroutines(patterns.Workers)
	return func(i int) { p.Go(func() { done(i) }) }, p.Wait
}

func errgroupPool(done func(int)) (func(int), func()) {
	var g errgroup.Group
	g.SetLimit(patterns.Workers)
	submit := func(i int) {
		g.Go(func() error {
			done(i)
			return nil
		})
	}
	return submit, func() { check(g.Wait()) }
}
