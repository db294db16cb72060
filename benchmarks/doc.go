// Package benchmarks measures what messages cost, each thing beside what a Go program would use without actors.
//
//	go test -run '^$' -bench . -count 7 ./benchmarks
//
// README.md has the method and the figures.
package benchmarks
