package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// options are what the command line says.
type options struct {
	jobs   []job // never empty
	rounds int
	quick  bool
	json   string
}

// A job is a row that is to be measured.
type job struct {
	section section
	row     row
}

const (
	defaultRounds = 7
	quickRounds   = 5
)

const usage = `Usage: go run ./benchmarks [flags]

Measures what a message costs in Troupe, each thing beside what a Go program
would use without it, and prints a table.

`

const afterFlags = `
Sections: %s.

Rows have names such as %s; -run matches
any part of one. Progress goes to standard error, when that is a terminal.

An interrupt (Ctrl-C, or a TERM signal) ends it early: what was measured so far
is printed, and written to the -json file. A second one leaves at once.

Exit status: 0 when all was measured; 1 when it failed; 2 for a command line
that is wrong; 130 after an interrupt.
`

// parse reads the command line. Its error is one line; what -h asks for goes to w.
func parse(args []string, w io.Writer) (*options, error) {
	o := &options{}
	chosen := sections
	var match *regexp.Regexp

	flags := flag.NewFlagSet("benchmarks", flag.ContinueOnError)
	flags.Usage = func() {}
	flags.Func("only", "measure these `SECTIONS` alone, separated by commas (default all)", func(s string) (err error) {
		chosen, err = findSections(s)
		return err
	})
	flags.Func("run", "measure only rows whose name matches the regular expression `REGEXP`", func(s string) (err error) {
		if match, err = regexp.Compile(s); err != nil {
			return fmt.Errorf("want a regular expression such as FIFO/.*/8B: %w", err)
		}
		return nil
	})
	rounds := fmt.Sprintf("let each contender run `N` times, an odd number (default %d, with -quick %d)", defaultRounds, quickRounds)
	flags.Func("rounds", rounds, func(s string) (err error) {
		if o.rounds, err = strconv.Atoi(s); err != nil || o.rounds < 1 || o.rounds%2 == 0 {
			return errors.New("want an odd number, 1 or more, so that one round is the median")
		}
		return nil
	})
	flags.BoolVar(&o.quick, "quick", false, "leave out rows: of the section mailbox all messages but those of 8 bytes,\nand 2 producers; and measure fewer rounds")
	flags.StringVar(&o.json, "json", "", "write the results to `FILE` too, for programs to read")

	var complaint bytes.Buffer
	flags.SetOutput(&complaint)
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			writeHelp(w, flags)
			return nil, err
		}
		return nil, fmt.Errorf("%w (-h lists the flags)", err)
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("found %q after the flags: want nothing there (-h lists the flags)", flags.Arg(0))
	}
	if o.rounds == 0 {
		o.rounds = defaultRounds
		if o.quick {
			o.rounds = quickRounds
		}
	}
	if err := o.setJobs(chosen, match); err != nil {
		return nil, err
	}
	return o, checkFile(o.json)
}

func writeHelp(w io.Writer, flags *flag.FlagSet) {
	fmt.Fprint(w, usage)
	flags.SetOutput(w)
	flags.PrintDefaults()
	fmt.Fprintf(w, afterFlags, strings.Join(sectionNames(), ", "), sections[0].rows()[0].name)
}

// findSections returns the sections that list names, in the order in which they are measured.
func findSections(list string) ([]section, error) {
	wanted := strings.Split(list, ",")
	for _, name := range wanted {
		if !slices.Contains(sectionNames(), name) {
			return nil, fmt.Errorf("there is no section %q: want one or more of %s, separated by commas", name, strings.Join(sectionNames(), ", "))
		}
	}
	return slices.DeleteFunc(slices.Clone(sections), func(s section) bool { return !slices.Contains(wanted, s.name) }), nil
}

func sectionNames() []string {
	var names []string
	for _, s := range sections {
		names = append(names, s.name)
	}
	return names
}

func (o *options) setJobs(chosen []section, match *regexp.Regexp) error {
	var all []row
	for _, s := range chosen {
		rows := s.rows()
		all = append(all, rows...)
		for _, r := range rows {
			if (r.quick || !o.quick) && (match == nil || match.MatchString(r.name)) {
				o.jobs = append(o.jobs, job{s, r})
			}
		}
	}
	if len(o.jobs) > 0 {
		return nil
	}
	quick := ""
	if o.quick {
		quick = " that -quick leaves"
	}
	return fmt.Errorf("-run is %q, which matches none of the rows%s: want a part of a name such as %s", match, quick, all[0].name)
}

// checkFile finds out before the minutes of measuring whether path can be written. What is in it stays until then.
func checkFile(path string) error {
	if path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return fmt.Errorf("-json is %q: want a file that can be written: %w", path, err)
	}
	return f.Close()
}
