package crawl

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/temoto/robotstxt"

	"github.com/troupe-go/troupe/examples/crawler/page"
)

const (
	// robotsLimit is how much of a robots.txt is read; RFC 9309 asks for 500 KiB at least.
	robotsLimit = 512 << 10
	// robotsMoves is how many redirects are followed to one; RFC 9309 asks for 5 at least.
	robotsMoves = 5
)

// robots returns what reads a host's robots.txt. It tries again what another try may mend, and gives up when the crawl
// is interrupted: nobody asks for the rules any more.
func (v *visitor) robots(root *url.URL) func(context.Context) (*robotstxt.RobotsData, error) {
	return func(ctx context.Context) (*robotstxt.RobotsData, error) {
		ctx, cancel := v.untilInterrupted(ctx)
		defer cancel()
		for tries := 0; ; tries++ {
			status, body, err := v.robotsText(ctx, root)
			if err == nil && status < 500 || tries == v.cfg.Retries || ctx.Err() != nil {
				return parseRobots(status, body, err)
			}
			v.pause(ctx, backoff(v.cfg.Backoff, tries))
		}
	}
}

// robotsText follows redirects, also to other hosts.
func (v *visitor) robotsText(ctx context.Context, root *url.URL) (status int, body []byte, err error) {
	at := root.ResolveReference(&url.URL{Path: "/robots.txt"})
	for range 1 + robotsMoves {
		location := ""
		err = v.fetcher.get(ctx, at.String(), func(answer *http.Response) (err error) {
			status, location = answer.StatusCode, answer.Header.Get("Location")
			body, err = io.ReadAll(io.LimitReader(answer.Body, robotsLimit))
			return err
		})
		if err != nil || statusKind(status) != kindRedirect || location == "" {
			return status, body, err
		}
		if at, err = at.Parse(location); err != nil {
			break
		}
	}
	return http.StatusNotFound, nil, nil // it leads nowhere, so there is none
}

// parseRobots returns no rules but an error when the host could not be reached. RFC 9309 forbids a whole host for that,
// and for a 5xx, and nothing at all for any other answer but a 2xx.
func parseRobots(status int, body []byte, err error) (*robotstxt.RobotsData, error) {
	switch {
	case err != nil:
		return nil, err
	case status >= 500:
		return robotstxt.FromStatusAndBytes(http.StatusInternalServerError, nil)
	case status < 200 || status >= 300:
		return &robotstxt.RobotsData{}, nil
	}
	return robotstxt.FromBytes(tidyRobots(body))
}

// tidyRobots returns the lines that matter in a form that the library takes as RFC 9309 does. By itself the library
// refuses the whole file for a rule before the first group or a delay that is no number, does not know that "*" is
// everything, and compares escapes letter by letter.
func tidyRobots(body []byte) []byte {
	var b bytes.Buffer
	line := func(key, value string) { b.WriteString(key + ": " + value + "\n") }
	// Rules before the first group are then in one that is nobody's.
	line("user-agent", "(nobody)")
	text := string(bytes.TrimPrefix(body, []byte("\ufeff")))
	for _, l := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		l, _, _ = strings.Cut(l, "#")
		l = strings.TrimSpace(l)
		end := strings.IndexAny(l, ": \t")
		if end < 0 {
			continue
		}
		value, _, _ := strings.Cut(strings.TrimLeft(l[end:], ": \t"), " ")
		switch key := strings.ToLower(l[:end]); key {
		case "user-agent", "useragent":
			if value != "" {
				line("user-agent", value)
			}
		case "allow", "disallow":
			if value != "" && strings.Trim(value, "*") == "" {
				value = "/"
			}
			line(key, page.NormalEscapes(value))
		case "crawl-delay", "crawldelay":
			if d, err := strconv.ParseFloat(value, 64); err == nil && d >= 0 && d < math.MaxInt32 {
				line("crawl-delay", value)
			}
		}
	}
	return b.Bytes()
}

// errForbidden is the answer to an enter that robots.txt forbids.
var errForbidden = errors.New("robots.txt forbids it")

// An unreachableError is the answer to every enter of a host whose robots.txt could not be read: whether it forbids the
// page is not known, and the page would not be had either.
type unreachableError struct{ cause error }

func (e unreachableError) Error() string { return "robots.txt cannot be read: " + e.cause.Error() }
