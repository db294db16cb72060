package supervisor

// A Strategy says which siblings the restart of a child takes along.
type Strategy uint8

const (
	OneForOne  Strategy = iota // none; the zero value
	AllForOne                  // all of them
	RestForOne                 // those that were started after it
)

// String returns the strategy's name.
func (s Strategy) String() string {
	return enum(s, "Strategy", "OneForOne", "AllForOne", "RestForOne")
}

// Affected returns the children that a restart of child number failed takes along, itself included: those from
// number from up to, but without, number to. Children are numbered in the order they were started in, out of n, from 0;
// failed is one of them.
//
// They are stopped in reverse start order, and then started again in start order. A Temporary child among them is
// stopped, but not started again. The group counts as one restart.
func (s Strategy) Affected(failed, n int) (from, to int) {
	switch s {
	case AllForOne:
		return 0, n
	case RestForOne:
		return failed, n
	}
	return failed, failed + 1
}

func (s Strategy) validate() error {
	if s > RestForOne {
		return invalid("Strategy is %v: want OneForOne, AllForOne or RestForOne", s)
	}
	return nil
}

// An AutoShutdown says whether a supervisor ends when its significant children have ended.
type AutoShutdown uint8

const (
	Never          AutoShutdown = iota // it does not; the zero value
	AnySignificant                     // with the first of them
	AllSignificant                     // with the last of them
)

// String returns the name of the kind of automatic shutdown.
func (a AutoShutdown) String() string {
	return enum(a, "AutoShutdown", "Never", "AnySignificant", "AllSignificant")
}

// Ends reports whether the end of a child ends its supervisor, normally and with the children that are left.
// endedSignificant is whether the child was significant, significantLeft the number of other significant children that
// run or wait to be restarted.
//
// It is asked about a child that has ended by its own doing and for good: it returned, or failed, and the decision
// was Stop. A child that its supervisor stops ends nothing, and is not left either. Whether a stop by anyone else is the
// child's own doing is for the runtime to say.
func (a AutoShutdown) Ends(endedSignificant bool, significantLeft int) bool {
	switch a {
	case AnySignificant:
		return endedSignificant
	case AllSignificant:
		return endedSignificant && significantLeft == 0
	}
	return false
}

func (a AutoShutdown) validate() error {
	if a > AllSignificant {
		return invalid("AutoShutdown is %v: want Never, AnySignificant or AllSignificant", a)
	}
	return nil
}
