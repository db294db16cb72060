package crawl

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/url"
	"time"

	"github.com/troupe-go/troupe/examples/crawler/page"
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
	interrupted context.Context // ended: no more requests
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
	bad     []string // links that do not parse
	records int
	fetched bool // a request was made
}

func (v *visitor) visit(ctx context.Context, h *host, t target) (visited, error) {
	at, err := url.Parse(t.address)
	if err != nil {
		return visited{kind: kindMalformed}, nil // a canonical address does parse: this is for safety
	}
	r, retries, err := v.fetch(ctx, h, at)
	if unreachable, ok := errors.AsType[unreachableError](err); ok {
		return visited{kind: networkKind(unreachable.cause)}, nil
	}
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
func (v *visitor) fetch(ctx context.Context, h *host, at *url.URL) (*response, int, error) {
	var last *response
	for retries := 0; ; retries++ {
		r, err := v.try(ctx, h, at, retries > 0)
		if errors.Is(err, errInterrupted) && last != nil {
			return last, retries - 1, nil
		}
		// A host that wants to be left alone for longer than we wait is left alone.
		if err != nil || !r.retriable() || retries == v.cfg.Retries || r.retryAfter > longestWait {
			return r, retries, err
		}
		last = r
		v.pause(ctx, max(r.retryAfter, backoff(v.cfg.Backoff, retries)))
	}
}

// errInterrupted is the end of a visit that made no request, because the crawl was interrupted first.
var errInterrupted = errors.New("interrupted")

func (v *visitor) try(ctx context.Context, h *host, at *url.URL, again bool) (*response, error) {
	waiting, cancel := v.untilInterrupted(ctx)
	defer cancel()
	permit, err := h.enter(waiting, at, again)
	if err != nil {
		if v.interrupted.Err() != nil {
			err = errInterrupted
		}
		return nil, err
	}
	defer func() { _ = permit.Release() }() // an error would say that the permit is back already
	return v.fetchers.Do(ctx, at.String())
}

// request is the fetchers' work.
func (v *visitor) request(ctx context.Context, address string) (*response, error) {
	strike(v.cfg.Chaos)
	if v.interrupted.Err() != nil {
		return nil, errInterrupted
	}
	return v.fetcher.fetch(ctx, address)
}

// untilInterrupted returns a context that ends with ctx, and when the crawl is interrupted.
func (v *visitor) untilInterrupted(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(v.interrupted, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}

// longestWait is to where the wait before a retry grows, and the longest that a host may ask for.
const longestWait = 30 * time.Second

// backoff doubles with each retry and varies by half, so that what failed together is not tried again together.
func backoff(base time.Duration, retries int) time.Duration {
	d := base
	for range retries {
		d = max(base, min(2*d, longestWait))
	}
	return d/2 + rand.N(d/2+1)
}

// pause waits, but not when the crawl ends meanwhile.
func (v *visitor) pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-v.interrupted.Done():
	}
}

func (v *visitor) parse(ctx context.Context, at *url.URL, r *response, out *visited) error {
	doc, err := v.parsers.Do(ctx, document{r.body.Bytes(), r.mediaType, at})
	unreadable := errors.Is(err, errUnreadable)
	if err != nil && !unreadable {
		return err // and perhaps the body is being read still
	}
	v.fetcher.release(r.body)
	if unreadable {
		out.kind = kindMalformed
		return nil
	}
	out.links, out.bad, out.records = doc.Links, doc.Bad, len(doc.Records)
	if len(doc.Records) == 0 {
		return nil
	}
	return v.sink.Tell(ctx, rows{records: doc.Records})
}

// errUnreadable is the parser's error.
var errUnreadable = errors.New("the page cannot be parsed")
