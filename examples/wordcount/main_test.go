package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func output(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	var stdout, stderr strings.Builder
	if status := run(context.Background(), args, strings.NewReader(stdin), &stdout, &stderr); status != statusOK || stderr.Len() > 0 {
		t.Fatalf("%v: status %d, and it complains: %s", args, status, &stderr)
	}
	return stdout.String()
}

func TestWordsAreCounted(t *testing.T) {
	const text = "It's a dog's life -- the dog's.\n\nThe END, “the” end: naïve 2 x_y\n"
	for _, c := range []struct{ args, want string }{
		{"-top 3 -", "-: 3 lines, 14 words, 10 different ones.\n       3  the\n       2  dog's\n       2  end\n"},
		{"-top 1 -least 5 -", "-: 3 lines, 3 words, 2 different ones.\n       2  dog's\n"},
		{"-top 0 -", "-: 3 lines, 14 words, 10 different ones.\n"},
	} {
		if got := output(t, text, strings.Fields(c.args)...); got != c.want {
			t.Errorf("wordcount %s\n got %q\nwant %q", c.args, got, c.want)
		}
	}
	if got, want := output(t, "", "-"), "-: 0 lines, 0 words, 0 different ones.\n"; got != want {
		t.Errorf("of nothing: %q, want %q", got, want)
	}
}

// Many files, many batches, many workers: what comes out is what a loop would have counted.
func TestWhatManyWorkersCountIsExact(t *testing.T) {
	dir := t.TempDir()
	args := []string{"-workers", "8", "-top", "3", "-stages"}
	lines := 0
	for f := range 5 {
		var text strings.Builder
		for i := range 1000 * (f + 1) {
			fmt.Fprintf(&text, "every line %d\n", i%10)
			lines++
		}
		name := filepath.Join(dir, fmt.Sprint(f))
		if err := os.WriteFile(name, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	out := output(t, "", args...)
	for _, want := range []string{
		fmt.Sprintf("5 files: %d lines, %d words, 12 different ones.\n", lines, 3*lines),
		fmt.Sprintf("%8d  every\n%8d  line\n%8d  0\n", lines, lines, lines/10),
		fmt.Sprintf("batch      %8d %8d\n", lines, (lines+linesInBatch-1)/linesInBatch),
	} {
		if !strings.Contains(out, want) {
			t.Errorf("want %q in\n%s", want, out)
		}
	}
}

func TestALineOfAnyLengthIsRead(t *testing.T) {
	long := strings.Repeat("ab ", 1<<20)
	if got, want := output(t, long, "-top", "1", "-"), "-: 1 lines, 1048576 words, 1 different ones.\n 1048576  ab\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestWhatCannotBeReadIsNamed(t *testing.T) {
	var stdout, stderr strings.Builder
	missing := filepath.Join(t.TempDir(), "missing")
	if status := run(context.Background(), []string{"-", missing}, strings.NewReader("a"), &stdout, &stderr); status != statusFailed ||
		!strings.Contains(stderr.String(), missing) || stdout.Len() > 0 {
		t.Errorf("status %d, %q, want the file's name", status, &stderr)
	}
	stderr.Reset()
	broken := iotest.ErrReader(errors.New("the cable is out"))
	if status := run(context.Background(), []string{"-"}, broken, &stdout, &stderr); status != statusFailed ||
		!strings.Contains(stderr.String(), "the standard input: the cable is out") {
		t.Errorf("status %d, %q, want what is wrong with the standard input", status, &stderr)
	}
}

// tap is a reader that never ends. It ends the program's context after a while.
type tap struct {
	reads  int
	cancel func()
}

func (r *tap) Read(p []byte) (int, error) {
	if r.reads++; r.reads == 1000 {
		r.cancel()
	}
	return copy(p, "drip\n"), nil
}

func TestItEndsWhenItIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var stdout, stderr strings.Builder
	if status := run(ctx, []string{"-"}, io.Reader(&tap{cancel: cancel}), &stdout, &stderr); status != statusFailed ||
		!strings.Contains(stderr.String(), context.Canceled.Error()) || stdout.Len() > 0 {
		t.Errorf("status %d, %q, want that it was cancelled", status, &stderr)
	}
}

func TestWrongArgumentsAreExplained(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"", "there is no file: want one or more"},
		{"-top -1 x", "-top is -1: want 0 or more"},
		{"-least 0 x", "-least is 0: want 1 or more"},
		{"-workers 0 x", "-workers is 0: want 1 to 1024"},
		{"-words x", "flag provided but not defined: -words"},
	} {
		var stdout, stderr strings.Builder
		status := run(context.Background(), strings.Fields(c.args), strings.NewReader(""), &stdout, &stderr)
		if status != statusUsage || !strings.Contains(stderr.String(), c.want) || stdout.Len() > 0 {
			t.Errorf("%s: status %d, %q, want status %d and %q", c.args, status, &stderr, statusUsage, c.want)
		}
	}
	var stdout, stderr strings.Builder
	if status := run(context.Background(), []string{"-help"}, strings.NewReader(""), &stdout, &stderr); status != statusOK ||
		!strings.Contains(stderr.String(), "-workers") {
		t.Errorf("-help: status %d, %q", status, &stderr)
	}
}
