package crawl_test

import (
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/troupe-go/troupe/examples/crawler/crawl"
)

func TestDepthLimitFetchesWhatIsThatNearAndNothingElse(t *testing.T) {
	chain := pageMap{home: linking("/1"), home + "1": linking("/2"), home + "2": linking("/3"), home + "3": linking("/")}
	for depth, want := range []int{1, 2, 3, 4, 4} {
		r := run(t, t.Context(), chain, func(c *crawl.Config) { c.Depth = depth })
		if r.Pages != want {
			t.Errorf("depth %d: %d pages, want %d", depth, r.Pages, want)
		}
		if tooDeep := r.Kinds["too-deep"]; tooDeep != min(1, 4-want) {
			t.Errorf("depth %d: %d are too deep", depth, tooDeep)
		}
	}
}

// The shortest way to a page counts, not the one that was found first.
func TestDepthIsThatOfTheShortestWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := run(t, t.Context(), pageMap{
			home:           linking("/slow", "/fast", "/moved"),
			home + "slow":  after(time.Second, linking("/far")),
			home + "moved": after(time.Second, answering(302, "Location", "/aside")),
			home + "fast":  linking("/fast2"),
			home + "fast2": linking("/fast3"),
			home + "fast3": linking("/far", "/aside"),
			home + "far":   linking("/end"),
			home + "aside": linking("/aside2"), home + "aside2": linking("/end2"),
			home + "end": linking("/last"), home + "end2": linking("/last2"),
			home + "last": linking("/deep"), home + "last2": linking("/deep2"),
		}, func(c *crawl.Config) { c.Depth = 4 })
		want := map[string]string{
			home + "slow": "ok", home + "fast": "ok", home + "fast2": "ok", home + "fast3": "ok", home + "moved": "ok",
			home + "far": "ok", home + "end": "ok", home + "last": "ok", home + "deep": "too-deep",
			home + "aside": "ok", home + "aside2": "ok", home + "end2": "ok", home + "last2": "ok", home + "deep2": "too-deep",
		}
		if diff := cmp.Diff(want, r.kinds); diff != "" {
			t.Errorf("links, want- got+:\n%s", diff)
		}
		for address, times := range r.net.times() {
			if len(times) > 1 {
				t.Errorf("%s was requested %d times", address, len(times))
			}
		}
	})
}

func TestPagesLimitIsExact(t *testing.T) {
	pages := wide(40, linking("/more"))
	pages[home+"robots.txt"] = text("User-agent: *\nDisallow: /1")
	for _, chaos := range []float64{0, 0.5} {
		for _, limit := range []int{1, 2, 9, 30, 31, 1000} {
			r := run(t, t.Context(), pages, func(c *crawl.Config) { c.Pages, c.Chaos = limit, chaos })
			// The start, 29 pages that are allowed, and one that is not there.
			want := min(limit, 31)
			if r.Pages != want || len(r.net.pages()) != want {
				t.Errorf("limit %d, chaos %v: %d pages, %d requests, want %d", limit, chaos, r.Pages, len(r.net.pages()), want)
			}
		}
	}
}

func TestRequestsAtOnceReachTheLimitsAndStayWithinThem(t *testing.T) {
	for _, tt := range []struct{ workers, perHost, pages, want int }{
		{8, 3, 50, 3}, {4, 100, 50, 4}, {1, 1, 50, 1}, {1200, 1200, 1300, 1200},
	} {
		synctest.Test(t, func(t *testing.T) {
			pages := wide(tt.pages, after(time.Second, linking()))
			pages[home+"robots.txt"] = after(time.Second, text(""))
			r := run(t, t.Context(), pages, func(c *crawl.Config) { c.Workers, c.PerHost = tt.workers, tt.perHost })
			if r.Restarts > 0 {
				t.Errorf("%d workers: %d restarts, want none", tt.workers, r.Restarts)
			}
			if r.net.most != tt.want || r.Pages != tt.pages+1 {
				t.Errorf("%d workers, %d for a host: %d requests at once, want %d; %d pages", tt.workers, tt.perHost, r.net.most, tt.want, r.Pages)
			}
		})
	}
}

// spaced checks that the times are no closer than gap, and that none of it is wasted.
func spaced(t *testing.T, times []time.Duration, gap time.Duration) {
	t.Helper()
	for i := 1; i < len(times); i++ {
		if d := times[i] - times[i-1]; d < gap || d > gap+time.Millisecond {
			t.Errorf("request %d comes %v after the one before, want %v: %v", i, d, gap, times)
		}
	}
}

func TestRateSpacesTheRequests(t *testing.T) {
	for _, chaos := range []float64{0, 0.3} {
		synctest.Test(t, func(t *testing.T) {
			r := run(t, t.Context(), wide(20, linking()), func(c *crawl.Config) { c.Rate, c.Chaos = 4, chaos })
			spaced(t, r.net.pages(), time.Second/4)
		})
	}
}

// Those who have waited for the one slow page must not follow each other at once when it is done.
func TestRateHoldsAfterASlowPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pages := wide(10, linking())
		pages[home+"0"] = after(20*time.Second, linking())
		r := run(t, t.Context(), pages, func(c *crawl.Config) { c.Rate, c.PerHost = 2, 1 })
		times := r.net.pages()
		for i := 1; i < len(times); i++ {
			if d := times[i] - times[i-1]; d < time.Second/2 {
				t.Errorf("request %d comes %v after the one before, want 500ms at least: %v", i, d, times)
			}
		}
		if len(times) != 11 || r.took < 20*time.Second {
			t.Errorf("%d requests in %v, want 11 in more than 20 s", len(times), r.took)
		}
	})
}

func TestCrawlDelayCountsWhereItIsLongerThanTheRateAsks(t *testing.T) {
	for _, tt := range []struct {
		robots string
		heed   bool
		want   time.Duration
	}{
		{"User-agent: *\nCrawl-delay: 3", true, 3 * time.Second},
		{"User-agent: *\nCrawl-delay: 0.1", true, time.Second},
		{"User-agent: *\nCrawl-delay: 3\nUser-agent: troupe-test\nDisallow:\nCrawl-delay: 2", true, 2 * time.Second},
		{"User-agent: *\nCrawl-delay: 3s", true, time.Second},
		{"User-agent: *\nCrawl-delay: 3", false, time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			pages := wide(5, linking())
			pages[home+"robots.txt"] = text(tt.robots)
			r := run(t, t.Context(), pages, func(c *crawl.Config) { c.Rate, c.Robots = 1, tt.heed })
			spaced(t, r.net.pages(), tt.want)
			if asked := slices.Contains(slices.Collect(maps.Keys(r.net.times())), home+"robots.txt"); asked != tt.heed {
				t.Errorf("robots.txt requested: %v, want %v", asked, tt.heed)
			}
		})
	}
}
