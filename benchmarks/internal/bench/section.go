package bench

// A Section is a part of the comparison that can be asked for by name.
type Section struct {
	Name  string
	About string // what is compared with what, printed before its tables
	Rows  func() []Row
}

// A Row is one piece of work that several contenders do in turn, so that they can be compared.
type Row struct {
	Name  string  // unique in its section; what -run matches, and what the Go benchmark is called
	Table string  // the title of the table that the row is in; rows of one table stand together
	Label []Label // what tells the row from the others of its table
	Quick bool    // -quick measures it too

	// How many operations make a run; 0: as many as take the first contender a while. Some rows are of a size that gives
	// them their meaning, such as a million actors. With -quick it is QuickSize.
	Size, QuickSize int

	// The most rounds that are worth their time; 0: as many as all others.
	Rounds int

	// What a run tells; none: the time of an operation, with Aims. All rows of one table have as many.
	Figures []Figure
	Aims    []float64

	// The first contender is the baseline: it says how many operations make a run. The last is ours, and the ratios are
	// of it to each other. All rows of one table have contenders of the same names.
	Contenders []Contender
}

// A Label is one of the first columns of a table.
type Label struct{ Column, Value string }

// A Figure is one thing that a run tells of a row.
type Figure struct {
	Name, Unit string
	Aims       []float64 // what the ratio of ours to each other contender should be at most, in their order; 0: none
	Limit      float64   // what ours itself should be at most; 0: none
	Loose      bool      // the ratio means too little for the gate to look at
}

// Told is what a run tells of the row, at least one figure.
func (r Row) Told() []Figure {
	if len(r.Figures) > 0 {
		return r.Figures
	}
	return []Figure{{Unit: "ns", Aims: r.Aims}}
}

// Result is the name of what comes of one figure of the row.
func (r Row) Result(f Figure) string {
	if f.Name == "" {
		return r.Name
	}
	return r.Name + "/" + f.Name
}

// A Contender is one way to do the work of a row.
type Contender struct {
	Name string

	// Prepare makes what the contender needs, once for all its runs.
	Prepare func() Runner
}

// A Runner is a contender that is ready. Either Run or Gauge is set.
type Runner struct {
	Run   func(n int)           // is timed: it does n operations, and comes back when all are done
	Gauge func(n int) []float64 // measures by itself, over n operations, each figure of its row
	After func()                // if set, is called after each run: what it costs is nobody's business
	End   func()                // if set, is called after the last run, and leaves no goroutine behind
}

// Once does one run, and what comes after it.
func (r Runner) Once(n int) {
	if r.Gauge != nil {
		r.Gauge(n)
	} else {
		r.Run(n)
	}
	r.Rest()
}

func (r Runner) Rest() {
	if r.After != nil {
		r.After()
	}
}

func (r Runner) Close() {
	if r.End != nil {
		r.End()
	}
}
