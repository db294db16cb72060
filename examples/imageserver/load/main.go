// Load asks an imageserver for more than it can do, and looks whether it stays upright.
//
//	go run ./examples/imageserver -addr localhost:8080 &
//	go run ./examples/imageserver/load -addr localhost:8080                ten times what it can do, for a minute
//	go run ./examples/imageserver/load -addr localhost:8080 -times 3 -for 10s
//
// First one client at a time shows how long a request takes when nothing else is going on; then as many as the server has
// processors, how many it can do. Then requests come at a fixed rate, whether the ones before are answered or not, which is
// what a crowd does. Load fails unless all that was not served was refused with 503 and Retry-After, the 99th percentile of
// the time of what was served stayed below twice that of the quiet time, and the server's resident memory stayed within 20 %.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

// Exit statuses.
const (
	statusOK     = 0
	statusFailed = 1
	statusUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program without its process. It returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return statusOK
	case err != nil:
		fmt.Fprintf(stderr, "load: %v\n", err)
		return statusUsage
	}
	if err := o.attack(ctx, stdout); err != nil {
		fmt.Fprintf(stderr, "load: %v\n", err)
		return statusFailed
	}
	return statusOK
}

// options is what the flags say.
type options struct {
	addr          string
	times         float64
	quiet, last   time.Duration
	width, height int // of the image that is sent
}

func parse(args []string, stderr io.Writer) (o options, err error) {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.addr, "addr", "localhost:8080", "where the server listens")
	flags.Float64Var(&o.times, "times", 10, "how much more comes than the server can do")
	flags.DurationVar(&o.quiet, "quiet", 5*time.Second, "how long each of the two measurements before takes")
	flags.DurationVar(&o.last, "for", time.Minute, "how long the crowd comes")
	flags.IntVar(&o.width, "width", 1200, "the width of the image that is sent")
	flags.IntVar(&o.height, "height", 900, "its height")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(stderr, "Usage: load [flags]")
			flags.SetOutput(stderr)
			flags.PrintDefaults()
		}
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("there is an argument, %q: want flags only (see -help)", flags.Arg(0))
	case !(o.times > 0 && o.times <= 1000):
		return o, fmt.Errorf("-times is %v: want more than 0, and at most 1000", o.times)
	case o.quiet <= 0:
		return o, fmt.Errorf("-quiet is %v: want more than 0", o.quiet)
	case o.last <= 0:
		return o, fmt.Errorf("-for is %v: want more than 0", o.last)
	case o.width < 16 || o.width > 8000 || o.height < 16 || o.height > 8000:
		return o, fmt.Errorf("-width and -height are %d and %d: want 16 to 8000", o.width, o.height)
	}
	return o, nil
}
