package main

import (
	"context"
	"io"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/troupe-go/troupe/examples/crawler/crawl"
	"github.com/troupe-go/troupe/examples/crawler/page"
)

// withTroupe crawls with examples/crawler, set as its command sets it for its own site: robots.txt is heeded, at most 8
// requests are made to a host at once, failures are tried again, and pages are bounded in time and size. Without fields no
// records are looked for.
func withTroupe(start string, fields bool) result {
	cfg := troupeConfig(start)
	if fields {
		cfg.Spec = must(page.NewSpec(itemSelector, []string{"name=" + nameSelector, "price=" + priceSelector}))
	}
	s := must(crawl.Run(context.Background(), cfg))
	if left, right := s.Identity(); left != right {
		panic("the accounts do not balance")
	}
	return result{s.Pages, s.Links, s.Records}
}

func troupeConfig(start string) crawl.Config {
	logger := logrus.New()
	logger.SetOutput(io.Discard)
	return crawl.Config{
		Start: start, Depth: -1, Workers: atOnce, PerHost: atOnce, Robots: true, Agent: "troupe-crawler/1.0",
		Timeout: 15 * time.Second, Body: 4 << 20, Retries: 3, Backoff: 200 * time.Millisecond, Logger: logger,
	}
}
