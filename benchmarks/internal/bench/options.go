package bench

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	goruntime "runtime"
	"slices"
	"strconv"
	"strings"
)

// options are what the command line says.
type options struct {
	jobs   []job // never empty
	plan   plan
	cpu    []int  // values of GOMAXPROCS, at least one
	json   string // files and folders to write or read; "": none
	svg    string
	record string
	gate   string
}

const (
	defaultRounds = 7
	quickRounds   = 5
)

const afterFlags = `
Sections: %s.

Rows have names such as %s; -run matches
any part of one. Progress goes to standard error, when that is a terminal.

An interrupt (Ctrl-C, or a TERM signal) ends it early: what was measured so far
is printed, and written to the -json file. A second one leaves at once.

Exit status: 0 when all was measured; 1 when it failed, or -gate did; 2 for a command line
that is wrong; 130 after an interrupt.
`

// parse reads the command line. Its error is one line; what -h asks for goes to w.
func (cmd Command) parse(args []string, w io.Writer) (*options, error) {
	o := &options{}
	chosen := cmd.Sections
	var match *regexp.Regexp

	flags := flag.NewFlagSet(cmd.Name, flag.ContinueOnError)
	flags.Usage = func() {}
	part := false // not all rows
	flags.Func("only", "measure these `SECTIONS` alone, separated by commas (default all)", func(s string) (err error) {
		part = true
		chosen, err = cmd.find(s)
		return err
	})
	flags.Func("run", "measure only rows whose name matches the regular expression `REGEXP`", func(s string) (err error) {
		part = true
		if match, err = regexp.Compile(s); err != nil {
			return fmt.Errorf("want a regular expression such as %s: %w", regexp.QuoteMeta(cmd.Sections[0].Rows()[0].Name), err)
		}
		return nil
	})
	rounds := fmt.Sprintf("let each contender run `N` times, an odd number (default %d, with -quick %d)", defaultRounds, quickRounds)
	flags.Func("rounds", rounds, func(s string) (err error) {
		if o.plan.rounds, err = strconv.Atoi(s); err != nil || o.plan.rounds < 1 || o.plan.rounds%2 == 0 {
			return errors.New("want an odd number, 1 or more, so that one round is the median")
		}
		return nil
	})
	flags.Func("n", "do `N` operations in each run (default what takes the baseline 25 ms, with -quick 10 ms;\nwhere a size is part of what is measured, such as a million actors, that)", func(s string) (err error) {
		if o.plan.n, err = strconv.Atoi(s); err != nil || o.plan.n < 1 {
			return errors.New("want 1 or more")
		}
		return nil
	})
	flags.Func("cpu", "measure everything under each of these `VALUES` of GOMAXPROCS, separated by commas", func(s string) (err error) {
		o.cpu, err = cpuList(s)
		return err
	})
	flags.BoolVar(&o.plan.quick, "quick", false, "measure less: fewer rows, rounds and operations, and the sizes that a section names")
	flags.StringVar(&o.json, "json", "", "write the results to `FILE` too, for programs to read")
	flags.StringVar(&o.svg, "svg", "", "draw a bar chart of each section into `DIR`, which is made if it is not there")
	flags.StringVar(&o.record, "record", "", "write the ratios to the baseline to `FILE`, for -gate")
	flags.StringVar(&o.gate, "gate", "", "fail when a ratio to the baseline is worse than twice that recorded in `FILE`;\na row that is gets three more tries")

	var complaint bytes.Buffer
	flags.SetOutput(&complaint)
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			cmd.writeHelp(w, flags)
			return nil, err
		}
		return nil, fmt.Errorf("%w (-h lists the flags)", err)
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("found %q after the flags: want nothing there (-h lists the flags)", flags.Arg(0))
	}
	if o.plan.rounds == 0 {
		o.plan.rounds = defaultRounds
		if o.plan.quick {
			o.plan.rounds = quickRounds
		}
	}
	if len(o.cpu) == 0 {
		o.cpu = []int{goruntime.GOMAXPROCS(0)}
	}
	switch {
	case o.record != "" && part:
		return nil, errors.New("-record needs all rows: want it without -only and -run")
	case o.record != "" && o.gate != "":
		return nil, errors.New("-record and -gate are both given: want one of them")
	case (o.record != "" || o.gate != "") && len(o.cpu) > 1:
		return nil, errors.New("-cpu has several values: want one at most with -record and -gate, which know a row once")
	}
	if err := o.setJobs(chosen, match); err != nil {
		return nil, err
	}
	return o, o.checkPaths()
}

// cpuList reads values of GOMAXPROCS.
func cpuList(list string) ([]int, error) {
	var values []int
	for _, s := range strings.Split(list, ",") {
		v, err := strconv.Atoi(s)
		if err != nil || v < 1 {
			return nil, fmt.Errorf("found %q: want numbers from 1 up, separated by commas, such as 1,2", s)
		}
		values = append(values, v)
	}
	return values, nil
}

func (cmd Command) writeHelp(w io.Writer, flags *flag.FlagSet) {
	fmt.Fprintf(w, "Usage: %s [flags]\n\n%s\n\n", cmd.Usage, cmd.About)
	flags.SetOutput(w)
	flags.PrintDefaults()
	fmt.Fprintf(w, afterFlags, strings.Join(cmd.sectionNames(), ", "), cmd.Sections[0].Rows()[0].Name)
}

// find returns the sections that list names, in the order in which they are measured.
func (cmd Command) find(list string) ([]Section, error) {
	wanted := strings.Split(list, ",")
	for _, name := range wanted {
		if !slices.Contains(cmd.sectionNames(), name) {
			return nil, fmt.Errorf("there is no section %q: want one or more of %s, separated by commas", name, strings.Join(cmd.sectionNames(), ", "))
		}
	}
	return slices.DeleteFunc(slices.Clone(cmd.Sections), func(s Section) bool { return !slices.Contains(wanted, s.Name) }), nil
}

func (cmd Command) sectionNames() []string {
	var names []string
	for _, s := range cmd.Sections {
		names = append(names, s.Name)
	}
	return names
}

func (o *options) setJobs(chosen []Section, match *regexp.Regexp) error {
	var all []Row
	for _, procs := range o.cpu {
		for _, s := range chosen {
			rows := s.Rows()
			all = append(all, rows...)
			for _, r := range rows {
				if (r.Quick || !o.plan.quick) && (match == nil || match.MatchString(r.Name)) {
					o.jobs = append(o.jobs, job{s, r, procs})
				}
			}
		}
	}
	if len(o.jobs) > 0 {
		return nil
	}
	quick := ""
	if o.plan.quick {
		quick = " that -quick leaves"
	}
	return fmt.Errorf("-run is %q, which matches none of the rows%s: want a part of a name such as %s", match, quick, all[0].Name)
}

// checkPaths finds out before the minutes of measuring whether what is to be written can be. What is in a file stays
// until then.
func (o *options) checkPaths() error {
	for _, file := range []struct{ flag, path string }{{"json", o.json}, {"record", o.record}} {
		if file.path == "" {
			continue
		}
		f, err := os.OpenFile(file.path, os.O_WRONLY|os.O_CREATE, 0o666)
		if err != nil {
			return fmt.Errorf("-%s is %q: want a file that can be written: %w", file.flag, file.path, err)
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	if o.svg != "" {
		if err := os.MkdirAll(o.svg, 0o777); err != nil {
			return fmt.Errorf("-svg is %q: want a folder: %w", o.svg, err)
		}
	}
	return nil
}
