package main

import "testing"

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
