// Philosophers has the dining philosophers deadlock, be told so by the runtime, and go on.
//
//	go run ./examples/philosophers                    all pick up their left forks at once, and one is told of the deadlock
//	go run ./examples/philosophers -fair              all begin with the fork of the lower number, so there is none
//	go run ./examples/philosophers -philosophers 100  a longer table
//
// A fork is an actor, and it is in somebody's hand for as long as it handles that one's message. To eat takes two: the first
// asks the second from inside its handler. So when all philosophers hold one fork, each fork waits for the next around the
// table. Nobody has set a deadline, and nobody needs one: the ask that closes the cycle fails with a *runtime.DeadlockError.
// Whoever asked for that fork puts it down, and takes the other one first from then on, which keeps the table free of
// deadlocks: one in the round who begins on the other side is enough.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// Exit statuses.
const (
	statusOK     = 0
	statusFailed = 1
	statusUsage  = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the program without its process. It returns the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	d, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return statusOK
	case err != nil:
		fmt.Fprintf(stderr, "philosophers: %v\n", err)
		return statusUsage
	}
	eaten, err := d.serve(context.Background())
	if err != nil {
		fmt.Fprintf(stderr, "philosophers: %v\n", err)
		return statusFailed
	}
	report(stdout, d, eaten)
	return statusOK
}

const (
	fewestGuests = 2
	mostGuests   = 1000
	mostMeals    = 1_000_000
)

func parse(args []string, stderr io.Writer) (d dinner, err error) {
	flags := flag.NewFlagSet("philosophers", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.IntVar(&d.guests, "philosophers", 5, "how many sit at the table")
	flags.IntVar(&d.meals, "meals", 3, "how often each of them eats")
	flags.BoolVar(&d.fair, "fair", false, "all begin with the fork of the lower number, so that they never deadlock")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(stderr, "Usage: philosophers [flags]")
			flags.SetOutput(stderr)
			flags.PrintDefaults()
		}
		return d, err
	}
	switch {
	case flags.NArg() > 0:
		return d, fmt.Errorf("there is an argument, %q: want flags only (see -help)", flags.Arg(0))
	case d.guests < fewestGuests || d.guests > mostGuests:
		return d, fmt.Errorf("-philosophers is %d: want %d to %d", d.guests, fewestGuests, mostGuests)
	case d.meals < 1 || d.meals > mostMeals:
		return d, fmt.Errorf("-meals is %d: want 1 to %d", d.meals, mostMeals)
	}
	return d, nil
}

// report writes what came of the dinner.
func report(w io.Writer, d dinner, all []eaten) {
	if d.fair {
		fmt.Fprintf(w, "%d philosophers begin with the fork of the lower number.\n", d.guests)
	} else {
		fmt.Fprintf(w, "%d philosophers pick up their left forks, all at once.\n", d.guests)
	}
	deadlocks := 0
	for _, e := range all {
		for _, cycle := range e.deadlocks {
			deadlocks++
			fmt.Fprintf(w, "Deadlock: %s\n", around(cycle))
			fmt.Fprintf(w, "%s is told, puts the fork down, and begins with the other one from now on.\n", e.name)
		}
	}
	if deadlocks == 0 {
		fmt.Fprintln(w, "There is no deadlock.")
	}
	fmt.Fprint(w, "Meals:")
	for i, e := range all {
		if i > 0 {
			fmt.Fprint(w, ",")
		}
		fmt.Fprintf(w, " %s %d", e.name, e.meals)
	}
	fmt.Fprintln(w, ". Everybody ate.")
}

// around writes a cycle from its first fork on, whichever of them was told of it.
func around(cycle []string) string {
	first := 0
	for i, path := range cycle {
		if strings.HasSuffix(path, "/"+forkName(0)) {
			first = i
		}
	}
	turned := append(append([]string{}, cycle[first:]...), cycle[:first+1]...)
	const most = 12
	if len(turned) > most {
		turned = append(append(turned[:most/2:most/2], fmt.Sprintf("(%d more)", len(turned)-most)), turned[len(turned)-most/2:]...)
	}
	return strings.Join(turned, " → ")
}
