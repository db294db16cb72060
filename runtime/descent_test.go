package runtime

import (
	"strings"
	"testing"
)

// profiled is a paragraph of the goroutine profile.
func profiled(count, labels string, calls ...string) string {
	text := count + " @ 0x1 0x2"
	if labels != "" {
		text += "\n# labels: {" + labels + "}"
	}
	for _, c := range calls {
		text += "\n#\t0x1\t" + c + "+0x1\t\t/a/b.go:1"
	}
	return text
}

func TestGoroutineProfileIsUnderstood(t *testing.T) {
	const label = `"troupe-runner":"7"`
	own := thisPackage + ".newRunner.func1"
	runner := profiled("1", label, "main.handler", thisPackage+".spell", own)
	for name, c := range map[string]struct {
		others []string
		want   bool
	}{
		"nobody else":                 {nil, false},
		"a descendant":                {[]string{profiled("1", label, "main.f")}, true},
		"some":                        {[]string{profiled("3", label, "main.f")}, true},
		"one with labels of its own":  {[]string{profiled("1", `"a":"b", `+label+`, "z":"z"`, "main.f")}, true},
		"one that has not run yet":    {[]string{profiled("1", label, own)}, true},
		"another's":                   {[]string{profiled("1", `"troupe-runner":"77"`, "main.f"), profiled("1", `"a":"7"`, "main.f")}, false},
		"nobody's":                    {[]string{profiled("9", "", "main.f")}, false},
		"a Pipe":                      {[]string{profiled("1", label, "main.f", thisPackage+".Pipe[...].func1")}, false},
		"what a Pipe has started":     {[]string{profiled("1", label, "main.f", "main.work.func1")}, true},
		"one of a package of similar": {[]string{profiled("1", label, thisPackage+"x.f")}, true},
		"a count that is none":        {[]string{profiled("x", label, "main.f")}, true},
	} {
		for _, all := range [][]string{append(c.others, runner), append([]string{runner}, c.others...)} {
			text := "goroutine profile: total 3\n" + strings.Join(all, "\n\n") + "\n\n"
			if got := descendantsIn(text, []descent{7}); got != c.want {
				t.Errorf("%s: %t, want %t in\n%s", name, got, c.want, text)
			}
		}
	}
	for _, unknown := range []string{"", "goroutine", profiled("1", "", own), profiled("1", `"troupe-runner":7`, own)} {
		if !descendantsIn(unknown, []descent{7}) {
			t.Errorf("a text that has no such runner must not prove that it has no descendants: %q", unknown)
		}
	}
}
