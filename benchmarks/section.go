package main

// A section is a part of the comparison that can be asked for by name.
type section struct {
	name  string
	about string // what is compared with what, printed before its tables
	rows  func() []row
}

// sections is everything that there is, in the order in which it is measured.
var sections = []section{mailboxSection}

// A row is one piece of work that several contenders do in turn, so that they can be compared.
type row struct {
	name  string  // unique in its section; what -run matches, and what the Go benchmark is called
	table string  // the title of the table that the row is in; rows of one table stand together
	label []label // what tells the row from the others of its table
	quick bool    // -quick measures it too

	// The first contender is the baseline: it says how many messages make a run, and the ratios are to it. All rows of
	// one table have contenders of the same names.
	contenders []contender
}

// A label is one of the first columns of a table.
type label struct{ column, value string }

// A contender is one way to do the work of a row.
type contender struct {
	name string

	// prepare makes what the contender needs, once for all its runs. What it returns is timed: it moves n messages and
	// comes back when all of them were taken.
	prepare func() (move func(n int))
}
