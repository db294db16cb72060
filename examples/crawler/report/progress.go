package report

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// Status is where a crawl stands.
type Status struct {
	Done     int     // pages fetched, with whatever result
	Known    int     // pages found so far, Done among them
	Queued   int     // pages that wait to be fetched
	Active   int     // pages being fetched
	Errors   int     // pages that failed
	Records  int     // records found
	Restarts uint64  // of actors
	Rate     float64 // pages a second over the last seconds
}

// Progress shows where a crawl stands: on a terminal a bar that is redrawn in place, elsewhere a line a second, and
// nothing if told to be quiet. It is for one goroutine, which blocks for as long as the writer does. Errors of the writer
// are ignored: a crawl does not fail for want of an audience.
type Progress struct {
	w    io.Writer
	show func(Status)
	bar  *progressbar.ProgressBar // the last frame, on a terminal
	now  func() time.Time         // a test's own clock

	// For lines.
	began   time.Time // when the first Status came
	printed time.Time // when the last line went out
	latest  Status
	pending bool // latest has not been printed
}

// NewProgress returns a Progress that writes to w. terminal says that w is a terminal that understands ANSI escapes; its
// width is looked up if w is an *os.File, and taken for 80 otherwise. The bar needs about 65 columns. quiet wins over
// terminal.
func NewProgress(w io.Writer, terminal, quiet bool) *Progress {
	p := &Progress{w: w, now: time.Now}
	switch {
	case quiet:
		p.show = func(Status) {}
	case terminal:
		p.show = p.draw
	default:
		p.show = p.print
	}
	return p
}

// Show takes note of s. It is to be called about ten times a second: the bar is redrawn each time, and a line is printed
// at the first call and then whenever a second has passed since the last one. After Finish it does nothing.
func (p *Progress) Show(s Status) { p.show(s) }

// Finish ends the display, for the summary to follow: the bar is erased; a Status that has had no line yet gets one.
func (p *Progress) Finish() {
	p.show = func(Status) {}
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	if p.pending {
		p.line()
	}
}

// draw makes a new bar for every frame. One that is kept draws up to three times in a frame, since its maximum, its
// position and its text change one by one, and flickers; and it takes itself for finished, for good, once it has reached
// its maximum, while a crawler has fetched all that it knows of more than once: at the start address, for one.
func (p *Progress) draw(s Status) {
	text := fmt.Sprintf("%s/%s  %s/s  queue %s  errors %s%s",
		short(s.Done), short(s.Known), rate(s.Rate), short(s.Queued), short(s.Errors), restarts(s))
	// Padded to the usual length, or the bar would jump at every digit that comes or goes.
	usual := 43
	if s.Restarts > 0 {
		usual = 55
	}
	p.bar = progressbar.NewOptions64(int64(max(s.Known, s.Done, 1)),
		progressbar.OptionSetWriter(p.w),
		progressbar.OptionFullWidth(),
		progressbar.OptionUseANSICodes(true),
		progressbar.OptionSetPredictTime(false), // nobody knows how many pages are still to be found
		progressbar.OptionSetDescription(fmt.Sprintf("%-*s", usual, text)),
		progressbar.OptionShowDescriptionAtLineEnd(),
		progressbar.OptionSetTheme(progressbar.Theme{Saucer: "█", SaucerPadding: "░"}),
	)
	_ = p.bar.Set(s.Done)
	if p.bar.String() == "" { // it draws nothing on its own below one percent
		_ = p.bar.RenderBlank()
	}
}

func (p *Progress) print(s Status) {
	now := p.now()
	if p.began.IsZero() {
		p.began = now
	}
	p.latest, p.pending = s, true
	if p.printed.IsZero() || now.Sub(p.printed) >= time.Second {
		p.printed = now
		p.line()
	}
}

// line prints the latest Status. The numbers keep their places, and all fits 80 columns until an actor has been restarted.
func (p *Progress) line() {
	s := p.latest
	p.pending = false
	elapsed := p.now().Sub(p.began).Truncate(time.Second)
	_, _ = fmt.Fprintf(p.w, "%6s %5s/%-5s %5s/s  queue %5s active %5s errors %5s records %5s%s\n",
		elapsed, short(s.Done), short(s.Known), rate(s.Rate), short(s.Queued), short(s.Active), short(s.Errors),
		short(s.Records), restarts(s))
}

// restarts stays out of sight while all is well.
func restarts(s Status) string {
	if s.Restarts == 0 {
		return ""
	}
	return "  restarts " + short(int(s.Restarts))
}
