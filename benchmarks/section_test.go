package main

import (
	"math"
	"testing"
)

// TestRowsRun runs each row as the command does, but with few operations, and several times: what a run leaves behind
// must not disturb the next. Each load counts what its receivers got, and panics when that does not add up.
func TestRowsRun(t *testing.T) {
	for _, s := range sections {
		t.Run(s.name, func(t *testing.T) {
			for _, r := range s.rows() {
				for _, c := range r.contenders {
					ready := c.prepare()
					for _, n := range []int{1, 20, 1200} {
						if ready.gauge == nil {
							ready.once(n)
						} else if n == 20 { // some rows take 50 ms for each
							gaugeOnce(t, r, c.name, ready, 3)
						}
					}
					ready.close()
				}
			}
		})
	}
}

func gaugeOnce(t *testing.T, r row, name string, ready runner, n int) {
	figures := ready.gauge(n)
	ready.rest()
	if len(figures) != len(r.told()) {
		t.Fatalf("%s: %s tells the figures %v, want %d of them", r.name, name, figures, len(r.told()))
	}
	for i, v := range figures {
		if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
			t.Errorf("%s: %s tells %v as %s", r.name, name, v, r.told()[i].name)
		}
	}
}

// TestRowsOfATableMatch: rows of one table must stand together, and have the same columns. Ours is the last contender.
func TestRowsOfATableMatch(t *testing.T) {
	for _, s := range sections {
		names, tables := map[string]bool{}, map[string]string{}
		last := ""
		for _, r := range s.rows() {
			for _, f := range r.told() {
				if names[r.result(f)] {
					t.Errorf("%s has two rows %s", s.name, r.result(f))
				}
				names[r.result(f)] = true
				if len(f.aims) >= len(r.contenders) {
					t.Errorf("%s/%s has %d aims, and %d contenders to compare with", s.name, r.name, len(f.aims), len(r.contenders)-1)
				}
			}
			columns := ""
			for _, l := range r.label {
				columns += l.column + " "
			}
			for _, c := range r.contenders {
				columns += c.name + " "
			}
			if before, known := tables[r.table]; known && (before != columns || last != r.table) {
				t.Errorf("%s/%s has the columns %s, and comes after table %q; the table's others have %s", s.name, r.name, columns, last, before)
			}
			tables[r.table], last = columns, r.table
			if ours := r.contenders[len(r.contenders)-1].name; ours != troupeName {
				t.Errorf("%s/%s ends with %s", s.name, r.name, ours)
			}
			if (r.size > 0) != (r.quickSize > 0) || r.contenders[0].prepare == nil {
				t.Errorf("%s/%s has the sizes %d and %d", s.name, r.name, r.size, r.quickSize)
			}
		}
	}
}

// TestSkynetSharesLeavesOut: whatever their number, each leaf is below one child.
func TestSkynetSharesLeavesOut(t *testing.T) {
	for _, n := range []int{2, 9, 10, 11, 99, 1000, 1234} {
		next := 0
		for _, child := range (leaves{0, n}).below() {
			if child.from != next || child.to <= child.from {
				t.Errorf("of %d leaves a child has %v, want it to begin with %d", n, child, next)
			}
			next = child.to
		}
		if next != n {
			t.Errorf("of %d leaves the children have %d", n, next)
		}
	}
}

// TestATallyTellsWhatIsWrong: a load that loses a message and gets another twice must not go unseen.
func TestATallyTellsWhatIsWrong(t *testing.T) {
	tally := newTally()
	tally.expect(3)
	for _, m := range []int{0, 1, 1} {
		tally.add(m)
	}
	defer func() {
		if got, want := recover(), "benchmarks: the sum of 3 messages is 2, want 3"; got != want {
			t.Errorf("the panic is %v, want %s", got, want)
		}
	}()
	tally.wait()
}
