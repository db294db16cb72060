package runtime

import (
	"fmt"
	"strings"
	"testing"
)

// paragraph is what Go writes of a goroutine.
func paragraph(id int, calls, by string, creator int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "goroutine %d [select]:\n%s", id, calls)
	if by != "" {
		fmt.Fprintf(&b, "created by %s in goroutine %d\n\t/a/b.go:1 +0x1", by, creator)
	}
	return b.String()
}

// spelling is the calls of the runner of number 0x1a2b.
const spelling = "main.f()\n\t/a/b.go:1 +0x1\n" + "P.(*runner).loop()\n\tx\nP.spell(...)\n\tx\nP.digitB()\n\tx\nP.spell()\n\tx\n" +
	"P.digit2()\n\tx\nP.spell()\n\tx\nP.digitA()\n\tx\nP.spell()\n\tx\nP.digit1()\n\tx\nP.spell()\n\tx\n"

func TestDumpOfGoroutinesIsUnderstood(t *testing.T) {
	runner := paragraph(1000, strings.ReplaceAll(spelling, "P.", thisPackage+"."), thisPackage+".(*dispatcher).start", 17)
	for name, c := range map[string]struct {
		others []string
		want   bool
	}{
		"nobody else":                      {nil, false},
		"a child":                          {[]string{paragraph(1001, "", "main.f", 1000)}, true},
		"a child that the runtime started": {[]string{paragraph(1001, "", thisPackage+".(*System).spawn", 1000)}, false},
		"a child of a pattern's":           {[]string{paragraph(1001, "", thisPackage+"/remote.f", 1000)}, true},
		"a grandchild":                     {[]string{paragraph(1002, "", "main.g", 1001), paragraph(1001, "", "main.f", 1000)}, true},
		"an orphan":                        {[]string{paragraph(1002, "", "main.g", 1001)}, false},
		"somebody's child":                 {[]string{paragraph(2000, "", "main.g", 1999), paragraph(1999, "", "", 0)}, false},
		"a circle":                         {[]string{paragraph(5, "", "f", 6), paragraph(6, "", "f", 5)}, false},
	} {
		dump := strings.Join(append(c.others, runner), "\n\n")
		if got := startedIn([]byte(dump), []number{0x1a2b}); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
	for _, unknown := range []string{"", "goroutine", runner[:100], "goroutine x [y]:\n" + runner} {
		if !startedIn([]byte(unknown), []number{0x1a2b}) {
			t.Errorf("a text that has no such runner must not prove that it has started nobody: %.40q", unknown)
		}
	}
}
