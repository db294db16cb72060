package arch

import (
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
)

const (
	module     = "github.com/troupe-go/troupe"
	protoActor = "github.com/asynkron/protoactor-go"
	logrus     = "github.com/sirupsen/logrus"
)

// A rule is something that must not be found in a file, and the reason, which is printed with each finding.
type rule struct {
	name  string
	why   string
	check func(file) []finding
}

// A finding is what breaks a rule, and where.
type finding struct {
	pos  token.Pos
	what string
}

// rules is everything that this package enforces. TestEachRuleCanFail needs a case for each.
var rules = []rule{
	{
		name: "arrows",
		why:  "an arrow between packages only points down; internal/arch has the table",
		check: func(f file) []finding {
			return f.findImports(func(i imported) bool {
				target, ours := strings.CutPrefix(i.path+"/", module+"/")
				return ours && !f.mayImport(path.Clean(target))
			})
		},
	},
	{
		name: "tests only",
		why:  "runtime/runtimetest imports package testing, which a program would carry along",
		check: func(f file) []finding {
			if f.test() || !f.in("examples/...", "benchmarks/...") { // the arrows bar the others
				return nil
			}
			return f.findImports(func(i imported) bool { return in(i.path, module+"/runtime/runtimetest/...") })
		},
	},
	{
		name: "no locks",
		why:  "what seems to need a lock here needs an actor",
		check: func(f file) []finding {
			if f.test() || !f.in("patterns/...", "examples/crawler/crawl/...") {
				return nil
			}
			return f.findImports(func(i imported) bool { return i.path == "sync" || i.path == "sync/atomic" })
		},
	},
	{
		name: "Proto.Actor",
		why:  "only runtime/remote and benchmarks may depend on it, so that one machine needs nothing of it",
		check: func(f file) []finding {
			if f.in("runtime/remote/...", "benchmarks/...") {
				return nil
			}
			return f.findImports(func(i imported) bool { return in(i.path, protoActor+"/...") })
		},
	},
	{
		name: "logging",
		why:  "the runtime logs, and programs do; libraries above and below it return errors",
		check: func(f file) []finding {
			if f.test() || f.in("runtime/...", "examples/...", "benchmarks/...") {
				return nil
			}
			return f.findImports(func(i imported) bool { return in(i.path, logrus+"/...") })
		},
	},
	{
		name: "goruntime",
		why:  `"runtime" alone means ours: the standard package is always goruntime, and ours never renamed`,
		check: func(f file) []finding {
			return f.findImports(func(i imported) bool {
				return i.path == "runtime" && i.name != "goruntime" || i.path == module+"/runtime" && i.name != ""
			})
		},
	},
	{
		name:  "safe Go",
		why:   "what the compiler and the race detector cannot see, nobody can promise anything about",
		check: findUnsafe,
	},
	{
		name:  "no sleeping",
		why:   "a test waits for a condition, never for a time",
		check: findSleep,
	},
}

// arrows says which folders of the module a folder's files may import, beside those of its own unit; of the rows that
// match, the first counts. A folder without a row may import nothing.
var arrows = []struct {
	from string
	to   []string
}{
	{"mailbox/...", nil},
	{"supervisor/...", nil},
	{"runtime", []string{"mailbox", "supervisor"}},
	{"runtime/...", []string{"mailbox", "supervisor", "runtime"}},
	{"patterns/...", []string{"mailbox", "supervisor", "runtime"}},
	{"examples/...", []string{"mailbox", "supervisor", "runtime/...", "patterns/..."}},
	{"benchmarks/...", []string{"mailbox", "supervisor", "runtime/...", "patterns/...", "internal/..."}},
	{"internal/...", nil},
}

// testArrows is what any test may import, wherever it is. Tests may look up, but not at programs: an example that a
// test leans on could no longer be changed freely.
var testArrows = []string{"mailbox/...", "supervisor/...", "runtime/...", "patterns/...", "internal/..."}

// mayImport reports whether f may import the module's folder target.
func (f file) mayImport(target string) bool {
	if unit(f.folder()) == unit(target) {
		return true
	}
	if f.test() {
		return in(target, testArrows...)
	}
	for _, row := range arrows {
		if f.in(row.from) {
			return in(target, row.to...)
		}
	}
	return false
}

// unit is the part of the module that a folder belongs to: one pattern, one example, one helper, or a whole top folder.
// Inside a unit the compiler's ban on cycles is rule enough.
func unit(folder string) string {
	parts := strings.SplitN(folder, "/", 3)
	if len(parts) > 1 && slices.Contains([]string{"runtime", "patterns", "examples", "internal"}, parts[0]) {
		return parts[0] + "/" + parts[1]
	}
	return parts[0]
}

func findUnsafe(f file) []finding {
	found := f.findImports(func(i imported) bool { return i.path == "unsafe" || i.path == "C" })
	for _, group := range f.syntax.Comments {
		for _, comment := range group.List {
			if strings.HasPrefix(comment.Text, "//go:linkname") {
				found = append(found, finding{comment.Pos(), "has a go:linkname"})
			}
		}
	}
	return found
}

// findSleep goes by the name under which the file imports time. A dot import is a finding as such: it hides the call.
func findSleep(f file) []finding {
	if !f.test() {
		return nil
	}
	found := f.findImports(func(i imported) bool { return i.path == "time" && i.name == "." })
	for _, i := range f.imports() {
		if i.path != "time" {
			continue
		}
		local := i.name
		if local == "" {
			local = "time"
		}
		for n := range ast.Preorder(f.syntax) {
			s, ok := n.(*ast.SelectorExpr)
			if !ok || s.Sel.Name != "Sleep" {
				continue
			}
			if x, ok := s.X.(*ast.Ident); ok && x.Name == local {
				found = append(found, finding{s.Pos(), "uses time.Sleep"})
			}
		}
	}
	return found
}

// A file is one parsed Go file of the module.
type file struct {
	path   string // from the module's root, with slashes
	syntax *ast.File
}

type imported struct {
	path string
	name string // as written; "": none
	pos  token.Pos
}

func (f file) folder() string { return path.Dir(f.path) }

func (f file) test() bool { return strings.HasSuffix(f.path, "_test.go") }

func (f file) in(patterns ...string) bool { return in(f.folder(), patterns...) }

func (f file) imports() []imported {
	var list []imported
	for _, spec := range f.syntax.Imports {
		i := imported{pos: spec.Pos()}
		i.path, _ = strconv.Unquote(spec.Path.Value) // the parser took it, so it is well formed
		if spec.Name != nil {
			i.name = spec.Name.Name
		}
		list = append(list, i)
	}
	return list
}

// findImports returns the imports that are bad, as findings.
func (f file) findImports(bad func(imported) bool) []finding {
	var found []finding
	for _, i := range f.imports() {
		if bad(i) {
			found = append(found, finding{i.pos, "imports " + strings.TrimSpace(i.name+" "+strconv.Quote(i.path))})
		}
	}
	return found
}

// in reports whether name matches one of the patterns: itself, or as in the go command, "x/..." for x and all below.
func in(name string, patterns ...string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if tree, ok := strings.CutSuffix(p, "/..."); ok {
			return name == tree || strings.HasPrefix(name, tree+"/")
		}
		return name == p
	})
}
