package arch

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestModuleKeepsTheRules reads the files themselves, not the packages that the go command would list here, so that a
// file for another system or behind a build tag is held to the same.
func TestModuleKeepsTheRules(t *testing.T) {
	root := moduleRoot(t)
	set := token.NewFileSet()
	var folders []string
	for _, name := range goFiles(t, root) {
		syntax, err := parser.ParseFile(set, filepath.Join(root, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Error(err)
			continue
		}
		f := file{path: filepath.ToSlash(name), syntax: syntax}
		folders = append(folders, f.folder())
		for _, r := range rules {
			for _, found := range r.check(f) {
				t.Error(report(set, f, r, found))
			}
		}
	}

	// A rule about a folder that was renamed holds for ever.
	for _, want := range []string{"mailbox", "supervisor", "runtime", "patterns/...", "examples/crawler/crawl"} {
		if !slices.ContainsFunc(folders, func(folder string) bool { return in(folder, want) }) {
			t.Errorf("no Go file in %s, which rules are about: if it has moved, change internal/arch too", want)
		}
	}
}

// report is a finding as one line: where, what, which rule, why.
func report(set *token.FileSet, f file, r rule, found finding) string {
	return fmt.Sprintf("%s:%d: %s (rule %q: %s)", f.path, set.Position(found.pos).Line, found.what, r.name, r.why)
}

// moduleRoot walks up from the test's folder to this module's go.mod.
func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil {
			if !slices.Contains(strings.Split(string(text), "\n"), "module "+module) {
				t.Fatalf("%s is not the go.mod of %s, which the rules are written for", filepath.Join(dir, "go.mod"), module)
			}
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod in this folder or above: run the test inside the repository")
		}
		dir = up
	}
}

