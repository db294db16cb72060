package crawl

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/sirupsen/logrus"

	"github.com/troupe-go/troupe/examples/crawler/page"
	"github.com/troupe-go/troupe/examples/crawler/report"
)

// A Config says what is crawled, and how politely.
type Config struct {
	Start   string // where the crawl begins
	AnyHost bool   // follow links to other hosts too
	Depth   int    // links from the start; below 0: no limit
	Pages   int    // fetches at most; 0: no limit

	Workers int           // fetches at once, over all hosts
	PerHost int           // and to one host
	Rate    float64       // requests a second to one host; 0: no limit but what its robots.txt asks for
	Robots  bool          // heed robots.txt
	Agent   string        // the User-Agent
	Timeout time.Duration // of one request, its body included
	Body    int64         // bytes of a page at most
	Retries int           // of a request that failed by the network or with a 5xx
	Backoff time.Duration // before the first retry; doubled before each further one

	Spec    *page.Spec          // what a record is; nil: no records are looked for
	Records report.RecordWriter // nil: records are only counted
	Links   report.LinkWriter   // nil: links are not written

	Chaos     float64             // the probability with which a handler panics before it does its work
	Status    func(report.Status) // told about ten times a second where the crawl stands; may be nil
	Transport http.RoundTripper   // nil: one of the crawl's own
	Logger    logrus.FieldLogger  // nil: logrus.StandardLogger()
}

// Validate returns what is wrong with c: the field, what was found and what is accepted.
func (c *Config) Validate() error {
	if err := c.validateStart(); err != nil {
		return err
	}
	for _, f := range []struct {
		name  string
		found any
		ok    bool
		want  string
	}{
		{"workers", c.Workers, c.Workers >= 1 && c.Workers <= 10000, "1 to 10000"},
		{"per-host", c.PerHost, c.PerHost >= 1, "1 or more"},
		{"pages", c.Pages, c.Pages >= 0, "0 (no limit) or more"},
		{"rate", c.Rate, c.Rate >= 0 && c.Rate <= 1e6, "0 (no limit) to 1000000"},
		{"timeout", c.Timeout, c.Timeout > 0, "more than 0"},
		{"body", c.Body, c.Body >= 1 && c.Body <= 1<<40, "1 to 1099511627776"},
		{"retries", c.Retries, c.Retries >= 0, "0 or more"},
		{"backoff", c.Backoff, c.Backoff >= 0, "0 or more"},
		{"chaos", c.Chaos, c.Chaos >= 0 && c.Chaos <= 0.9, "0 to 0.9"},
		{"agent", fmt.Sprintf("%q", c.Agent), isName(c.Agent), "a name, without line breaks and the like"},
	} {
		if !f.ok {
			return fmt.Errorf("%s is %v: want %s", f.name, f.found, f.want)
		}
	}
	return nil
}

func (c *Config) validateStart() error {
	const want = "want one like http://host/path"
	start, err := url.Parse(c.Start)
	if err != nil {
		return fmt.Errorf("the address is %q: %w: %s", c.Start, errors.Unwrap(err), want)
	}
	if start.Scheme != "http" && start.Scheme != "https" || start.Host == "" {
		return fmt.Errorf("the address is %q: %s", c.Start, want)
	}
	if start.User != nil {
		return fmt.Errorf("the address is %q: the crawler does not log in: want no user in it", start.Redacted())
	}
	if _, err := page.Canonical(nil, c.Start); err != nil {
		for cause := err; cause != nil; cause = errors.Unwrap(cause) {
			err = cause // what it is wrapped in says the address again
		}
		return fmt.Errorf("the address is %q: %w", c.Start, err)
	}
	return nil
}

// isName reports whether s will do as a header's value.
func isName(s string) bool {
	return strings.TrimSpace(s) != "" && !strings.ContainsFunc(s, unicode.IsControl)
}
