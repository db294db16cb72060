// Producers and consumers share one bounded queue: what happens when it is full, when it is empty, and when nobody comes.
//
//	go run ./examples/producers                                 4 producers, 3 consumers, room for 8
//	go run ./examples/producers -items 100000 -capacity 1       the least room there is
//	go run ./examples/producers -consumers 1 -order lifo        the last one in is the first one out
//
// It is Python's classic with queue.Queue, LifoQueue and PriorityQueue: put, put_nowait, get with a timeout, task_done and
// join are Put, TryPut, Get with a context, Done and Join. The queue is package mailbox by itself, without an actor: that is
// what to use where any of several goroutines may take the next item.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/troupe-go/troupe/mailbox"
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
	f, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return statusOK
	case err != nil:
		fmt.Fprintf(stderr, "producers: %v\n", err)
		return statusUsage
	}
	for _, tell := range []func(context.Context, io.Writer) error{f.full, f.empty, f.produce} {
		if err := tell(context.Background(), stdout); err != nil {
			fmt.Fprintf(stderr, "producers: %v\n", err)
			return statusFailed
		}
	}
	return statusOK
}

// A factory is what the flags say.
type factory struct {
	producers, consumers int
	items                int // that each producer makes
	capacity             int
	order                mailbox.Order
	patience             time.Duration
}

const (
	mostPeople = 10_000
	mostItems  = 10_000_000
)

var orders = map[string]mailbox.Order{"fifo": mailbox.FIFO, "lifo": mailbox.LIFO, "priority": mailbox.Priority}

func parse(args []string, stderr io.Writer) (f factory, err error) {
	flags := flag.NewFlagSet("producers", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.IntVar(&f.producers, "producers", 4, "how many make items")
	flags.IntVar(&f.consumers, "consumers", 3, "how many take them")
	flags.IntVar(&f.items, "items", 1000, "how many items each producer makes")
	flags.IntVar(&f.capacity, "capacity", 8, "how many items the queue has room for")
	order := flags.String("order", "fifo", "which item is taken next: fifo, lifo or priority (the smallest number)")
	flags.DurationVar(&f.patience, "timeout", 20*time.Millisecond, "how long one waits for room, or for an item, before giving up")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(stderr, "Usage: producers [flags]")
			flags.SetOutput(stderr)
			flags.PrintDefaults()
		}
		return f, err
	}
	known := false
	f.order, known = orders[*order]
	switch {
	case flags.NArg() > 0:
		return f, fmt.Errorf("there is an argument, %q: want flags only (see -help)", flags.Arg(0))
	case f.producers < 1 || f.producers > mostPeople:
		return f, fmt.Errorf("-producers is %d: want 1 to %d", f.producers, mostPeople)
	case f.consumers < 1 || f.consumers > mostPeople:
		return f, fmt.Errorf("-consumers is %d: want 1 to %d", f.consumers, mostPeople)
	case f.items < 1 || f.items > mostItems/f.producers:
		return f, fmt.Errorf("-items is %d: want 1 to %d, with %d producers", f.items, mostItems/f.producers, f.producers)
	case f.capacity < 1 || f.capacity > mostItems:
		return f, fmt.Errorf("-capacity is %d: want 1 to %d", f.capacity, mostItems)
	case f.patience <= 0:
		return f, fmt.Errorf("-timeout is %v: want more than 0", f.patience)
	case !known:
		return f, fmt.Errorf("-order is %q: want fifo, lifo or priority", *order)
	}
	return f, nil
}
