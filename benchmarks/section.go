package main

// A section is a part of the comparison that can be asked for by name.
type section struct {
	name  string
	about string // what is compared with what, printed before its tables
	rows  func() []row
}

// sections is everything that there is, in the order in which it is measured.
var sections = []section{
	mailboxSection, tellSection, hopSection, askSection, spawnSection, fanoutSection, skynetSection, latencySection,
}

// A row is one piece of work that several contenders do in turn, so that they can be compared.
type row struct {
	name  string  // unique in its section; what -run matches, and what the Go benchmark is called
	table string  // the title of the table that the row is in; rows of one table stand together
	label []label // what tells the row from the others of its table
	quick bool    // -quick measures it too

	// How many operations make a run; 0: as many as take the first contender a while. Some rows are of a size that gives
	// them their meaning, such as a million actors. With -quick it is quickSize.
	size, quickSize int

	// The most rounds that are worth their time; 0: as many as all others.
	rounds int

	// What a run tells; none: the time of an operation, with aims. All rows of one table have as many.
	figures []figure
	aims    []float64

	// The first contender is the baseline: it says how many operations make a run. The last is ours, and the ratios are
	// of it to each other. All rows of one table have contenders of the same names.
	contenders []contender
}

// A label is one of the first columns of a table.
type label struct{ column, value string }

// A figure is one thing that a run tells of a row.
type figure struct {
	name, unit string
	aims       []float64 // what the ratio of ours to each other contender should be at most, in their order; 0: none
	limit      float64   // what ours itself should be at most; 0: none
	loose      bool      // the ratio means too little for the gate to look at
}

// told is what a run tells of the row, at least one figure.
func (r row) told() []figure {
	if len(r.figures) > 0 {
		return r.figures
	}
	return []figure{{unit: "ns", aims: r.aims}}
}

// result is the name of what comes of one figure of the row.
func (r row) result(f figure) string {
	if f.name == "" {
		return r.name
	}
	return r.name + "/" + f.name
}

// A contender is one way to do the work of a row.
type contender struct {
	name string

	// prepare makes what the contender needs, once for all its runs.
	prepare func() runner
}

// A runner is a contender that is ready. Either run or gauge is set.
type runner struct {
	run   func(n int)           // is timed: it does n operations, and comes back when all are done
	gauge func(n int) []float64 // measures by itself, over n operations, each figure of its row
	after func()                // if set, is called after each run: what it costs is nobody's business
	end   func()                // if set, is called after the last run, and leaves no goroutine behind
}

// once does one run, and what comes after it.
func (r runner) once(n int) {
	if r.gauge != nil {
		r.gauge(n)
	} else {
		r.run(n)
	}
	r.rest()
}

func (r runner) rest() {
	if r.after != nil {
		r.after()
	}
}

func (r runner) close() {
	if r.end != nil {
		r.end()
	}
}
