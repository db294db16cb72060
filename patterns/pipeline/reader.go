package pipeline

import (
	"bufio"
	"io"
)

// longestToken is the most bytes that a token may have, 1 MiB, where bufio.Scanner has 64 KiB: a long line is no mistake.
const longestToken = 1<<20 + 2 // its end, in the buffer too

// Lines is a source of the lines of r, without their ends. See FromReader.
func Lines(r io.Reader, stage ...Stage) Flow[string] { return FromReader(r, bufio.ScanLines, stage...) }

// FromReader is a source of the tokens into which split divides what r reads, such as bufio.ScanWords. It reads on a
// goroutine of its own. An error of r or split ends the run, bufio.ErrTooLong for a token of more than 1 MiB too.
//
// A Read that blocks cannot be ended from here: where the run ends early it is waited for as Config.StopTimeout says, and
// then abandoned. Close r, where it can be closed, to end it at once. FromReader closes nothing.
func FromReader(r io.Reader, split bufio.SplitFunc, stage ...Stage) Flow[string] {
	return from("reader", stage, func(t *tap[string], _ *node) error {
		if r == nil || split == nil {
			return badConfig("the reader or its split function", "nil", "both")
		}
		t.trust()
		scanner := bufio.NewScanner(flushing{t, r})
		scanner.Buffer(nil, longestToken)
		scanner.Split(split)
		for t.room() && scanner.Scan() {
			t.put(scanner.Text())
		}
		return scanner.Err()
	})
}

// A flushing reader sends on what there is before it reads, since reading may take as long as it likes.
type flushing struct {
	t *tap[string]
	r io.Reader
}

func (f flushing) Read(p []byte) (int, error) {
	f.t.flush()
	return f.r.Read(p)
}
