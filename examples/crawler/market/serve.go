package market

import (
	"cmp"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The bodies of the answers that are no pages. As on many sites, they have links of their own.
const (
	errorBody   = `<!DOCTYPE html><title>Error</title><h1>That did not work</h1><a href="/hidden/by-error">Help</a>` + "\n"
	moveBody    = `<!DOCTYPE html><title>Moved</title><a href="/hidden/by-redirect">Moved</a>` + "\n"
	privateBody = `<!DOCTYPE html><title>Private</title><h1>For people only</h1><a href="/hidden/by-private">Enter</a>` + "\n"
)

const htmlType = "text/html; charset=utf-8"

// ServeHTTP answers GET and HEAD. A slow page waits until the request's context ends at most and then answers nothing.
// One page takes the connection over to cut it, or panics with [http.ErrAbortHandler] where that is impossible.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "The market can only be read: want GET or HEAD, got "+r.Method+".", http.StatusMethodNotAllowed)
		return
	}
	key := canonical(r.URL)
	n := s.count(key)
	p := s.pages[key]
	if p == nil {
		if forbidden(key) {
			send(w, http.StatusOK, htmlType, []byte(privateBody))
			return
		}
		send(w, http.StatusNotFound, htmlType, []byte(errorBody))
		return
	}
	if p.trouble.wait > 0 {
		select {
		case <-time.After(p.trouble.wait):
		case <-r.Context().Done():
			return
		}
	}
	if p.trouble.cut {
		cut(w)
		return
	}
	if p.trouble.failing(n) {
		if p.trouble.retryAfter != "" {
			w.Header().Set("Retry-After", p.trouble.retryAfter)
		}
		send(w, p.trouble.status, htmlType, []byte(errorBody))
		return
	}
	switch {
	case p.doc != nil:
		contentType := htmlType
		if p.doc.charset != "" {
			contentType = "text/html" // only the page itself tells
		}
		send(w, http.StatusOK, contentType, p.doc.render(originOf(r)))
	case p.file != nil:
		send(w, http.StatusOK, p.file.contentType, p.file.body)
	case p.bulk != nil:
		if r.Method == http.MethodHead {
			p.bulk.header(w)
			return
		}
		p.bulk.send(w)
	case p.move != nil:
		w.Header().Set("Location", p.move.location)
		send(w, p.move.status, htmlType, []byte(moveBody))
	default:
		send(w, http.StatusGone, htmlType, []byte(errorBody))
	}
}

// send writes a whole answer. A failing write means that nobody listens anymore, and is nobody's concern.
func send(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// cut ends the connection within the status line. Ending it before the first byte looks to net/http's client like a kept
// connection that timed out: it then repeats the request by itself, unseen by the crawler, and requests and tries would
// differ.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_, _ = io.WriteString(conn, "HTTP/1.1 2")
	_ = conn.Close()
}

// filler is what a bulk consists of. All bulks send this one chunk over and over.
var filler = []byte(strings.Repeat(`<p><a href="/hidden/by-archive">A home that was sold long ago</a></p>`+"\n", 450))

func (b *bulk) header(w http.ResponseWriter) {
	w.Header().Set("Content-Type", htmlType)
	if b.declared {
		w.Header().Set("Content-Length", strconv.Itoa(b.size))
	}
}

// send writes exactly size bytes and holds no more than the filler. It stops when the client does.
func (b *bulk) send(w http.ResponseWriter) {
	b.header(w)
	rest := b.size
	n, err := io.WriteString(w, "<!DOCTYPE html><meta charset=\"utf-8\"><title>Archive</title><h1>Archive</h1>\n")
	for rest -= n; rest > 0 && err == nil; rest -= n {
		n, err = w.Write(filler[:min(rest, len(filler))])
	}
}

// originOf is the scheme and host by which the client reached the site.
func originOf(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + strings.ToLower(r.Host)
}

// canonical is the path and query of a request as the model writes them. A crawler that asks for /a/../b or for
// parameters in another order gets the page, and is seen to have asked for it again.
func canonical(u *url.URL) string {
	path := (&url.URL{Path: "/"}).ResolveReference(&url.URL{Path: u.Path, RawPath: u.RawPath}).EscapedPath()
	if u.RawQuery == "" {
		return path
	}
	pairs := strings.Split(u.RawQuery, "&")
	slices.SortStableFunc(pairs, func(a, b string) int {
		aKey, aValue, _ := strings.Cut(a, "=")
		bKey, bValue, _ := strings.Cut(b, "=")
		return cmp.Or(strings.Compare(aKey, bKey), strings.Compare(aValue, bValue))
	})
	return path + "?" + strings.Join(pairs, "&")
}
