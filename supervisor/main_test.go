package supervisor

import (
	"flag"
	"os"
	"testing"
)

// TestMain has the oracle see a million random histories instead of a hundred where TROUPE_STRESS is set.
func TestMain(m *testing.M) {
	flag.Parse()
	if os.Getenv("TROUPE_STRESS") == "1" {
		if err := flag.Set("rapid.checks", "1000000"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
