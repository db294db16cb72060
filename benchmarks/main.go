// Benchmarks measures what Troupe costs, each thing beside what a Go program would use without it, channels and
// goroutines, and beside Proto.Actor.
//
//	go run ./benchmarks                  everything, in some minutes
//	go run ./benchmarks -quick           the essence, in less than one
//	go run ./benchmarks -h               what else can be asked for
//
// README.md has the method and the figures. A section (such as tell.go) says what is compared; measuring, statistics,
// printing and the gate are in internal/bench, and know nothing of what it is.
package main

import (
	"github.com/troupe-go/troupe/benchmarks/internal/bench"
	"github.com/troupe-go/troupe/benchmarks/internal/patterns"
)

func main() { benchmarks.Main() }

var benchmarks = bench.Command{
	Name:  "benchmarks",
	Usage: "go run ./benchmarks",
	About: `Measures what Troupe costs, each thing beside what a Go program would use without
it (channels and goroutines) and beside Proto.Actor, and prints tables.`,
	Title:    "Troupe benchmarks",
	Sections: sections,
}

// sections is everything that there is, in the order in which it is measured.
var sections = []bench.Section{
	mailboxSection, tellSection, hopSection, askSection, spawnSection, fanoutSection, skynetSection, latencySection,
	patterns.Section,
}
