package crawl

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/url"
	"time"

	"github.com/temoto/robotstxt"

	"github.com/troupe-go/troupe/examples/crawler/page"
	"github.com/troupe-go/troupe/patterns/semaphore"
	"github.com/troupe-go/troupe/patterns/workerpool"
	"github.com/troupe-go/troupe/runtime"
)

// A visit takes one address from the host's permission to the sink. It is the work of a Pipe, and waits wherever it has
// to without holding anybody up.
type visitor struct {
	cfg         *Config
	fetcher     *fetcher
	fetchers    *workerpool.Pool[string, *response]
	parsers     *workerpool.Pool[document, *page.Document]
	sink        runtime.Ref[rows]
	interrupted context.Context // ended: no more tries
}

// document is a page to be parsed.
type document struct {
	body      []byte
	mediaType string
	at        *url.URL
}

// visited is what came of a visit.
type visited struct {
	kind    string
	status  int
	target  string // redirect: the canonical address it leads to
	size    int64
	took    time.Duration // of the last request
	retries int
	links   []string // canonical, repeats and all
	records int
	fetched bool // a request was made
}

func (v *visitor) visit(ctx context.Context, h *host, t target) (visited, error) {
	at, err := url.Parse(t.address)
	if err != nil {
		return visited{kind: kindMalformed}, nil // a canonical address does parse: this is for safety
	}
	r, retries, err := v.fetch(ctx, h, at)
	if errors.Is(err, errForbidden) {
		return visited{kind: kindForbidden}, nil
	}
	if err != nil {
		return visited{}, err
	}
	out := visited{kind: r.kind, status: r.status, size: r.size, took: r.took, retries: retries, fetched: true}
	switch r.kind {
	case kindRedirect:
		if out.target, err = page.Canonical(at, r.location); err != nil || r.location == "" {
			out.kind, out.target = kindMalformed, ""
		}
	case kindOK:
		if err := v.parse(ctx, at, r, &out); err != nil {
			return visited{}, err
		}
	}
	return out, nil
}

// fetch requests the page, and tries again what another try may mend.
func (v *visitor) fetch(ctx context.Context, h *host, at *url.URL) (r *response, tries int, err error) {
	for {
		var permit *semaphore.Lease
		if permit, err = h.enter(ctx, at, tries > 0); err != nil {
			return nil, tries, err
		}
		r, err = v.fetchers.Do(ctx, at.String())
		_ = permit.Release() // an error would say that the permit is back already
		if err != nil || !r.retriable() || tries == v.cfg.Retries || v.interrupted.Err() != nil {
			return r, tries, err
		}
		v.pause(ctx, max(r.retryAfter, backoff(v.cfg.Backoff, tries)))
		tries++
	}
}

const longestBackoff = 30 * time.Second

// backoff doubles with each try and varies by half, so that what failed together is not tried again together.
func backoff(base time.Duration, tries int) time.Duration {
	d := min(base<<min(tries, 20), longestBackoff)
	return d/2 + rand.N(d/2+1)
}

// pause waits, but not when the crawl ends meanwhile.
func (v *visitor) pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(min(d, longestBackoff))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-v.interrupted.Done():
	}
}

func (v *visitor) parse(ctx context.Context, at *url.URL, r *response, out *visited) error {
	doc, err := v.parsers.Do(ctx, document{r.body, r.mediaType, at})
	if errors.Is(err, errUnreadable) {
		out.kind = kindMalformed
		return nil
	}
	if err != nil {
		return err
	}
	out.links, out.records = doc.Links, len(doc.Records)
	if len(doc.Records) == 0 {
		return nil
	}
	return v.sink.Tell(ctx, rows{records: doc.Records})
}

// errUnreadable is the parser's error.
var errUnreadable = errors.New("the page cannot be parsed")

// robots returns what reads a host's robots.txt. It follows a few redirects, as RFC 9309 asks.
func (v *visitor) robots(root *url.URL) func(context.Context) (*robotstxt.RobotsData, error) {
	return func(ctx context.Context) (*robotstxt.RobotsData, error) {
		at := root.ResolveReference(&url.URL{Path: "/robots.txt"})
		for range 6 {
			status, location, body, err := v.fetcher.text(ctx, at.String())
			if err != nil || location == "" {
				return parseRobots(status, body, err)
			}
			if at, err = at.Parse(location); err != nil {
				return nil, err
			}
		}
		return nil, errors.New("too many redirects")
	}
}

func parseRobots(status int, body []byte, err error) (*robotstxt.RobotsData, error) {
	if err != nil {
		return nil, err
	}
	return robotstxt.FromStatusAndBytes(status, body)
}
