// Binary writes decimal numbers in binary, on an actor whose mailbox is a stack.
//
//	go run ./examples/binary                     10, 255 and a number of twenty digits
//	go run ./examples/binary 42 -7               these
//	go run ./examples/binary -base 16 48879      in another base, 2 to 36
//	go run ./examples/binary -steps 10           and how the digits went in and came out
//
// Dividing by two gives the digits of a number from the last to the first, and they are written from the first to the last.
// Python's LifoQueue turns them round, and so does a mailbox with the order LIFO: the actor tells itself each digit as the
// division gives it, and when its handler returns, they come back the other way round.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/big"
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
	o, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return statusOK
	case err != nil:
		fmt.Fprintf(stderr, "binary: %v\n", err)
		return statusUsage
	}
	if err := o.convert(context.Background(), stdout); err != nil {
		fmt.Fprintf(stderr, "binary: %v\n", err)
		return statusFailed
	}
	return statusOK
}

// options is what the command line says.
type options struct {
	base    int
	steps   bool
	numbers []*big.Int
}

func parse(args []string, stderr io.Writer) (o options, err error) {
	flags := flag.NewFlagSet("binary", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.IntVar(&o.base, "base", 2, "the base to write the numbers in")
	flags.BoolVar(&o.steps, "steps", false, "show each digit as it goes in and comes out")
	args, words := apart(args)
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(stderr, "Usage: binary [flags] [number ...]")
			flags.SetOutput(stderr)
			flags.PrintDefaults()
		}
		return o, err
	}
	if o.base < 2 || o.base > big.MaxBase-26 {
		return o, fmt.Errorf("-base is %d: want 2 to 36", o.base)
	}
	words = append(flags.Args(), words...)
	if len(words) == 0 {
		words = []string{"10", "255", "12345678901234567890"}
	}
	for _, word := range words {
		n, ok := new(big.Int).SetString(word, 10)
		if !ok {
			return o, fmt.Errorf("%q is no number: want decimal digits, with or without a sign", word)
		}
		o.numbers = append(o.numbers, n)
	}
	return o, nil
}

// apart parts flags from what follows the first number, which may be negative and is no flag then.
func apart(args []string) (flags, numbers []string) {
	for i, arg := range args {
		if digits := strings.TrimLeft(arg, "+-"); digits != "" && digits[0] >= '0' && digits[0] <= '9' &&
			(i == 0 || args[i-1] != "-base" && args[i-1] != "--base") {
			return args[:i], args[i:]
		}
	}
	return args, nil
}
