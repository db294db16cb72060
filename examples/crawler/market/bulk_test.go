package market

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// A sink is a client that counts what it is sent, and hangs up after limit bytes if that is not 0.
type sink struct {
	header         http.Header
	size, largest  int
	limit, refused int
}

func (s *sink) Header() http.Header { return s.header }
func (s *sink) WriteHeader(int)     {}
func (s *sink) Write(b []byte) (int, error) {
	if s.limit > 0 && s.size > s.limit {
		s.refused++
		return 0, net.ErrClosed
	}
	s.size += len(b)
	s.largest = max(s.largest, len(b))
	return len(b), nil
}

func TestLargePagesAreStreamed(t *testing.T) {
	s := New()
	for path, want := range map[string]struct {
		size   int
		length string
	}{
		"/archive/everything": {20 << 20, ""},
		"/archive/sized":      {6 << 20, "6291456"},
	} {
		w := &sink{header: http.Header{}}
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if got := w.header.Get("Content-Length"); w.size != want.size || got != want.length {
			t.Errorf("%s: %d bytes with Content-Length %q, want %d with %q", path, w.size, got, want.size, want.length)
		}
		if w.largest > 64<<10 {
			t.Errorf("%s: %d bytes at once", path, w.largest)
		}

		gone := &sink{header: http.Header{}, limit: 1 << 20}
		s.ServeHTTP(gone, httptest.NewRequest(http.MethodGet, path, nil))
		if gone.refused != 1 {
			t.Errorf("%s: %d writes after the client hung up, want the one that tells", path, gone.refused)
		}
	}
}

func TestLargePagesOverHTTP(t *testing.T) {
	server := httptest.NewServer(New())
	defer server.Close()
	for path, length := range map[string]int64{"/archive/everything": -1, "/archive/sized": 6 << 20} {
		r, err := server.Client().Head(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		if r.ContentLength != length {
			t.Errorf("%s: HEAD says %d bytes, want %d", path, r.ContentLength, length)
		}
		r, err = server.Client().Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, io.LimitReader(r.Body, BodyLimit+1))
		_ = r.Body.Close()
		if r.ContentLength != length || n <= BodyLimit || err != nil {
			t.Errorf("%s: %d of %d bytes, %v; want more than the limit, of %d", path, n, r.ContentLength, err, length)
		}
	}
}
