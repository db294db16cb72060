package supervisor_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/troupe-go/troupe/supervisor"
)

// A child that fails 100 ms after each start is restarted after longer and longer delays, and once too often.
func Example() {
	config := supervisor.Config{
		MaxRestarts: 4,
		Within:      time.Minute,
		Backoff:     supervisor.Backoff{Min: time.Second, Max: 3 * time.Second, After: 1},
	}
	if err := config.Validate(); err != nil {
		fmt.Println(err)
		return
	}

	var (
		history supervisor.History // of the supervisor
		child   supervisor.Record  // of the child
		now     = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	)
	for range 10 {
		child.Started(now)
		now = now.Add(100 * time.Millisecond)
		d := config.Failed(&history, &child, supervisor.Permanent, errors.New("no answer"), now, nil)
		if d.Directive != supervisor.Restart {
			fmt.Println(d.Directive, d.Exceeded)
			return
		}
		fmt.Println(d.Directive, d.Delay)
		now = now.Add(d.Delay)
	}
	// Output:
	// Restart 0s
	// Restart 1s
	// Restart 2s
	// Restart 3s
	// Escalate true
}

// Decide tells failures apart.
func ExampleConfig_Failed() {
	var errMalformed = errors.New("malformed request")
	config := supervisor.Config{Decide: func(err error) supervisor.Directive {
		if errors.Is(err, errMalformed) {
			return supervisor.Resume // the request is bad, not the child
		}
		return supervisor.Restart
	}}

	var (
		history supervisor.History
		child   supervisor.Record
		now     = time.Now()
	)
	for _, err := range []error{errMalformed, errors.New("lost connection")} {
		d := config.Failed(&history, &child, supervisor.Transient, err, now, nil)
		fmt.Println(err, "->", d.Directive)
	}
	// Output:
	// malformed request -> Resume
	// lost connection -> Restart
}

func ExampleStrategy_Affected() {
	children := []string{"database", "cache", "server"} // in start order
	from, to := supervisor.RestForOne.Affected(1, len(children))
	fmt.Println(children[from:to])
	// Output: [cache server]
}
