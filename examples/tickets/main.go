// Tickets sells a thousand seats to five thousand buyers who all come at once, and some of whom drop out while they pay.
//
//	go run ./examples/tickets                              with shared memory, and with a pool of permits
//	go run ./examples/tickets -buyers 100000 -seats 5000   a bigger hall
//	go run ./examples/tickets -crash 0.5                   every second buyer drops out while he pays
//
// With shared memory, whoever looks whether a seat is left, pays, and then takes it, takes it from somebody who has looked
// at the same time: more is sold than there is. Every access to the counter is atomic, so the race detector finds nothing.
// With a lock around it all, only one could pay at a time; with the seat taken first, it is lost when its buyer drops out.
//
// Here a seat is a permit of a semaphore.Pool, and each buyer is an actor, who takes a permit and pays then. If he crashes,
// the pool gets it back by itself, and whoever has waited longest is next. So each seat is sold, and none is sold twice.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
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
	h, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return statusOK
	case err != nil:
		fmt.Fprintf(stderr, "tickets: %v\n", err)
		return statusUsage
	}
	fmt.Fprintf(stdout, "%d seats, %d buyers.\n\n", h.seats, h.buyers)
	h.sellShared().report(stdout, h, "Shared memory: look, pay, take")
	s, err := h.sell(context.Background())
	if err != nil {
		fmt.Fprintf(stderr, "tickets: %v\n", err)
		return statusFailed
	}
	s.report(stdout, h, "A pool of permits: take, pay; what a crash leaves behind comes back")
	return statusOK
}

// A hall is what the flags say.
type hall struct {
	seats, buyers int
	crash         float64 // how many of those who pay drop out
	seed          uint64
}

const (
	mostSeats  = 1_000_000
	mostBuyers = 1_000_000
)

func parse(args []string, stderr io.Writer) (h hall, err error) {
	flags := flag.NewFlagSet("tickets", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.IntVar(&h.seats, "seats", 1000, "how many seats there are")
	flags.IntVar(&h.buyers, "buyers", 5000, "how many want one")
	flags.Float64Var(&h.crash, "crash", 0.1, "the share of those who pay that drop out while they do")
	flags.Uint64Var(&h.seed, "seed", 1, "who drops out")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(stderr, "Usage: tickets [flags]")
			flags.SetOutput(stderr)
			flags.PrintDefaults()
		}
		return h, err
	}
	switch {
	case flags.NArg() > 0:
		return h, fmt.Errorf("there is an argument, %q: want flags only (see -help)", flags.Arg(0))
	case h.seats < 1 || h.seats > mostSeats:
		return h, fmt.Errorf("-seats is %d: want 1 to %d", h.seats, mostSeats)
	case h.buyers < 1 || h.buyers > mostBuyers:
		return h, fmt.Errorf("-buyers is %d: want 1 to %d", h.buyers, mostBuyers)
	case !(h.crash >= 0 && h.crash <= 1):
		return h, fmt.Errorf("-crash is %v: want 0 to 1", h.crash)
	}
	return h, nil
}

// A sale is what came of it all. Each buyer is in one of the three counts.
type sale struct{ sold, crashed, left int }

func (s sale) report(w io.Writer, h hall, how string) {
	fmt.Fprintf(w, "%s\n  %d tickets sold, %d buyers dropped out, %d went home without: ", how, s.sold, s.crashed, s.left)
	switch over := s.sold - h.seats; {
	case over > 0:
		fmt.Fprintf(w, "%d people stand at the door with a ticket and no seat.\n", over)
	case over == 0:
		fmt.Fprintln(w, "every seat was sold, once.")
	default:
		fmt.Fprintf(w, "%d seats are left, for want of buyers.\n", -over)
	}
}
