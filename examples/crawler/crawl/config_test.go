package crawl_test

import (
	"math"
	"testing"

	"github.com/troupe-go/troupe/examples/crawler/crawl"
)

func TestValidateSaysWhatWasFoundAndWhatIsWanted(t *testing.T) {
	for _, tt := range []struct {
		change func(*crawl.Config)
		want   string
	}{
		{func(c *crawl.Config) {}, ""},
		{func(c *crawl.Config) { c.Start = "" }, `the address is "": want one like http://host/path`},
		{func(c *crawl.Config) { c.Start = "file:///etc" }, `the address is "file:///etc": want one like http://host/path`},
		{func(c *crawl.Config) { c.Start = "http://:80/" }, `the address is "http://:80/": no host`},
		{func(c *crawl.Config) { c.Workers = 10001 }, "workers is 10001: want 1 to 10000"},
		{func(c *crawl.Config) { c.PerHost = 0 }, "per-host is 0: want 1 or more"},
		{func(c *crawl.Config) { c.Pages = -1 }, "pages is -1: want 0 (no limit) or more"},
		{func(c *crawl.Config) { c.Rate = math.NaN() }, "rate is NaN: want 0 (no limit) to 1000000"},
		{func(c *crawl.Config) { c.Rate = 1e-300 }, ""},
		{func(c *crawl.Config) { c.Timeout = 0 }, "timeout is 0s: want more than 0"},
		{func(c *crawl.Config) { c.Body = math.MaxInt64 }, "body is 9223372036854775807: want 1 to 1099511627776"},
		{func(c *crawl.Config) { c.Retries = -1 }, "retries is -1: want 0 or more"},
		{func(c *crawl.Config) { c.Backoff = -1 }, "backoff is -1ns: want 0 or more"},
		{func(c *crawl.Config) { c.Chaos = math.NaN() }, "chaos is NaN: want 0 to 0.9"},
		{func(c *crawl.Config) { c.Chaos = 0.91 }, "chaos is 0.91: want 0 to 0.9"},
		{func(c *crawl.Config) { c.Agent = "a\nb" }, `agent is "a\nb": want a name, without line breaks and the like`},
	} {
		var c collector
		cfg := config(home, &c)
		tt.change(&cfg)
		got := ""
		if err := cfg.Validate(); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("Validate returns %q, want %q", got, tt.want)
		}
		if tt.want != "" {
			if _, err := crawl.Run(t.Context(), cfg); err == nil || err.Error() != tt.want {
				t.Errorf("Run returns %v, want %q", err, tt.want)
			}
		}
	}
}