// goFiles lists the module's Go files, relative to root. As the go command does, it leaves out testdata, vendor, hidden
// folders and modules of their own, such as benchmarks/rivals.
func goFiles(t *testing.T, root string) []string {
	t.Helper()
	var files []string
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		base := path.Base(name)
		hidden := strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")
		if !d.IsDir() {
			if !hidden && path.Ext(base) == ".go" {
				files = append(files, name)
			}
			return nil
		}
		_, err = os.Stat(filepath.Join(root, name, "go.mod"))
		if hidden || base == "testdata" || base == "vendor" || err == nil {
			return fs.SkipDir
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestGoFilesLeavesOutOnlyOtherModules shows that no build constraint hides a file, and that nothing but what is not the
// module's is passed over.
func TestGoFilesLeavesOutOnlyOtherModules(t *testing.T) {
	want := []string{"a.go", "benchmarks/b_test.go", "deep/er/c_plan9.go"}
	skipped := []string{
		"README.md", "_old.go", ".hidden/h.go", "testdata/t.go", "vendor/v.go", "deep/testdata/t.go",
		"benchmarks/rivals/go.mod", "benchmarks/rivals/r.go", "benchmarks/rivals/deep/r.go",
	}
	root := t.TempDir()
	for _, name := range append(slices.Clone(want), skipped...) {
		full := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte("//go:build never\n\npackage p\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := goFiles(t, root); !slices.Equal(got, want) {
		t.Errorf("goFiles lists %q, want %q", got, want)
	}
}

// TestEachRuleCanFail breaks each rule in small files of its own, and shows that what is allowed stays so.
func TestEachRuleCanFail(t *testing.T) {
	ours := func(folder string) string { return fmt.Sprintf("import %q", module+"/"+folder) }
	cases := []struct {
		path string
		src  string // after the package clause; what breaks the rule is on its last line
		rule string // "": breaks none
	}{
		{"mailbox/m.go", ours("supervisor"), "arrows"},
		{"mailbox/m.go", ours("internal/leak"), "arrows"},
		{"mailbox/m.go", ours("mailbox/ring"), ""},
		{"mailbox/m_test.go", ours("internal/leak"), ""},
		{"mailbox/m_test.go", ours("examples/crawler/crawl"), "arrows"},
		{"supervisor/s.go", ours("mailbox"), "arrows"},
		{"runtime/r.go", ours("mailbox"), ""},
		{"runtime/r.go", ours("supervisor"), ""},
		{"runtime/r.go", ours("runtime/remote"), "arrows"},
		{"runtime/r.go", ours("patterns/event"), "arrows"},
		{"runtime/r_test.go", ours("runtime/runtimetest"), ""},
		{"runtime/remote/r.go", ours("runtime"), ""},
		{"runtime/remote/r.go", ours("runtime/runtimetest"), "arrows"},
		{"runtime/remote/r.go", ours("patterns/event"), "arrows"},
		{"patterns/lock/l.go", ours("runtime"), ""},
		{"patterns/lock/l.go", ours("runtime/remote"), "arrows"},
		{"patterns/lock/l.go", ours("patterns/event"), "arrows"},
		{"patterns/lock/l_test.go", ours("patterns/event"), ""},
		{"patterns/lock/l_test.go", ours("benchmarks"), "arrows"},
		{"examples/crawler/main.go", ours("examples/crawler/crawl"), ""},
		{"examples/crawler/main.go", ours("patterns/event"), ""},
		{"examples/crawler/main.go", ours("examples/chat"), "arrows"},
		{"examples/crawler/main.go", ours("benchmarks/report"), "arrows"},
		{"examples/crawler/main_test.go", ours("examples/crawler/crawl"), ""},
		{"benchmarks/b.go", ours("runtime/remote"), ""},
		{"benchmarks/b.go", ours("examples/crawler/crawl"), "arrows"},
		{"benchmarks/b_test.go", ours("benchmarks/report"), ""},
		{"internal/leak/l.go", ours("runtime"), "arrows"},
		{"internal/leak/l.go", ours("internal/wait"), "arrows"},
		{"newcomer/n.go", ours("runtime"), "arrows"},
		{"troupe.go", ours("runtime"), "arrows"},
		{"mailbox/m.go", fmt.Sprintf("import %q", module), "arrows"},
		{"mailbox/m.go", fmt.Sprintf("import %q", module+"-extras/runtime"), ""},

		{"examples/crawler/main.go", ours("runtime/runtimetest"), "tests only"},
		{"benchmarks/b.go", ours("runtime/runtimetest"), "tests only"},
		{"runtime/runtimetest/probe.go", ours("runtime"), ""},
		{"patterns/lock/l_test.go", ours("runtime/runtimetest"), ""},

		{"patterns/lock/l.go", `import "sync"`, "no locks"},
		{"patterns/lock/inner/l.go", `import a "sync/atomic"`, "no locks"},
		{"patterns/lock/l_test.go", `import "sync"`, ""},
		{"examples/crawler/crawl/c.go", `import "sync/atomic"`, "no locks"},
		{"examples/crawler/main.go", `import "sync"`, ""},
		{"runtime/r.go", `import "sync"`, ""},
		{"patterns2/p.go", `import "sync"`, ""},

		{"runtime/r.go", `import "github.com/asynkron/protoactor-go/actor"`, "Proto.Actor"},
		{"runtime/r_test.go", `import "github.com/asynkron/protoactor-go/actor"`, "Proto.Actor"},
		{"examples/chat/main.go", `import "github.com/asynkron/protoactor-go"`, "Proto.Actor"},
		{"runtime/remote/r.go", `import "github.com/asynkron/protoactor-go/remote"`, ""},
		{"benchmarks/b_test.go", `import "github.com/asynkron/protoactor-go/actor"`, ""},

		{"mailbox/m.go", `import "github.com/sirupsen/logrus"`, "logging"},
		{"patterns/lock/l.go", `import log "github.com/sirupsen/logrus"`, "logging"},
		{"internal/leak/l.go", `import "github.com/sirupsen/logrus/hooks/test"`, "logging"},
		{"patterns/lock/l_test.go", `import "github.com/sirupsen/logrus"`, ""},
		{"runtime/remote/r.go", `import "github.com/sirupsen/logrus"`, ""},
		{"examples/crawler/main.go", `import "github.com/sirupsen/logrus"`, ""},

		{"mailbox/m.go", `import "runtime"`, "goruntime"},
		{"mailbox/m_test.go", `import gort "runtime"`, "goruntime"},
		{"mailbox/m.go", `import goruntime "runtime"`, ""},
		{"mailbox/m.go", `import "runtime/debug"`, ""},
		{"patterns/lock/l.go", fmt.Sprintf("import troupe %q", module+"/runtime"), "goruntime"},
		{"patterns/lock/l_test.go", fmt.Sprintf("import . %q", module+"/runtime"), "goruntime"},

		{"mailbox/m.go", `import "unsafe"`, "safe Go"},
		{"mailbox/m_test.go", `import _ "unsafe"`, "safe Go"},
		{"benchmarks/b.go", `import "C"`, "safe Go"},
		{"runtime/r.go", "func f()\n\n//go:linkname f runtime.f", "safe Go"},
		{"runtime/r.go", "// A go:linkname would be quicker.\nfunc f()", ""},
		{"runtime/r.go", "var _ = `\n//go:linkname f runtime.f\n`", ""},

		{"runtime/r_test.go", "import \"time\"\n\nfunc f() { time.Sleep(1) }", "no sleeping"},
		{"runtime/r_test.go", "import clock \"time\"\n\nvar nap = clock.Sleep", "no sleeping"},
		{"runtime/r_test.go", `import . "time"`, "no sleeping"},
		{"runtime/r_test.go", "import \"time\"\n\nvar _ = time.After", ""},
		{"runtime/r_test.go", "import time \"example.org/clock\"\n\nfunc f() { time.Sleep(1) }", ""},
		{"runtime/r.go", "import \"time\"\n\nfunc f() { time.Sleep(1) }", ""},
	}

	broken := map[string]bool{"": true}
	for _, c := range cases {
		broken[c.rule] = true
		src := "package p\n\n" + c.src
		set := token.NewFileSet()
		syntax, err := parser.ParseFile(set, c.path, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatalf("%s: %v, in\n%s", c.path, err, src)
		}
		f := file{path: c.path, syntax: syntax}
		var got, want []string
		for _, r := range rules {
			for _, found := range r.check(f) {
				got = append(got, fmt.Sprintf("%s, line %d", r.name, set.Position(found.pos).Line))
			}
		}
		if c.rule != "" {
			want = []string{fmt.Sprintf("%s, line %d", c.rule, strings.Count(src, "\n")+1)}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s breaks %q, want %q, with\n%s", c.path, got, want, src)
		}
	}
	for _, r := range rules {
		if !broken[r.name] {
			t.Errorf("no case breaks rule %q", r.name)
		}
	}
}
