package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Summary is what there is to say about a crawl when it is over, or was interrupted. It is plain data: fill it in, and
// write it. The zero value can be written too.
type Summary struct {
	Start       string // the address it started from
	Moved       string // where that redirects to, if it is not to be followed there; else ""
	Began       time.Time
	Took        time.Duration
	Pages       int
	Bytes       int64
	Links       int
	Records     int
	Retries     int
	Kinds       map[string]int // every URL seen, by what became of it: ok, redirect, not-found, off-site, ...
	Broken      []Broken       // in the order in which they are to be shown
	Slowest     []Timing       // slowest first; up to 5 are shown
	Restarts    uint64         // of actors
	Actors      []ActorLine    // in the order in which they are to be shown
	Total       ActorLine      // over all actors that ever lived, so not the sum of Actors; its Path is not shown
	Interrupted bool
}

// Broken is a link that leads nowhere.
type Broken struct {
	URL    string `json:"url"`
	Kind   string `json:"kind"`
	Status int    `json:"status"` // 0 if there was no answer
	From   string `json:"from"`   // a page that links to it; "" for the start
}

// Timing is how long one page took.
type Timing struct {
	URL  string
	Took time.Duration
}

// ActorLine is the account of one actor, or of all: what was sent to it, and where each message ended.
type ActorLine struct {
	Path         string `json:"path"`
	Sent         uint64 `json:"sent"`
	Rejected     uint64 `json:"rejected"`
	Handled      uint64 `json:"handled"`
	Dropped      uint64 `json:"dropped"`
	DeadLettered uint64 `json:"dead_lettered"`
	Queued       uint64 `json:"queued"`
	Restarts     uint64 `json:"restarts"`
}

// Identity returns both sides of the accounting identity over Total: what was sent, and what is accounted for. They are
// equal whenever no message is on its way.
func (s *Summary) Identity() (left, right uint64) {
	t := s.Total
	return t.Sent, t.Rejected + t.Handled + t.Dropped + t.DeadLettered + t.Queued
}

// WriteFile writes the summary as indented JSON for other programs. Keys stand in a fixed order, those of kinds sorted;
// durations are milliseconds, fractions included; lists and maps are never null. path must end in .json.
//
// The file is written beside its place, as path with ".tmp", and then renamed: nobody sees half of it, and an earlier one
// survives a failure.
func (s *Summary) WriteFile(path string) error {
	if ext := filepath.Ext(path); !strings.EqualFold(ext, ".json") {
		return fmt.Errorf("report: %s: the extension is %q: want .json", path, ext)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(s.file()); err != nil {
		return fmt.Errorf("report: %s: %w", path, err)
	}
	tmp := path + ".tmp"
	if err := os.WriteFile(tmp, b.Bytes(), 0o666); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if err := os.Rename(tmp, path); err != nil {
		_ = os.Remove(tmp) // the first error says more
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// summaryFile is the summary as WriteFile spells it.
type summaryFile struct {
	Start       string         `json:"start"`
	Moved       string         `json:"moved,omitempty"`
	Began       time.Time      `json:"began"`
	Took        float64        `json:"took_ms"`
	Interrupted bool           `json:"interrupted"`
	Pages       int            `json:"pages"`
	Bytes       int64          `json:"bytes"`
	Links       int            `json:"links"`
	Records     int            `json:"records"`
	Retries     int            `json:"retries"`
	Restarts    uint64         `json:"restarts"`
	Kinds       map[string]int `json:"kinds"`
	Broken      []Broken       `json:"broken"`
	Slowest     []timingFile   `json:"slowest"`
	Actors      []ActorLine    `json:"actors"`
	Total       ActorLine      `json:"total"`
	Accounting  identityFile   `json:"accounting"`
}

type timingFile struct {
	URL  string  `json:"url"`
	Took float64 `json:"took_ms"`
}

type identityFile struct {
	Sent      uint64 `json:"sent"`
	Accounted uint64 `json:"accounted"`
	Exact     bool   `json:"exact"`
}

func (s *Summary) file() summaryFile {
	left, right := s.Identity()
	f := summaryFile{
		Start: s.Start, Moved: s.Moved, Began: s.Began, Took: milliseconds(s.Took), Interrupted: s.Interrupted,
		Pages: s.Pages, Bytes: s.Bytes, Links: s.Links, Records: s.Records, Retries: s.Retries, Restarts: s.Restarts,
		Kinds:      map[string]int{},
		Broken:     append([]Broken{}, s.Broken...),
		Slowest:    []timingFile{},
		Actors:     append([]ActorLine{}, s.Actors...),
		Total:      s.Total,
		Accounting: identityFile{Sent: left, Accounted: right, Exact: left == right},
	}
	if s.Kinds != nil {
		f.Kinds = s.Kinds
	}
	for _, t := range s.Slowest {
		f.Slowest = append(f.Slowest, timingFile{URL: t.URL, Took: milliseconds(t.Took)})
	}
	return f
}

// milliseconds keeps microseconds: a fast page takes less than one of the unit.
func milliseconds(d time.Duration) float64 {
	return math.Round(float64(d)/float64(time.Microsecond)) / 1000
}
