package crawl

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/troupe-go/troupe/examples/crawler/page"
)

// What can become of an address. Only those up to timeout were fetched.
const (
	kindOK           = "ok"
	kindOther        = "other" // not HTML
	kindRedirect     = "redirect"
	kindRedirectLoop = "redirect-loop"
	kindNotFound     = "not-found"
	kindGone         = "gone"
	kindClientError  = "client-error" // another 4xx
	kindServerError  = "server-error"
	kindTooLarge     = "too-large"
	kindMalformed    = "malformed"
	kindNetwork      = "network"
	kindTimeout      = "timeout"

	kindForbidden = "forbidden" // by robots.txt
	kindOffSite   = "off-site"
	kindTooDeep   = "too-deep"
	kindSkipped   = "skipped" // not come to, because of a limit or an interrupt
)

func failed(kind string) bool {
	switch kind {
	case kindOK, kindOther, kindRedirect, kindForbidden, kindOffSite, kindTooDeep, kindSkipped:
		return false
	}
	return true
}

// A response is what came of one request. Its body is there only for HTML.
type response struct {
	kind       string
	status     int
	location   string // redirect: where to
	mediaType  string
	body       []byte
	size       int64
	retryAfter time.Duration
	took       time.Duration
}

// retriable reports whether another try may do better.
func (r *response) retriable() bool {
	return r.kind == kindServerError || r.kind == kindNetwork || r.kind == kindTimeout || r.status == http.StatusTooManyRequests
}

// A fetcher makes requests. It follows no redirect: where one leads is for the frontier to decide.
type fetcher struct {
	client *http.Client
	agent  string
	body   int64
}

func newFetcher(c *Config) *fetcher {
	transport := c.Transport
	if transport == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.MaxIdleConnsPerHost = c.Workers
		transport = t
	}
	return &fetcher{
		client: &http.Client{
			Transport:     transport,
			Timeout:       c.Timeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		agent: c.Agent,
		body:  c.Body,
	}
}

// fetch requests address. What the network or the server does wrong is told by the response's kind; an error means that
// ctx ended.
func (f *fetcher) fetch(ctx context.Context, address string) (*response, error) {
	began := time.Now()
	r := f.request(ctx, address)
	r.took = time.Since(began)
	if ctx.Err() != nil && (r.kind == kindNetwork || r.kind == kindTimeout) {
		return nil, ctx.Err()
	}
	return r, nil
}

func (f *fetcher) request(ctx context.Context, address string) *response {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return &response{kind: kindNetwork}
	}
	request.Header.Set("User-Agent", f.agent)
	answer, err := f.client.Do(request)
	if err != nil {
		return &response{kind: networkKind(err)}
	}
	defer answer.Body.Close()
	r := &response{
		kind: statusKind(answer.StatusCode), status: answer.StatusCode,
		location: answer.Header.Get("Location"), mediaType: answer.Header.Get("Content-Type"),
		retryAfter: retryAfter(answer.Header.Get("Retry-After")),
	}
	if r.kind == kindOK {
		f.read(r, answer)
	}
	return r
}

// read takes in the body, as far as it is wanted. Of a large one it reads no more than shows that it is too large.
func (f *fetcher) read(r *response, answer *http.Response) {
	if answer.ContentLength > f.body {
		r.kind = kindTooLarge
		if r.mediaType != "" && !page.IsHTML(r.mediaType, nil) {
			r.kind = kindOther
		}
		return
	}
	limited := io.LimitReader(answer.Body, f.body+1)
	head, err := io.ReadAll(io.LimitReader(limited, 512))
	if err == nil && !page.IsHTML(r.mediaType, head) {
		n, _ := io.Copy(io.Discard, limited) // so that the connection can be used again
		r.kind, r.size = kindOther, int64(len(head))+n
		return
	}
	rest, restErr := io.ReadAll(limited)
	r.body = append(head, rest...)
	r.size = int64(len(r.body))
	switch err = errors.Join(err, restErr); {
	case err != nil:
		r.kind, r.body = networkKind(err), nil
	case r.size > f.body:
		r.kind, r.body = kindTooLarge, nil
	}
}

func statusKind(status int) string {
	switch {
	case status >= 200 && status < 300:
		return kindOK
	case status == http.StatusNotFound:
		return kindNotFound
	case status == http.StatusGone:
		return kindGone
	case status == 301 || status == 302 || status == 303 || status == 307 || status == 308:
		return kindRedirect
	case status >= 500:
		return kindServerError
	}
	return kindClientError
}

func networkKind(err error) string {
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return kindTimeout
	}
	return kindNetwork
}

// retryAfter reads the form of the header that is a number of seconds; a date is rare and is ignored.
func retryAfter(header string) time.Duration {
	seconds, err := strconv.Atoi(header)
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// robotsLimit is how much of a robots.txt is read; RFC 9309 asks for 500 KiB at least.
const robotsLimit = 512 << 10

// text requests a small text. A redirect has a location.
func (f *fetcher) text(ctx context.Context, address string) (status int, location string, body []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, "", nil, err
	}
	request.Header.Set("User-Agent", f.agent)
	answer, err := f.client.Do(request)
	if err != nil {
		return 0, "", nil, err
	}
	defer answer.Body.Close()
	if statusKind(answer.StatusCode) == kindRedirect {
		location = answer.Header.Get("Location")
	}
	body, err = io.ReadAll(io.LimitReader(answer.Body, robotsLimit))
	return answer.StatusCode, location, body, err
}
