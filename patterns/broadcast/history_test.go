package broadcast

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// A history is the end of all that was added, whatever the sizes of the pieces.
func TestHistoryKeepsTheLast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := history[int]{limit: rapid.IntRange(0, 10).Draw(t, "limit")}
		var all []int
		for range rapid.IntRange(0, 10).Draw(t, "pieces") {
			piece := rapid.SliceOfN(rapid.Int(), 0, 25).Draw(t, "piece")
			h.add(piece)
			all = append(all, piece...)
			n := rapid.IntRange(0, 12).Draw(t, "n")
			want := all[len(all)-min(n, h.limit, len(all)):]
			if diff := cmp.Diff(want, h.last(n), cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("the last %d of %d with a limit of %d (-want +got):\n%s", n, len(all), h.limit, diff)
			}
		}
	})
}
