package contest

import "testing"

// TestATallyTellsWhatIsWrong: a load that loses a message and gets another twice must not go unseen.
func TestATallyTellsWhatIsWrong(t *testing.T) {
	tally := NewTally()
	tally.Expect(3)
	for _, m := range []int{0, 1, 1} {
		tally.Add(m)
	}
	defer func() {
		if got, want := recover(), "benchmarks: the sum of 3 messages is 2, want 3"; got != want {
			t.Errorf("the panic is %v, want %s", got, want)
		}
	}()
	tally.Wait()
}
