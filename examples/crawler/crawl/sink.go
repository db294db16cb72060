package crawl

import (
	"github.com/troupe-go/troupe/examples/crawler/page"
	"github.com/troupe-go/troupe/examples/crawler/report"
	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// rows are what one page yielded, on their way to the files.
type rows struct {
	records []page.Record
	links   []report.Link
}

// A sink is the one actor that writes. Its mailbox is bounded, so a disk that is slow slows the crawl down.
type sink struct {
	cfg     *Config
	stop    func() // ends the crawl: what cannot be written need not be fetched
	written int
	err     error // the first that a file met with; nothing is written after it
}

func spawnSink(p runtime.Parent, cfg *Config, stop func()) (runtime.Ref[rows], *sink, error) {
	s := &sink{cfg: cfg, stop: stop}
	ref, err := runtime.Spawn(p, props(cfg, "sink", mailbox.Config[rows]{Capacity: 64}, func() runtime.Actor[rows] { return s }))
	return ref, s, err
}

// Receive keeps a file's error for the end of the crawl rather than failing: a restart would not mend the disk.
func (s *sink) Receive(_ *runtime.Context[rows], m rows) error {
	for _, r := range m.records {
		if s.err == nil && s.cfg.Records != nil {
			s.err = s.cfg.Records.Write(r.URL, r.Values)
		}
		s.written++
	}
	for _, l := range m.links {
		if s.err == nil && s.cfg.Links != nil {
			s.err = s.cfg.Links.Write(l)
		}
	}
	if s.err != nil {
		s.stop()
	}
	return nil
}
