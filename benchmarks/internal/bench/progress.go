package bench

import (
	"io"

	"github.com/schollz/progressbar/v3"
)

// A progress shows on a terminal which row is being measured. Elsewhere there is none: the tables come one by one, and a
// log wants nothing between them.
type progress struct{ bar *progressbar.ProgressBar }

func newProgress(w io.Writer, terminal bool, rows int) *progress {
	return &progress{progressbar.NewOptions(rows,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetVisibility(terminal),
		progressbar.OptionSetWidth(20),
		progressbar.OptionShowCount(),
		progressbar.OptionShowDescriptionAtLineEnd(),
		progressbar.OptionClearOnFinish(),
	)}
}

// show says that so many rows are done, and which one is next.
func (p *progress) show(done int, next string) {
	p.bar.Describe(next)
	_ = p.bar.Set(done)
}

// hide takes the bar off the terminal until the next show, for something else to be printed.
func (p *progress) hide() { _ = p.bar.Clear() }

func (p *progress) finish() { _ = p.bar.Finish() }
