package mailbox_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What CONFORMANCE.md promises to a reader must be there, and what is there must be in it.
func TestConformanceTableNamesTheTestsThatThereAre(t *testing.T) {
	table, err := os.ReadFile("CONFORMANCE.md")
	if err != nil {
		t.Fatal(err)
	}
	mentioned := map[string]bool{}
	for _, name := range regexp.MustCompile(`\bTest[A-Z]\w*`).FindAllString(string(table), -1) {
		mentioned[name] = true
	}
	if len(mentioned) == 0 {
		t.Fatal("CONFORMANCE.md names no test")
	}
	there := confTests(t)
	for name := range mentioned {
		if _, ok := there[name]; !ok {
			t.Errorf("CONFORMANCE.md names %s: there is no such test", name)
		}
	}
	for name, file := range there {
		if strings.HasPrefix(file, "conformance_") && !mentioned[name] {
			t.Errorf("%s: CONFORMANCE.md does not name %s", file, name)
		}
	}
}

// confTests returns the tests of this package, and the file of each.
func confTests(t *testing.T) map[string]string {
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				tests[f.Name.Name] = file
			}
		}
	}
	delete(tests, "TestMain") // which is no test
	return tests
}
