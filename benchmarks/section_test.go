package main

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/troupe-go/troupe/benchmarks/internal/bench/benchtest"
	"github.com/troupe-go/troupe/benchmarks/internal/contest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRowsRun(t *testing.T) { benchtest.Run(t, sections) }

func TestRowsOfATableMatch(t *testing.T) { benchtest.Match(t, sections, contest.TroupeName) }

// TestRecordedRowsAreThoseOfQuick is about the file in the repository, which .ci/run holds each change to.
func TestRecordedRowsAreThoseOfQuick(t *testing.T) {
	if err := benchmarks.CheckRecord("recorded.json", true); err != nil {
		t.Error(err)
	}
}
