package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/troupe-go/troupe/patterns/pipeline"
	"github.com/troupe-go/troupe/runtime"
)

// linesInBatch is how many lines are counted in one go.
const linesInBatch = 256

// counts is how often each word comes, and how many lines there are.
type counts struct {
	words  map[string]int
	lines  int
	stages []pipeline.StageStats
}

// count runs the pipeline.
func (o options) count(ctx context.Context, stdin io.Reader) (c counts, err error) {
	system, err := runtime.New(runtime.Config{Name: "wordcount"})
	if err != nil {
		return c, err
	}
	defer func() { _ = system.Shutdown(context.WithoutCancel(ctx)) }()

	lines := pipeline.FromSeq2(o.lines(stdin), pipeline.Stage{Name: "lines"})
	batches := pipeline.Batch(lines, linesInBatch, 0, pipeline.Stage{Name: "batch"})
	counted := pipeline.Map(batches, o.countBatch, pipeline.Stage{Name: "count", Parallel: o.workers, Unordered: true, Buffer: 16})
	total := pipeline.Reduce(counted, counts{words: make(map[string]int)}, addUp, pipeline.Stage{Name: "add up", Buffer: 16})
	var sums []counts
	r, err := pipeline.ToSlice(total, &sums).Run(ctx, system, pipeline.Config{Name: "words"})
	if err != nil {
		return c, err
	}
	if err := r.Wait(context.WithoutCancel(ctx)); err != nil { // when ctx ends, the run does
		return c, err
	}
	c = sums[0]
	c.stages = r.Stats().Stages
	return c, nil
}

// lines are the lines of all files. It ends with the first error.
func (o options) lines(stdin io.Reader) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, name := range o.files {
			if name == "-" {
				if !linesOf(stdin, "the standard input", yield) {
					return
				}
				continue
			}
			f, err := os.Open(name)
			if err != nil {
				yield("", err)
				return
			}
			more := linesOf(f, name, yield)
			_ = f.Close() // it was only read
			if !more {
				return
			}
		}
	}
}

// linesOf yields the lines of one file, of any length, and reports whether to go on.
func linesOf(r io.Reader, name string, yield func(string, error) bool) bool {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		if line != "" && !yield(line, nil) {
			return false
		}
		switch {
		case err == io.EOF:
			return true
		case err != nil:
			yield("", fmt.Errorf("%s: %w", name, err))
			return false
		}
	}
}

// countBatch counts the words of some lines. A word is letters and digits, and what joins them: it's, well-kept.
func (o options) countBatch(_ context.Context, lines []string) (counts, error) {
	c := counts{words: make(map[string]int), lines: len(lines)}
	for _, line := range lines {
		for word := range strings.FieldsFuncSeq(line, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r) && r != '\'' && r != '’' && r != '-'
		}) {
			word = strings.ToLower(strings.Trim(word, "'’-"))
			if word != "" && utf8.RuneCountInString(word) >= o.least {
				c.words[word]++
			}
		}
	}
	return c, nil
}

func addUp(_ context.Context, sum, c counts) (counts, error) {
	for word, n := range c.words {
		sum.words[word] += n
	}
	sum.lines += c.lines
	return sum, nil
}

// report prints what was counted, words that come equally often in the order of the alphabet.
func (o options) report(w io.Writer, c counts) {
	all := 0
	for _, n := range c.words {
		all += n
	}
	files := fmt.Sprintf("%d files", len(o.files))
	if len(o.files) == 1 {
		files = o.files[0]
	}
	fmt.Fprintf(w, "%s: %d lines, %d words, %d different ones.\n", files, c.lines, all, len(c.words))
	words := slices.SortedFunc(maps.Keys(c.words), func(a, b string) int {
		return cmp.Or(c.words[b]-c.words[a], strings.Compare(a, b))
	})
	for _, word := range words[:min(o.top, len(words))] {
		fmt.Fprintf(w, "%8d  %s\n", c.words[word], word)
	}
	if o.stages {
		fmt.Fprintf(w, "%-10s %8s %8s\n", "stage", "in", "out")
		for _, s := range c.stages {
			fmt.Fprintf(w, "%-10s %8d %8d\n", s.Name, s.In, s.Out)
		}
	}
}
