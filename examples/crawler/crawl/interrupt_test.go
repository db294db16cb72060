package crawl_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/examples/crawler/crawl"
	"github.com/troupe-go/troupe/examples/crawler/report"
)

// What is under way is finished, and nothing else is begun, wherever the visits happen to wait.
func TestInterruptEndsEveryWait(t *testing.T) {
	slow := func(n int) pageMap { return wide(n, after(30*time.Second, linking("/more"))) }
	robots := slow(5)
	robots[home+"robots.txt"] = after(time.Hour, text(""))
	trouble := slow(1)
	trouble[home+"robots.txt"] = answering(500)
	for name, tt := range map[string]struct {
		pages  pageMap
		change func(*crawl.Config)
		kinds  map[string]int
		took   time.Duration
	}{
		"requests under way": {slow(20), func(c *crawl.Config) { c.Workers = 4 }, map[string]int{"ok": 5, "skipped": 17}, 30 * time.Second},
		"turns at the host":  {slow(20), func(c *crawl.Config) { c.Rate = 0.15 }, map[string]int{"ok": 2, "skipped": 20}, 20*time.Second/3 + 30*time.Second},
		"permits":            {slow(20), func(c *crawl.Config) { c.PerHost = 1 }, map[string]int{"ok": 2, "skipped": 20}, 30 * time.Second},
		"robots.txt":         {robots, nil, map[string]int{"skipped": 1}, 10 * time.Second},
		"robots.txt again": {trouble, func(c *crawl.Config) { c.Backoff = time.Hour }, map[string]int{"skipped": 1},
			10 * time.Second},
		"backoff": {wide(3, answering(503)), func(c *crawl.Config) { c.Backoff = time.Hour },
			map[string]int{"ok": 1, "server-error": 3}, 10 * time.Second},
		"Retry-After": {wide(3, answering(503, "Retry-After", "25")), nil, map[string]int{"ok": 1, "server-error": 3}, 10 * time.Second},
		"chaos": {slow(20), func(c *crawl.Config) { c.Workers, c.Chaos = 4, 0.5 }, map[string]int{"ok": 5, "skipped": 17},
			30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, interrupt := context.WithTimeout(t.Context(), 10*time.Second)
				defer interrupt()
				r := run(t, ctx, tt.pages, tt.change)
				if !r.Interrupted {
					t.Error("the summary does not say that the crawl was interrupted")
				}
				if !maps.Equal(r.Kinds, tt.kinds) {
					t.Errorf("%v, want %v", r.Kinds, tt.kinds)
				}
				if r.took > tt.took+time.Millisecond {
					t.Errorf("the crawl took %v, want %v", r.took, tt.took)
				}
				for _, h := range r.net.hits {
					if h.at > 10*time.Second {
						t.Errorf("%s was requested %v after the interrupt", h.address, h.at-10*time.Second)
					}
				}
				for address, kind := range r.kinds {
					if len(r.net.times()[address]) == 0 && kind != "skipped" {
						t.Errorf("%s was not requested and is %s, want skipped", address, kind)
					}
				}
			})
		})
	}
}

func TestInterruptBeforeTheStartFetchesNothing(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	r := run(t, ctx, pageMap{home: linking()}, nil)
	if want := map[string]int{"skipped": 1}; !maps.Equal(r.Kinds, want) || len(r.net.hits) > 1 || !r.Interrupted {
		t.Errorf("%v with %d requests, want %v", r.Kinds, len(r.net.hits), want)
	}
}

// broken is a file whose disk is full after some rows.
type broken struct{ room int }

var errFull = errors.New("no space left on device")

func (b *broken) take() error {
	if b.room--; b.room < 0 {
		return errFull
	}
	return nil
}
func (b *broken) Close() error { return nil }

type brokenRecords struct{ *broken }

func (b brokenRecords) Write(string, []string) error { return b.take() }

type brokenLinks struct{ *broken }

func (b brokenLinks) Write(report.Link) error { return b.take() }

// The crawl of an endless site ends as soon as its records cannot be written. TestMain sees to it that nothing is left.
func TestFullDiskEndsTheCrawlWithItsError(t *testing.T) {
	endless := func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Content-Type", "text/html")
		_, err := w.Write([]byte(`<div class="home"></div><a href="1` + r.URL.Path[1:] + `">on</a><a href="2` + r.URL.Path[1:] + `">on</a>`))
		return err
	}
	for _, chaos := range []float64{0, 0.5} {
		var c collector
		cfg := config(home, &c)
		cfg.Chaos = chaos
		cfg.Robots = false
		cfg.Transport = &fakeNet{serve: endless}
		cfg.Records = brokenRecords{&broken{room: 10}}
		if _, err := crawl.Run(t.Context(), cfg); !errors.Is(err, errFull) {
			t.Errorf("records: Run returns %v, want that the disk is full", err)
		}
		cfg = config(home, &c)
		cfg.Chaos = chaos
		cfg.Transport = &fakeNet{serve: wide(10, linking()).serve}
		cfg.Links = brokenLinks{&broken{room: 3}}
		if _, err := crawl.Run(t.Context(), cfg); !errors.Is(err, errFull) {
			t.Errorf("links: Run returns %v, want that the disk is full", err)
		}
	}
}
