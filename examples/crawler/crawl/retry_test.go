package crawl_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/examples/crawler/crawl"
)

// first answers the first n requests with one page, and further ones with another.
func first(n int64, one, other func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	var asked atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) error {
		if asked.Add(1) <= n {
			return one(w, r)
		}
		return other(w, r)
	}
}

func cut(http.ResponseWriter, *http.Request) error { return errors.New("the connection was cut") }

func TestRetries(t *testing.T) {
	for name, tt := range map[string]struct {
		page    func(http.ResponseWriter, *http.Request) error
		kind    string
		retries int
	}{
		"500 twice":          {first(2, answering(500), linking()), "ok", 2},
		"500 for ever":       {answering(500), "server-error", 3},
		"503 for ever":       {answering(503), "server-error", 3},
		"cut once":           {first(1, cut, linking()), "ok", 1},
		"cut for ever":       {cut, "network", 3},
		"hangs once":         {first(1, after(time.Hour, linking()), linking()), "ok", 1},
		"hangs for ever":     {after(time.Hour, linking()), "timeout", 3},
		"429 once":           {first(1, answering(429), linking()), "ok", 1},
		"404":                {answering(404), "not-found", 0},
		"410":                {answering(410), "gone", 0},
		"403":                {answering(403), "client-error", 0},
		"503, come tomorrow": {answering(503, "Retry-After", "86400"), "server-error", 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := run(t, t.Context(), pageMap{home: linking("/x"), home + "x": tt.page}, nil)
				if got := r.kinds[home+"x"]; got != tt.kind || r.Retries != tt.retries || len(r.net.times()[home+"x"]) != tt.retries+1 {
					t.Errorf("%s after %d retries and %d requests, want %s after %d", got, r.Retries, len(r.net.times()[home+"x"]), tt.kind, tt.retries)
				}
			})
		})
	}
}

func TestBackoffDoublesUpToThirtySeconds(t *testing.T) {
	for _, tt := range []struct {
		base time.Duration
		want []time.Duration
	}{
		{4 * time.Second, []time.Duration{4 * time.Second, 8 * time.Second, 16 * time.Second, 30 * time.Second, 30 * time.Second}},
		{time.Minute, []time.Duration{time.Minute, time.Minute}},
		{0, []time.Duration{0, 0, 0}},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := run(t, t.Context(), pageMap{home: answering(500)}, func(c *crawl.Config) {
				c.Backoff, c.Retries = tt.base, len(tt.want)
			})
			times := r.net.pages()
			for i, want := range tt.want {
				if d := times[i+1] - times[i]; d < want/2 || d > want {
					t.Errorf("backoff %v: retry %d comes after %v, want %v to %v", tt.base, i+1, d, want/2, want)
				}
			}
		})
	}
}

func TestRetryAfterIsHeeded(t *testing.T) {
	for _, date := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			header := "20"
			if date {
				header = time.Now().Add(20 * time.Second).UTC().Format(http.TimeFormat)
			}
			r := run(t, t.Context(), pageMap{home: first(1, answering(503, "Retry-After", header), linking())}, nil)
			times := r.net.pages()
			if len(times) != 2 || times[1]-times[0] != 20*time.Second {
				t.Errorf("Retry-After %s: requests at %v, want them 20 s apart", header, times)
			}
		})
	}
}

func TestRetriesKeepToTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := run(t, context.Background(), wide(5, answering(500)), func(c *crawl.Config) { c.Rate = 1 })
		times := r.net.pages()
		if len(times) != 1+5*4 {
			t.Errorf("%d requests, want 21", len(times))
		}
		spaced(t, times, time.Second)
	})
}
