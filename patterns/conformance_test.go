// Package patterns has a folder for each pattern, and one table of what they are held to.
package patterns

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What CONFORMANCE.md promises to a reader must be there, in the package that its heading names.
func TestConformanceTableNamesTheTestsThatThereAre(t *testing.T) {
	table, err := os.ReadFile("CONFORMANCE.md")
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`\bTest[A-Z]\w*`)
	sections := strings.Split(string(table), "\n## ")[1:]
	if len(sections) == 0 {
		t.Fatal("CONFORMANCE.md has no section")
	}
	for _, section := range sections {
		pkg := regexp.MustCompile(`^\w+`).FindString(section)
		there := tests(t, pkg)
		mentioned := name.FindAllString(section, -1)
		if len(mentioned) == 0 {
			t.Errorf("CONFORMANCE.md names no test of %s", pkg)
		}
		for _, test := range mentioned {
			if !there[test] {
				t.Errorf("CONFORMANCE.md names %s of %s: there is no such test", test, pkg)
			}
		}
	}
}

// tests returns the names of a pattern's tests.
func tests(t *testing.T, pkg string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(pkg, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no tests: %v", pkg, err)
	}
	there := make(map[string]bool)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`(?m)^func (Test[A-Z]\w*)\(`).FindAllStringSubmatch(string(text), -1) {
			there[found[1]] = true
		}
	}
	return there
}
