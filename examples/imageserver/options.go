package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	goruntime "runtime"
	"time"
)

// options is what the flags say.
type options struct {
	addr      string
	workers   int
	admit     int   // requests that may be inside at once
	maxBytes  int64 // of a body
	maxPixels int   // of an image
	catalogue string
	patience  time.Duration // with one that sends its image, or takes its answer: it holds a place meanwhile
	grace     time.Duration // for what was admitted, after SIGTERM
}

const (
	mostWidth = 4096 // of what comes out
	megabyte  = 1 << 20
)

func parse(args []string, stderr io.Writer) (o options, err error) {
	flags := flag.NewFlagSet("imageserver", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.addr, "addr", "localhost:8080", "the address to listen on; port 0: any free one")
	// One processor is left for those who must be refused: they are the many, and should hear of it at once.
	flags.IntVar(&o.workers, "workers", max(1, goruntime.GOMAXPROCS(0)-1), "how many images are worked on at once")
	// Who is inside and waits for a worker takes twice as long to be served as one who comes when there is room.
	flags.IntVar(&o.admit, "admit", 0, "how many requests may be inside at once; the others get 503 (0: as many as workers)")
	bytes := flags.Int("max-mb", 8, "the biggest image that is accepted, in megabytes")
	pixels := flags.Int("max-megapixels", 25, "the biggest image that is accepted, in millions of pixels")
	flags.StringVar(&o.catalogue, "catalogue", "", "a file to write a line to for each image, flushed before the answer; none: a temporary one")
	flags.DurationVar(&o.patience, "patience", 10*time.Second, "how long a client may take to send its image, and then to take the answer")
	flags.DurationVar(&o.grace, "grace", 30*time.Second, "how long requests that were admitted may take after SIGTERM")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(stderr, "Usage: imageserver [flags]")
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
		{"workers", o.workers, 1, 1024},
		{"admit", o.admit, 0, 100_000},
		{"max-mb", *bytes, 1, 1024},
		{"max-megapixels", *pixels, 1, 1000},
	} {
		if bound.found < bound.from || bound.found > bound.upto {
			return o, fmt.Errorf("-%s is %d: want %d to %d", bound.name, bound.found, bound.from, bound.upto)
		}
	}
	if o.patience <= 0 {
		return o, fmt.Errorf("-patience is %v: want more than 0", o.patience)
	}
	if o.grace <= 0 {
		return o, fmt.Errorf("-grace is %v: want more than 0", o.grace)
	}
	if o.admit == 0 {
		o.admit = o.workers
	}
	o.maxBytes, o.maxPixels = int64(*bytes)*megabyte, *pixels*1_000_000
	return o, nil
}
