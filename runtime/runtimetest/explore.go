package runtimetest

import (
	"fmt"
	"io"
	"os"
	goruntime "runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/sirupsen/logrus"
)

// Explore runs f again and again, each time in a World of its own with another seed: in another of the orders in which
// what goes on at the same time may happen. All of a world's systems run on one goroutine at a time, in virtual time, and
// the seed decides at each point which one is next; so a seed always leads the same way, and one that fails always fails.
//
// It runs the seeds 1 to n. The environment may say TROUPE_SEEDS=from-to instead, or TROUPE_SEED=s for that one seed, of
// which each step is then logged. The first seed that fails ends the test, with how to repeat it. A world fails when f
// says so, or panics; when nothing can go on although f, or what it has started, has not returned; or when the books of a
// system do not add up. Where nothing can go on, World.Context ends, and those whom that wakes come to their end one at a time,
// as before.
//
// What f and its actors do must follow from the seed: they must not look at maps in their order, at the address of
// something, or at random numbers from elsewhere; and they should start no goroutines but by World.Go and runtime.Pipe.
func Explore(t *testing.T, n int, f func(*World)) {
	t.Helper()
	from, to, one, err := seeds(n, os.Getenv("TROUPE_SEED"), os.Getenv("TROUPE_SEEDS"))
	if err != nil {
		t.Fatal(err)
	}
	for seed := from; seed <= to; seed++ {
		w := inBubble(t, seed, f, one)
		if one {
			t.Logf("seed %d: %d steps", seed, w.steps)
		}
		if len(w.failed) > 0 {
			t.Fatalf("seed %d of %d-%d fails after %d steps:\n%s\n%sAgain: TROUPE_SEED=%d go test -run '^%s$'", seed, from, to,
				w.steps, strings.Join(w.failed, "\n"), lines(w.logged), seed, t.Name())
		}
	}
}

func lines(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return strings.Join(all, "\n") + "\n"
}

func inBubble(t *testing.T, seed uint64, f func(*World), verbose bool) (w *World) {
	var seen func(pick, of int, t task)
	if verbose {
		step := 0
		seen = func(pick, of int, task task) {
			step++
			t.Logf("%5d: %d of %d: #%d %s", step, pick+1, of, task.number, task.what)
		}
	}
	defer func() {
		// A bubble in which somebody waits for ever ends with a panic. That they do is known by then; they are left behind.
		if v := recover(); v != nil && (w == nil || len(w.failed) == 0) {
			panic(v)
		}
	}()
	synctest.Test(t, func(*testing.T) { w = explore(seed, f, seen) })
	return w
}

// seeds says which seeds to run, and whether that is one to be looked at.
func seeds(n int, seed, span string) (from, to uint64, one bool, err error) {
	switch {
	case seed != "":
		if from, err = strconv.ParseUint(seed, 10, 64); err != nil {
			return 0, 0, false, fmt.Errorf("TROUPE_SEED is %q: want a number", seed)
		}
		return from, from, true, nil
	case span != "":
		a, b, ok := strings.Cut(span, "-")
		from, err = strconv.ParseUint(a, 10, 64)
		if err == nil {
			to, err = strconv.ParseUint(b, 10, 64)
		}
		if !ok || err != nil || from > to {
			return 0, 0, false, fmt.Errorf("TROUPE_SEEDS is %q: want two numbers, as in 1-1000000", span)
		}
		return from, to, false, nil
	}
	return 1, uint64(max(n, 0)), false, nil
}

// caller names the function that came to the scheduler, and who called that, without what is the scheduler's own.
func caller() string {
	var pcs [16]uintptr
	frames := goruntime.CallersFrames(pcs[:goruntime.Callers(4, pcs[:])])
	var names []string
	for more := true; more && len(names) < 4; {
		var f goruntime.Frame
		f, more = frames.Next()
		name := f.Function[strings.LastIndex(f.Function, "/")+1:]
		if !strings.Contains(name, "(*dispatcher).point") && !strings.Contains(name, "(*dispatcher).start") {
			names = append(names, name)
		}
	}
	return strings.Join(names, " < ")
}

func quietLogger() logrus.FieldLogger {
	l := logrus.New()
	l.SetOutput(io.Discard)
	return l
}
