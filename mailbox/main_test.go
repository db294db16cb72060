package mailbox_test

import (
	"flag"
	"os"
	"testing"

	"go.uber.org/goleak"
)

var (
	scale     = 1       // multiplies the rounds of the tests that look for rare interleavings
	histories = 500     // of each order, for the linearizability tests
	volume    = 400_000 // messages that all the conservation tests at volume put together
	underRace bool      // the race detector is on
)

func TestMain(m *testing.M) {
	flag.Parse()
	switch {
	case os.Getenv("TROUPE_STRESS") == "1":
		scale, histories, volume = 50, 10_000, 100_000_000
		setChecks("5000")
	case underRace:
		volume /= 4
		setChecks("10") // the model tests are of one goroutine, and ten times slower then
	}
	goleak.VerifyTestMain(m)
}

// setChecks says how many sequences each model test tries.
func setChecks(n string) {
	if err := flag.Set("rapid.checks", n); err != nil {
		panic(err)
	}
}
