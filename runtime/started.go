package runtime

import (
	"bytes"
	goruntime "runtime"
	"strconv"
	"strings"
)

// largestDump bounds the text about all goroutines: some hundred bytes each.
const largestDump = 64 << 20

// startedAny reports whether one of the given runners' goroutines has started others that live, apart from those that the
// runtime starts itself, or may have. What one that has ended has started itself, only descent.go knows: but a label can be
// overwritten, and this cannot. It stops all goroutines for as long as it takes to write down what they do.
func startedAny(runners []*runner) bool {
	var numbers []number
	for _, r := range runners {
		numbers = append(numbers, r.number)
	}
	dump := make([]byte, 64<<10)
	n := goruntime.Stack(dump, true)
	for n == len(dump) {
		if n >= largestDump {
			return true
		}
		dump = make([]byte, 4*len(dump))
		n = goruntime.Stack(dump, true)
	}
	return startedIn(dump[:n], numbers)
}

// startedIn is startedAny on the text that package runtime has for all goroutines, in which each has a paragraph: who it is,
// its calls, the innermost first, and who started it.
func startedIn(dump []byte, runners []number) bool {
	wanted := make(map[number]bool, len(runners))
	for _, r := range runners {
		wanted[r] = true
	}
	parents := map[uint64]bool{}   // by the numbers that Go gives them
	started := map[uint64]uint64{} // who by whom
	for part := range bytes.SplitSeq(dump, []byte("\n\n")) {
		text := string(part)
		id, ok := numberBetween(text, "goroutine ", " ")
		if !ok {
			continue
		}
		if n, ok := spelledIn(text); ok && wanted[n] {
			parents[id] = true
		}
		if at := strings.LastIndex(text, "\ncreated by "); at >= 0 {
			by, line := text[at:], text[at+len("\ncreated by "):]
			if parent, ok := numberBetween(by, " in goroutine ", "\n"); ok && !startsItself(line) {
				started[id] = parent
			}
		}
	}
	if len(parents) < len(wanted) {
		return true // the text is not what we know
	}
	for _, parent := range started {
		for range started { // a child's child counts as well
			if parents[parent] {
				return true
			}
			next, ok := started[parent]
			if !ok {
				break
			}
			parent = next
		}
	}
	return false
}

// startsItself reports whether line names a function of ours, or of Go's own runtime, which starts goroutines from whichever
// goroutine needs them first.
func startsItself(line string) bool {
	return strings.HasPrefix(line, thisPackage+".") || strings.HasPrefix(line, "runtime.")
}

// spelledIn is here, for the goroutine that text is about.
func spelledIn(text string) (n number, ok bool) {
	found := 0
	for at := len(text); found < digits; found++ {
		at = strings.LastIndex(text[:at], "\n"+thisPackage+".digit")
		if at < 0 {
			return 0, false
		}
		d, err := strconv.ParseUint(text[at+len("\n"+thisPackage+".digit"):][:1], 16, digitBits)
		if err != nil {
			return 0, false
		}
		n = n<<digitBits | number(d)
	}
	return n, true
}

// between returns what stands between the first a in s and the next b, or the end.
func between(s, a, b string) (string, bool) {
	_, rest, ok := strings.Cut(s, a)
	if !ok {
		return "", false
	}
	found, _, _ := strings.Cut(rest, b)
	return found, true
}

func numberBetween(s, a, b string) (uint64, bool) {
	text, _ := between(s, a, b)
	n, err := strconv.ParseUint(text, 10, 64)
	return n, err == nil
}
