// Rivals measures the patterns beside the libraries that people use today, and beside channels, on the same work.
//
//	go run .                     everything, in a few minutes
//	go run . -quick              the same, with fewer and shorter rounds
//	go run . -only pool          one section
//
// It is a module of its own, so that users of Troupe never download these libraries. What is measured is in
// benchmarks/internal/patterns, and how in benchmarks/internal/bench; here is only what drives each library.
package main

import (
	"github.com/troupe-go/troupe/benchmarks/internal/bench"
	"github.com/troupe-go/troupe/benchmarks/internal/patterns"
)

func main() { rivals.Main() }

var rivals = bench.Command{
	Name:  "rivals",
	Usage: "go run .",
	About: `Measures the patterns of Troupe beside the libraries that people use today, and
beside channels, on the same work, and prints tables.`,
	Title: "Troupe's patterns and their rivals",
	Sections: []bench.Section{
		{Name: "pool", About: aboutPools, Rows: poolRows},
		{Name: "semaphore", About: aboutSemaphores, Rows: semaphoreRows},
		{Name: "broadcast", About: aboutBroadcasts, Rows: broadcastRows},
		{Name: "lock", About: "Mutex and condition, beside those of package sync. Yields: the section calls runtime.Gosched.", Rows: patterns.LockRows},
		{Name: "pipeline", About: "From a source through 5 stages to a sink, beside a goroutine and a channel each.", Rows: patterns.PipelineRows},
	},
}

// check is for what only a mistake in this program can make fail.
func check(err error) {
	if err != nil {
		panic(err)
	}
}
