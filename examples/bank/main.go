// Bank has savers and spenders who wait for each other, and transfers that no crash makes lose a coin.
//
//	go run ./examples/bank                        3 savers, 2 spenders; 20,000 transfers between 50 accounts
//	go run ./examples/bank -crash 0.5             every second step of a transfer crashes its account
//	go run ./examples/bank -clerks 200 -transfers 200000
//
// An account is an actor, and its balance needs no lock. Who wants more than there is waits on an Event, which the account
// itself sets when money comes in, and clears when it has to refuse: both on its own turn, so no wake-up is lost between.
//
// A transfer is a message to the one account and a message from there to the other. An account may crash at any step of it,
// and is restarted by its supervisor; the message is delivered again (Props.Redeliver). As each transfer has a number, and an
// account books each number once, what comes twice counts once: so at the end nothing is missing, and nothing is too much.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/sirupsen/logrus"

	"github.com/troupe-go/troupe/runtime"
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
	o, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return statusOK
	case err != nil:
		fmt.Fprintf(stderr, "bank: %v\n", err)
		return statusUsage
	}
	if err := o.open(context.Background(), stdout); err != nil {
		fmt.Fprintf(stderr, "bank: %v\n", err)
		return statusFailed
	}
	return statusOK
}

// open runs the bank for a day.
func (o options) open(ctx context.Context, w io.Writer) (err error) {
	logger := logrus.New()
	logger.SetOutput(io.Discard) // each crash would be logged
	system, err := runtime.New(runtime.Config{Name: "bank", Logger: logger})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, system.Shutdown(ctx)) }()
	if err := o.household(ctx, system, w); err != nil {
		return err
	}
	return o.day(ctx, system, w)
}

// options is what the flags say.
type options struct {
	savers, spenders, coins     int
	accounts, transfers, clerks int
	crash                       float64
	seed                        uint64
}

const (
	mostPeople    = 1000
	mostTransfers = 10_000_000
	// mostCrash leaves a message a chance to get through some day.
	mostCrash = 0.9
)

func parse(args []string, stderr io.Writer) (o options, err error) {
	flags := flag.NewFlagSet("bank", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.IntVar(&o.savers, "savers", 3, "how many put coins into the household's account, one at a time")
	flags.IntVar(&o.spenders, "spenders", 2, "how many take ten coins at a time out of it")
	flags.IntVar(&o.coins, "coins", 200, "how many coins each saver puts in")
	flags.IntVar(&o.accounts, "accounts", 50, "between how many accounts money is transferred")
	flags.IntVar(&o.transfers, "transfers", 20_000, "how many transfers there are")
	flags.IntVar(&o.clerks, "clerks", 16, "how many transfers are under way at once")
	flags.Float64Var(&o.crash, "crash", 0.1, "the share of a transfer's steps at which the account crashes")
	flags.Uint64Var(&o.seed, "seed", 1, "who pays whom how much")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(stderr, "Usage: bank [flags]")
			flags.SetOutput(stderr)
			flags.PrintDefaults()
		}
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("there is an argument, %q: want flags only (see -help)", flags.Arg(0))
	}
	for _, bound := range []struct {
		name              string
		found, from, upto int
	}{
		{"savers", o.savers, 1, mostPeople},
		{"spenders", o.spenders, 1, mostPeople},
		{"coins", o.coins, 1, mostTransfers},
		{"accounts", o.accounts, 2, mostPeople},
		{"transfers", o.transfers, 1, mostTransfers},
		{"clerks", o.clerks, 1, mostPeople},
	} {
		if bound.found < bound.from || bound.found > bound.upto {
			return o, fmt.Errorf("-%s is %d: want %d to %d", bound.name, bound.found, bound.from, bound.upto)
		}
	}
	if !(o.crash >= 0 && o.crash <= mostCrash) {
		return o, fmt.Errorf("-crash is %v: want 0 to %v", o.crash, mostCrash)
	}
	return o, nil
}
