package crawl

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/troupe-go/troupe/examples/crawler/page"
)

// What can become of an address. Those up to timeout were fetched, but for links that do not parse, and for the pages of a
// host whose robots.txt could not be had.
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
	kindLost      = "lost"    // its visit crashed for good
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
	body       *bytes.Buffer
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
	transport http.RoundTripper
	agent     string
	timeout   time.Duration
	body      int64
	spare     chan *bytes.Buffer // of bodies that are done with, to be filled again
}

func newFetcher(c *Config) *fetcher {
	f := &fetcher{
		transport: c.Transport, agent: c.Agent, timeout: c.Timeout, body: c.Body,
		spare: make(chan *bytes.Buffer, visitsPerWorker*c.Workers),
	}
	if f.transport == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.MaxIdleConnsPerHost = c.Workers
		f.transport = t
	}
	return f
}

// close lets go of the connections that are kept for further requests.
func (f *fetcher) close() { (&http.Client{Transport: f.transport}).CloseIdleConnections() }

// get requests address and has use look at the answer, all within the timeout. It is the transport that it asks: a Client
// that is told to follow no redirect fails over one that does not parse all the same.
func (f *fetcher) get(ctx context.Context, address string, use func(*http.Response) error) error {
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	request.Header.Set("User-Agent", f.agent)
	answer, err := f.transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	return use(answer)
}

// fetch requests address. What the network or the server does wrong is told by the response's kind; an error means that
// ctx ended.
func (f *fetcher) fetch(ctx context.Context, address string) (*response, error) {
	began := time.Now()
	r := &response{}
	err := f.get(ctx, address, func(answer *http.Response) error { return f.take(r, answer) })
	r.took = time.Since(began)
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		r.kind, r.body = networkKind(err), nil
	}
	return r, nil
}

// drained is how much is read of a body that nobody wants, so that the connection can be used again. Of a longer one, it
// is the connection that is given up.
const drained = 64 << 10

func (f *fetcher) take(r *response, answer *http.Response) error {
	r.kind, r.status = statusKind(answer.StatusCode), answer.StatusCode
	r.location, r.mediaType = answer.Header.Get("Location"), answer.Header.Get("Content-Type")
	r.retryAfter = retryAfter(answer.Header.Get("Retry-After"))
	if r.kind == kindOK {
		if err := f.read(r, answer); err != nil {
			return err
		}
	}
	if r.kind != kindTooLarge {
		n, _ := io.CopyN(io.Discard, answer.Body, drained) // an error costs no more than the connection
		r.size += n
	}
	return nil
}

// read takes in the body, as far as it is wanted. Of a large one it reads no more than shows that it is too large.
func (f *fetcher) read(r *response, answer *http.Response) error {
	limited := io.LimitReader(answer.Body, f.body+1)
	body := f.buffer()
	defer func() {
		if r.body == nil {
			f.release(body)
		}
	}()
	if r.mediaType == "" || page.IsHTML(r.mediaType, nil) {
		if answer.ContentLength > f.body {
			r.kind = kindTooLarge
			return nil
		}
		_, err := io.CopyN(body, limited, sniffed)
		if err != nil && err != io.EOF {
			return err
		}
	}
	if !page.IsHTML(r.mediaType, body.Bytes()) {
		r.kind, r.size = kindOther, int64(body.Len())
		return nil
	}
	_, err := body.ReadFrom(limited)
	r.size = int64(body.Len())
	if r.size > f.body {
		r.kind = kindTooLarge
	} else {
		r.body = body
	}
	return err
}

// buffer returns an empty one.
func (f *fetcher) buffer() *bytes.Buffer {
	select {
	case b := <-f.spare:
		return b
	default:
		return new(bytes.Buffer)
	}
}

// release takes back a buffer whose contents nobody needs any more, unless it is so large that it might lie idle for ever.
func (f *fetcher) release(b *bytes.Buffer) {
	if b.Cap() > largestSpare {
		return
	}
	b.Reset()
	select {
	case f.spare <- b:
	default:
	}
}

const largestSpare = 256 << 10

// sniffed is how much of a body may tell its type.
const sniffed = 512

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

// retryAfter reads the header, a number of seconds or a date; what is neither is 0.
func retryAfter(header string) time.Duration {
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}
