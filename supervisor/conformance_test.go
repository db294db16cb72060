package supervisor

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var testName = regexp.MustCompile(`\bTest[A-Z]\w*`)

// CONFORMANCE.md names tests of this package and of runtime, and all that runtime has for it.
func TestConformanceTableNamesTheTestsThatThereAre(t *testing.T) {
	table, err := os.ReadFile("CONFORMANCE.md")
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]string{}
	declared := regexp.MustCompile(`(?m)^func (Test[A-Z]\w*)\(`)
	for _, pattern := range []string{"*_test.go", "../runtime/*_test.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v, %d files", pattern, err, len(files))
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range declared.FindAllSubmatch(text, -1) {
				there[string(found[1])] = filepath.Base(file)
			}
		}
	}
	named := map[string]bool{}
	for _, name := range testName.FindAllString(string(table), -1) {
		if named[name] = true; there[name] == "" {
			t.Errorf("CONFORMANCE.md names %s: there is no such test", name)
		}
	}
	for name, file := range there {
		if strings.HasPrefix(file, "otp_") && !named[name] {
			t.Errorf("%s: CONFORMANCE.md does not name %s", file, name)
		}
	}
}
