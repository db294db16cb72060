package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/troupe-go/troupe/examples/crawler/crawl"
	"github.com/troupe-go/troupe/examples/crawler/page"
)

// options are what the command line says.
type options struct {
	crawl.Config
	embedded bool // no address was given: serve the market and crawl that
	quiet    bool
	out      string
	links    string
	report   string
}

// politeRate is the limit for sites that are not our own.
const politeRate = 5

// parse reads the command line. Its error is one line; what -help asks for goes to w.
func parse(args []string, w io.Writer) (*options, error) {
	o := &options{}
	var (
		item   string
		fields fieldFlags
		robots = true
		rate   = math.NaN()
	)
	flags := flag.NewFlagSet("crawler", flag.ContinueOnError)
	flags.Usage = func() {}
	flags.IntVar(&o.Workers, "workers", 8, "fetch up to `N` pages at once")
	flags.IntVar(&o.PerHost, "per-host", 8, "make up to `N` requests to one host at once")
	flags.Func("rate", fmt.Sprintf("make up to `N` requests a second to one host; 0: no limit (default %d, and no limit for the market)", politeRate),
		func(s string) (err error) {
			if rate, err = strconv.ParseFloat(s, 64); err != nil || math.IsNaN(rate) {
				return errors.New("want a number")
			}
			return nil
		})
	flags.IntVar(&o.Depth, "depth", -1, "follow up to `N` links from the start; -1: no limit")
	flags.IntVar(&o.Pages, "pages", 0, "fetch up to `N` pages; 0: no limit")
	flags.BoolVar(&o.AnyHost, "any-host", false, "follow links to other hosts as well")
	flags.BoolVar(&robots, "robots", true, "heed robots.txt; -robots=false does not")
	flags.StringVar(&o.Agent, "agent", "troupe-crawler/1.0 (+https://github.com/troupe-go/troupe)", "the User-Agent, `NAME`; robots.txt is asked about its first word")
	flags.DurationVar(&o.Timeout, "timeout", 15*time.Second, "give up a request after `TIME`")
	flags.Int64Var(&o.Body, "body", 4<<20, "give up a page of more than `BYTES`")
	flags.IntVar(&o.Retries, "retries", 3, "try a request that fails up to `N` times again")
	flags.DurationVar(&o.Backoff, "backoff", 200*time.Millisecond, "wait up to `TIME` before the first retry, and twice as long before each further one")
	flags.StringVar(&item, "item", "", "a record is an element that matches the CSS `SELECTOR` (default: those of the market)")
	flags.Var(&fields, "field", "a record has the field `NAME=SELECTOR`, or NAME=SELECTOR@ATTRIBUTE; may be repeated")
	flags.StringVar(&o.out, "out", "", "write the records to `FILE`, .csv or .json")
	flags.StringVar(&o.links, "links", "", "write every link, and what it leads to, to `FILE`, .csv or .json")
	flags.StringVar(&o.report, "report", "", "write the summary to `FILE`, .json")
	flags.BoolVar(&o.quiet, "quiet", false, "show no progress")
	flags.Float64Var(&o.Chaos, "chaos", 0, "let actors panic with probability `P`, 0 to 0.9, before each message, to show that nothing is lost")

	var complaint bytes.Buffer
	flags.SetOutput(&complaint)
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			writeHelp(w, flags)
		}
		return nil, err
	}
	switch flags.NArg() {
	case 0:
		o.embedded = true
		o.Start = "http://localhost/" // until the market has an address
	case 1:
		o.Start = flags.Arg(0)
	default:
		for _, arg := range flags.Args()[1:] {
			if strings.HasPrefix(arg, "-") {
				return nil, fmt.Errorf("%s comes after the address: want the flags before it", arg)
			}
		}
		return nil, fmt.Errorf("there are %d addresses (%s): want one, after the flags", flags.NArg(), strings.Join(flags.Args(), " "))
	}
	o.Robots = robots
	o.Rate = rate
	if math.IsNaN(rate) {
		o.Rate = politeRate
		if o.embedded {
			o.Rate = 0
		}
	}
	if err := o.setSpec(item, fields); err != nil {
		return nil, err
	}
	if err := o.checkFiles(); err != nil {
		return nil, err
	}
	return o, o.Validate()
}

// checkFiles finds out what can be known of the files before there is anything to write.
func (o *options) checkFiles() error {
	seen := map[string]string{}
	for _, f := range []struct {
		flag, path string
		formats    []string
	}{
		{"-out", o.out, []string{".csv", ".json"}},
		{"-links", o.links, []string{".csv", ".json"}},
		{"-report", o.report, []string{".json"}},
	} {
		if f.path == "" {
			continue
		}
		if !slices.Contains(f.formats, strings.ToLower(filepath.Ext(f.path))) {
			return fmt.Errorf("%s is %q: want a name that ends in %s", f.flag, f.path, strings.Join(f.formats, " or "))
		}
		path := filepath.Clean(f.path)
		if other := seen[path]; other != "" {
			return fmt.Errorf("%s and %s are both %q: want a file for each", other, f.flag, f.path)
		}
		seen[path] = f.flag
	}
	return nil
}

func (o *options) setSpec(item string, fields fieldFlags) (err error) {
	switch {
	case item == "" && len(fields) == 0:
		o.Spec = page.DefaultSpec()
	case item == "":
		return errors.New("-field is given without -item: want the selector of the records too")
	case len(fields) == 0:
		return errors.New("-item is given without -field: want the fields of a record too, such as -field price=.price")
	default:
		o.Spec, err = page.NewSpec(item, fields)
	}
	return err
}

// fieldFlags are the values of a flag that may be repeated.
type fieldFlags []string

func (f *fieldFlags) String() string     { return strings.Join(*f, " ") }
func (f *fieldFlags) Set(s string) error { *f = append(*f, s); return nil }
