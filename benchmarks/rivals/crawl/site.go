package main

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
)

const (
	sitePages = 1000
	pageLinks = 20
	pageSize  = 10_000 // bytes
	atOnce    = 8      // requests
)

// A site is pages that link to each other, served on loopback. It counts what is asked for.
type site struct {
	url      string
	server   *http.Server
	pages    [sitePages][]byte
	requests [sitePages]atomic.Int64
	others   atomic.Int64
}

func newSite() *site {
	s := &site{}
	for i := range s.pages {
		s.pages[i] = writePage(i)
	}
	s.server = &http.Server{Handler: s}
	s.url = serve(s.server)
	return s
}

func serve(server *http.Server) (url string) {
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	go func() { _ = server.Serve(listener) }()
	return "http://" + listener.Addr().String()
}

// writePage makes page i: a record, and running text with links to the pages from 20 i + 1 on, so that all can be reached.
// The links are spelled in the ways that real ones are.
func writePage(i int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Page %d</title></head>\n<body>\n", i)
	fmt.Fprintf(&b, "<div class=\"item\"><h2 class=\"name\">Item %d</h2><span class=\"price\">%d EUR</span></div>\n", i, 100+i)
	const end = "</body></html>\n"
	const words = "Some words of running text, with <b>bold</b> and <i>slanted</i> ones among them, as pages have them. "
	for n := range pageLinks {
		to := (i*pageLinks + 1 + n) % sitePages
		href := "/page/" + strconv.Itoa(to)
		switch n % 4 {
		case 1:
			href = strconv.Itoa(to)
		case 2:
			href = "./" + strconv.Itoa(to) + "#top"
		}
		fmt.Fprintf(&b, "<p class=\"text\"><a class=\"link\" href=\"%s\">To page %d</a> ", href, to)
		for share := b.Len() + (pageSize-len(end)-b.Len())/(pageLinks-n); b.Len()+len(words)+len("</p>\n") <= share; {
			b.WriteString(words)
		}
		b.WriteString("</p>\n")
	}
	b.WriteString(strings.Repeat(" ", pageSize-len(end)-b.Len()))
	b.WriteString(end)
	return []byte(b.String())
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, found := strings.CutPrefix(r.URL.Path, "/page/")
	i, err := strconv.Atoi(path)
	if !found || err != nil || i < 0 || i >= sitePages {
		s.others.Add(1)
		http.NotFound(w, r)
		return
	}
	s.requests[i].Add(1)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(s.pages[i])
}

func (s *site) start() string { return s.url + "/page/0" }

// verify panics unless every page was asked for since the last time, just once if once is set, and nothing else but, maybe,
// a robots.txt.
func (s *site) verify(who string, once bool) {
	for i := range s.requests {
		if n := s.requests[i].Swap(0); n == 0 || once && n > 1 {
			panic(fmt.Sprintf("%s asked for page %d %d times, want once", who, i, n))
		}
	}
	if n := s.others.Swap(0); n > 1 {
		panic(fmt.Sprintf("%s asked %d times for what is no page, want a robots.txt at most", who, n))
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
