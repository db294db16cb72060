package crawl

import (
	"context"
	"fmt"
	"net/url"
	goruntime "runtime"
	"time"

	"github.com/troupe-go/troupe/examples/crawler/page"
	"github.com/troupe-go/troupe/examples/crawler/report"
	"github.com/troupe-go/troupe/patterns/workerpool"
	"github.com/troupe-go/troupe/runtime"
)

// A crew is the actors of one crawl.
type crew struct {
	system   *runtime.System
	visitor  *visitor
	state    *frontierState
	frontier runtime.Ref[frontierMessage]
	sink     *sink
}

// Run crawls, and returns what there is to say about it.
//
// When ctx ends, no further page is fetched; what is under way is finished and written, and the summary says that the
// crawl was interrupted. Run returns an error when it could not begin, or could not write its files; it leaves the files
// open. It leaves no goroutine behind.
func Run(ctx context.Context, cfg Config) (*report.Summary, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg.Start, _ = page.Canonical(nil, cfg.Start) // Validate has seen to that
	going, stop := context.WithCancel(ctx)
	defer stop()
	c, err := assemble(going, stop, &cfg)
	if err != nil {
		return nil, err
	}
	summary := &report.Summary{Start: cfg.Start, Began: time.Now()}
	crawlErr := c.crawl(&cfg)
	summary.Took = time.Since(summary.Began)
	summary.Interrupted = ctx.Err() != nil
	// The frontier answered, and handles nothing more than questions: its state can be read once the system has stopped.
	shutdownErr := c.system.Shutdown(context.Background())
	c.visitor.fetcher.close()
	for _, err := range []error{crawlErr, shutdownErr, c.sink.err} {
		if err != nil {
			return nil, err
		}
	}
	c.state.fill(summary)
	summary.Records = c.sink.written
	c.account(summary)
	return summary, nil
}

// assemble starts the actors: those that are needed first come first, so that the shutdown stops them last.
func assemble(ctx context.Context, stop func(), cfg *Config) (*crew, error) {
	system, err := runtime.New(runtime.Config{Name: "crawl", Logger: cfg.Logger, Children: supervision})
	if err != nil {
		return nil, err
	}
	c := &crew{system: system}
	if err := c.spawn(ctx, stop, cfg); err != nil {
		_ = system.Shutdown(context.Background())
		return nil, err
	}
	return c, nil
}

func (c *crew) spawn(ctx context.Context, stop func(), cfg *Config) error {
	sinkRef, sink, err := spawnSink(c.system, cfg, stop)
	if err != nil {
		return err
	}
	c.sink = sink
	c.visitor = &visitor{cfg: cfg, sink: sinkRef, fetcher: newFetcher(cfg), interrupted: ctx}
	if c.visitor.fetchers, err = workerpool.New(c.system, workerpool.Config[string, *response]{
		Name: "fetchers", Workers: cfg.Workers, Retries: chaosTries,
		Work: c.visitor.request,
	}); err != nil {
		return err
	}
	if c.visitor.parsers, err = workerpool.New(c.system, workerpool.Config[document, *page.Document]{
		Name: "parsers", Workers: goruntime.GOMAXPROCS(0), Retries: chaosTries,
		Work: func(_ context.Context, d document) (*page.Document, error) {
			strike(cfg.Chaos)
			doc, err := page.Parse(d.body, d.mediaType, d.at, cfg.Spec)
			if err != nil {
				return nil, fmt.Errorf("%w: %w", errUnreadable, err)
			}
			return doc, nil
		},
	}); err != nil {
		return err
	}
	base, err := url.Parse(cfg.Start)
	if err != nil {
		return err
	}
	c.state = &frontierState{
		cfg: cfg, visitor: c.visitor, system: c.system, scope: base.Host,
		hosts: map[string]*host{}, pages: map[string]*entry{},
	}
	c.frontier, err = spawnFrontier(c.system, c.state)
	return err
}

// statusEvery is how often Config.Status is told where the crawl stands.
const statusEvery = 100 * time.Millisecond

// crawl begins and waits for the end, telling of the progress meanwhile. An interrupt it leaves to the visits: all of them
// end soon then, and the frontier begins no more.
func (c *crew) crawl(cfg *Config) error {
	over := make(chan error, 1)
	go func() {
		_, err := runtime.Ask(context.Background(), c.frontier, func(r runtime.Reply[struct{}]) frontierMessage { return begin{r} })
		over <- err
	}()
	ticker := time.NewTicker(statusEvery)
	defer ticker.Stop()
	rate := rate{}
	for {
		select {
		case err := <-over:
			if err == nil {
				c.tell(cfg, &rate)
				err = c.writeLinks(cfg)
			}
			return err
		case <-ticker.C:
			c.tell(cfg, &rate)
		}
	}
}

func (c *crew) tell(cfg *Config, r *rate) {
	if cfg.Status == nil {
		return
	}
	s, err := runtime.Ask(context.Background(), c.frontier, func(r runtime.Reply[report.Status]) frontierMessage { return status{r} })
	if err != nil {
		return // the crawl's own end will say why
	}
	s.Restarts = c.system.Stats().Restarts
	s.Rate = r.at(time.Now(), s.Done)
	cfg.Status(s)
}

// writeLinks has the sink write every link, now that it is known where each leads.
func (c *crew) writeLinks(cfg *Config) error {
	all, err := runtime.Ask(context.Background(), c.frontier, func(r runtime.Reply[[]rows]) frontierMessage { return resolve{r} })
	if err != nil || cfg.Links == nil {
		return err
	}
	for _, links := range all {
		if err := c.visitor.sink.Tell(context.Background(), links); err != nil {
			return err
		}
	}
	return nil
}

// account adds what the actors counted. A host's line is for all hosts; the pools' actors have the rest.
func (c *crew) account(s *report.Summary) {
	total := c.system.Stats()
	var hosts runtime.Stats
	for _, h := range c.state.hosts {
		hosts = plus(hosts, h.ref.Stats(), 1)
	}
	frontier, sink := c.frontier.Stats(), c.visitor.sink.Stats()
	pools := plus(plus(plus(total, frontier, -1), sink, -1), hosts, -1)
	s.Actors = append(s.Actors,
		line("crawl/frontier", frontier),
		line("crawl/hosts", hosts),
		line("crawl/pools", pools),
		line("crawl/sink", sink))
	s.Total = line("", total)
	s.Restarts = total.Restarts
}

// plus adds sign times t to s, as far as the report shows it. Unsigned counts wrap around and back.
func plus(s, t runtime.Stats, sign int) runtime.Stats {
	n := uint64(sign)
	s.Sent += n * t.Sent
	s.Rejected += n * t.Rejected
	s.Handled += n * t.Handled
	s.Dropped += n * t.Dropped
	s.DeadLettered += n * t.DeadLettered
	s.Queued += n * t.Queued
	s.Restarts += n * t.Restarts
	return s
}

func line(path string, t runtime.Stats) report.ActorLine {
	return report.ActorLine{
		Path: path, Sent: t.Sent, Rejected: t.Rejected, Handled: t.Handled, Dropped: t.Dropped,
		DeadLettered: t.DeadLettered, Queued: t.Queued, Restarts: t.Restarts,
	}
}
