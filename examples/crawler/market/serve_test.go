package market

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
)

func bodyOf(t *testing.T, r *http.Response) []byte {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestSomePagesFailTwice(t *testing.T) {
	s := New()
	for _, path := range []string{"/home/1041", "/home/1261"} {
		var statuses []int
		for range 4 {
			r := ask(s, path)
			statuses = append(statuses, r.StatusCode)
			if retry := r.Header.Get("Retry-After"); (retry == "0") != (r.StatusCode == 503) {
				t.Errorf("%s: %d with Retry-After %q", path, r.StatusCode, retry)
			}
		}
		failure := 500
		if path == "/home/1261" {
			failure = 503
		}
		if diff := cmp.Diff([]int{failure, failure, 200, 200}, statuses); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

func TestOnePageAlwaysFails(t *testing.T) {
	s := New()
	for range 10 {
		if r := ask(s, "/valuation"); r.StatusCode != 500 {
			t.Errorf("status %d, want 500", r.StatusCode)
		}
	}
}

func TestCutConnectionIsOneFailedRequest(t *testing.T) {
	s := New()
	server := httptest.NewServer(s)
	defer server.Close()
	// On a connection that was used before, net/http's client would repeat a request that got no byte in answer.
	r, err := server.Client().Get(server.URL + "/about")
	if err != nil {
		t.Fatal(err)
	}
	bodyOf(t, r)
	_ = r.Body.Close()
	if r, err := server.Client().Get(server.URL + "/tour/live"); err == nil {
		t.Errorf("status %d, want no response", r.StatusCode)
	}
	if n := s.Requests()["/tour/live"]; n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

func TestCutWithoutConnectionAborts(t *testing.T) {
	defer func() {
		if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) {
			t.Errorf("panic with %v, want http.ErrAbortHandler", err)
		}
	}()
	ask(New(), "/tour/live")
}

func TestSlowPagesWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New()
		slow := 0
		for path, p := range s.pages {
			if p.trouble.wait == 0 {
				continue
			}
			slow++
			start := time.Now()
			r := ask(s, path)
			took := time.Since(start)
			if r.StatusCode != 200 || took < 150*time.Millisecond || took > 400*time.Millisecond {
				t.Errorf("%s: status %d after %v, want 200 after 150 to 400 ms", path, r.StatusCode, took)
			}

			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			start = time.Now()
			w := httptest.NewRecorder()
			s.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil))
			cancel()
			if took := time.Since(start); took != time.Millisecond || w.Body.Len() > 0 {
				t.Errorf("%s: %d bytes after %v, want none when the context ended", path, w.Body.Len(), took)
			}
		}
		if slow != 5 {
			t.Errorf("%d slow pages, want 5", slow)
		}
	})
}

func TestGBKIsDeclaredOnlyInThePage(t *testing.T) {
	r := ask(New(), "/classic/pudong")
	body := bodyOf(t, r)
	if got := r.Header.Get("Content-Type"); got != "text/html" {
		t.Errorf("Content-Type %q, want none of a charset", got)
	}
	if at := bytes.Index(body, []byte(`<meta charset="gbk">`)); at < 0 || at > 1024 {
		t.Errorf("the declaration is at byte %d, want it within the first 1,024", at)
	}
	if bytes.Contains(body, []byte("浦东")) {
		t.Error("the page is in UTF-8")
	}
	if text, err := simplifiedchinese.GBK.NewDecoder().Bytes(body); err != nil || !bytes.Contains(text, []byte("浦东新区")) {
		t.Errorf("the page is not in GBK: %v", err)
	}
}

func TestFilesAreWhatTheySay(t *testing.T) {
	s := New()
	for path, want := range map[string]string{
		"/brochure.pdf": "application/pdf",
		"/feed.json":    "application/json",
		"/feed.xml":     "application/rss+xml",
		"/terms.txt":    "text/plain; charset=utf-8",
		"/robots.txt":   "text/plain; charset=utf-8",
		"/photos/1.jpg": "image/jpeg",
	} {
		if r := ask(s, path); r.StatusCode != 200 || r.Header.Get("Content-Type") != want {
			t.Errorf("%s: %d %s, want 200 %s", path, r.StatusCode, r.Header.Get("Content-Type"), want)
		}
	}
	if _, err := jpeg.Decode(ask(s, "/photos/12.jpg").Body); err != nil {
		t.Errorf("photo: %v", err)
	}
}

func TestForbiddenPartAnswersWhoeverAsks(t *testing.T) {
	s := New()
	for path, off := range map[string]bool{
		"/private/owners": true, "/private/contact?home=1001": true, "/search": true, "/search?district=1&rooms=1": true,
		"/private/open": false, "/": false, "/list?district=1&page=1": false,
	} {
		if forbidden(path) != off {
			t.Errorf("%s: forbidden is %v", path, !off)
		}
		if r := ask(s, path); r.StatusCode != 200 {
			t.Errorf("%s: status %d, want 200", path, r.StatusCode)
		}
	}
}

func TestStatusesOfWhatIsNotThere(t *testing.T) {
	s := New()
	for path, want := range map[string]int{"/home/99999": 404, "/About": 404, "/home/1007/": 404, "/home/1000": 410} {
		if r := ask(s, path); r.StatusCode != want {
			t.Errorf("%s: status %d, want %d", path, r.StatusCode, want)
		}
	}
}

func TestOnlyReadingIsAllowed(t *testing.T) {
	s := New()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/about", strings.NewReader("a=b")))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

func TestRequestsCountCanonicalAddresses(t *testing.T) {
	s := New()
	for _, path := range []string{
		"/list?page=2&district=3", "/list?district=3&page=2", "/home/../list?district=3&page=2", "/about?", "/about",
		"/map?layer=schools&layer=metro", "/nowhere", "/robots.txt", "/private/owners",
	} {
		ask(s, path)
	}
	got := s.Requests()
	want := map[string]int{
		"/list?district=3&page=2": 3, "/about": 2, "/map?layer=metro&layer=schools": 1, "/nowhere": 1, "/robots.txt": 1,
		"/private/owners": 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	got["/about"] = 100
	if n := s.Requests()["/about"]; n != 2 {
		t.Errorf("the map is shared: %d requests, want 2", n)
	}
}

func TestConcurrentRequestsAreAllCounted(t *testing.T) {
	s := New()
	const clients, each = 8, 40
	var wg sync.WaitGroup
	for client := range clients {
		wg.Go(func() {
			for n := range each {
				ask(s, fmt.Sprintf("/home/%d", firstHome+n/2))
				ask(s, "/agent/5")
				if client == 0 {
					s.Manifest(testBase)
				}
				s.Requests()
			}
		})
	}
	wg.Wait()
	total := 0
	for _, n := range s.Requests() {
		total += n
	}
	if want := clients * each * 2; total != want || s.Requests()["/agent/5"] != want/2 {
		t.Errorf("%d requests, %d of them for one page; want %d and %d", total, s.Requests()["/agent/5"], want, want/2)
	}
}
