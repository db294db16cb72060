package runtime

import (
	"context"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync/atomic"
)

// Who descends from whom? The text that Go has of all goroutines says by whom each was started (started.go), but of those who
// have ended it says nothing, and the numbers of goroutines tell no age: a processor hands out what it has had in stock for
// ever so long. But goroutines inherit the profiler's labels, from the one that started them down to the last. So each
// time a runner begins, its goroutine gets a label, one of a few; and who else has that is of its descent, or of that of
// one that had the label long ago.

const (
	descentKey   = "troupe-runner" // also to be seen in CPU profiles
	descentCount = 1024            // after so many starts of runners, the first label is used again
)

type descent uint32

func (d descent) String() string { return strconv.FormatUint(uint64(d), 10) }

var (
	lastDescent atomic.Uint32
	labelled    [descentCount]atomic.Pointer[context.Context] // with the label of each; made when it is needed first
)

// label labels the calling goroutine, which is r's.
func (r *runner) label() {
	d := descent(lastDescent.Add(1) % descentCount)
	ctx := labelled[d].Load()
	if ctx == nil {
		c := pprof.WithLabels(context.Background(), pprof.Labels(descentKey, d.String()))
		ctx = &c
		labelled[d].Store(ctx)
	}
	r.descent.Store(uint32(d))
	pprof.SetGoroutineLabels(*ctx)
}

// labelValue is the Value method of a context with the label. So a handler that sets labels of its own, with its context, keeps it.
func (r *runner) labelValue(key any) any {
	if ctx := labelled[r.descent.Load()].Load(); ctx != nil {
		return (*ctx).Value(key)
	}
	return nil
}

// haveDescendants reports whether goroutines live that descend from those of runners, or may. Those that the runtime starts for
// itself, and for Pipe, do not count, but what these start does.
func haveDescendants(runners []*runner) bool {
	var all []descent
	for _, r := range runners {
		all = append(all, descent(r.descent.Load()))
	}
	var profile strings.Builder
	err := pprof.Lookup("goroutine").WriteTo(&profile, 1)
	return err != nil || descendantsIn(profile.String(), all)
}

// descendantsIn is haveDescendants on the goroutine profile's text. Those who have the same calls and the same labels
// share a paragraph: how many they are, "@" and where they are; the labels; and the calls. A text that does not have all of
// the runners themselves is not what we know.
func descendantsIn(profile string, runners []descent) bool {
	wanted := make(map[string]bool, len(runners))
	for _, d := range runners {
		wanted[strconv.Quote(descentKey)+":"+strconv.Quote(d.String())] = true
	}
	found := 0
	for part := range strings.SplitSeq(profile, "\n\n") {
		head, rest, _ := strings.Cut(part, "\n# labels: {")
		labels, calls, ok := strings.Cut(rest, "}\n")
		if !ok || startedByUs(calls) {
			continue
		}
		for label := range strings.SplitSeq(labels, ", ") {
			if wanted[label] {
				head = head[strings.LastIndexByte(head, '\n')+1:] // the first paragraph stands under a title
				count, _, _ := strings.Cut(head, " @")
				n, err := strconv.Atoi(count)
				if err != nil {
					return true
				}
				found += n
			}
		}
	}
	return found != len(runners)
}

// startedByUs reports whether calls are those of a goroutine that the runtime has started, and no runner's.
func startedByUs(calls string) bool {
	lines := strings.Split(strings.TrimSpace(calls), "\n")
	_, entry, _ := strings.Cut(strings.TrimPrefix(lines[len(lines)-1], "#\t"), "\t")
	return strings.HasPrefix(entry, thisPackage+".") && !strings.HasPrefix(entry, thisPackage+".newRunner.")
}
