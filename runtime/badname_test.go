package runtime_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/troupe-go/troupe/runtime"
)

// A name is any text without a slash, and is taken as it is: neither trimmed, nor folded, nor cleaned, nor made valid.
func TestNamesWithUnusualCharactersAreTakenAsTheyAre(t *testing.T) {
	names := []string{
		" ", "a ", " a", ".", "..", "\t", "a\nb", "\r\n", "\x00", "a\x00", "\xff\xfe", "\xc3", "\u200b", "\ufeff", "é", "e\u0301",
		"日本", "💥", `\`, `a\b`, "a?b#c", "%2F", "%", "*", "∕", "／", "~", "-1", "0", "01", "18446744073709551616", "troupe", "A",
		"<nil>", strings.Repeat("n", 1<<16),
	}
	unharmed(t, runtime.Stats{Sent: uint64(len(names)), Handled: uint64(len(names)), Actors: uint64(len(names))},
		func(t *testing.T, s *runtime.System, _ runtime.Ref[act]) {
			for _, name := range names {
				ref := spawn(t, s, runtime.Props[act]{Name: name, New: performer})
				if path := ref.Path(); path != "troupe/"+name {
					t.Errorf("%.20q has the path %.40q", name, path)
				}
				if got, err := runtime.Lookup[act](s, "troupe/"+name); got != ref || err != nil {
					t.Errorf("%.20q: found %.40v, %v", name, got, err)
				}
				tell(t, ref, fine)
			}
			for _, name := range names { // each was a name of its own, and is taken
				_, err := runtime.Spawn(s, runtime.Props[act]{Name: name, New: performer})
				wantText(t, fmt.Sprintf("%.20q", name), err,
					fmt.Sprintf("runtime: name is taken: spawn %q under troupe", name), runtime.ErrNameTaken)
			}
		})
}

func TestNamesWithSlashesAreRefusedWhateverElseIsInThem(t *testing.T) {
	for _, name := range []string{"/", "//", "a/", "/a", "a/b", "../a", "/\x00", "\xff/", "a\n/b", "日/本"} {
		t.Run(fmt.Sprintf("%q", name), func(t *testing.T) {
			want := fmt.Sprintf(invalid+"Props.Name is %q: want a name without '/'", name)
			unharmed(t, runtime.Stats{}, func(t *testing.T, s *runtime.System, _ runtime.Ref[act]) {
				_, err := runtime.Spawn(s, runtime.Props[act]{Name: name, New: performer})
				wantText(t, "Spawn", err, want, runtime.ErrConfig)
				_, err = runtime.SpawnFunc(s, name, func(*runtime.Context[int], int) error { return nil })
				wantText(t, "SpawnFunc", err, want, runtime.ErrConfig)
			})
		})
	}
}

// Whose name is taken makes nothing: not even New is called. The name is its actor's until that is gone, also while it
// drains, also for an actor of another type; and it is not its children's.
func TestNameThatIsTakenLeavesWhoHasItAlone(t *testing.T) {
	const want = `runtime: name is taken: spawn "a" under troupe`
	unharmed(t, runtime.Stats{Sent: 1, Queued: 1, Actors: 1}, func(t *testing.T, s *runtime.System, ref runtime.Ref[act]) {
		unmade := runtime.Props[act]{Name: "a", New: func() runtime.Actor[act] { t.Error("New was called"); return performer() }}
		_, err := runtime.Spawn(s, unmade)
		wantText(t, "Spawn", err, want, runtime.ErrNameTaken)
		_, err = runtime.SpawnFunc(s, "a", func(*runtime.Context[int], int) error { return nil })
		wantText(t, "of another type", err, want, runtime.ErrNameTaken)

		g := newGate(t)
		b := spawn(t, s, runtime.Props[act]{Name: "b", New: performer})
		tell(t, b, func(x *runtime.Context[act]) error {
			child := spawn(t, x, runtime.Props[act]{Name: "b", New: performer})
			if child.Path() != "troupe/b/b" {
				t.Errorf("the child's path is %q", child.Path())
			}
			child.Stop()
			<-child.Done()
			g.wait()
			return nil
		})
		b.StopWhenEmpty()
		_, err = runtime.Spawn(s, runtime.Props[act]{Name: "b", New: performer})
		wantText(t, "while it drains", err, `runtime: name is taken: spawn "b" under troupe`, runtime.ErrNameTaken)
	})
}

func TestLookupWithOddPaths(t *testing.T) {
	const elsewhere = `: paths of this system begin with "troupe"`
	const empty = " has an empty name in it: want names, and one '/' between two"
	const itself = " is the system itself: want the path of an actor"
	nobody := func(under, name string) string { return fmt.Sprintf(": %q has no child named %q", under, name) }
	for _, tt := range []struct{ path, want string }{ // after the path
		{"", elsewhere}, {"/", elsewhere}, {"//", elsewhere}, {" ", elsewhere}, {"a", elsewhere}, {"a/", elsewhere},
		{"/troupe", elsewhere}, {"/troupe/a", elsewhere}, {"./troupe/a", elsewhere}, {"Troupe/a", elsewhere},
		{" troupe/a", elsewhere}, {"troupe /a", elsewhere}, {"troupe\x00/a", elsewhere}, {"other/a", elsewhere},
		{"troup", elsewhere}, {`troupe\a`, elsewhere}, {"troupe.a", elsewhere},
		{"troupe", itself},
		{"troupe/", empty}, {"troupe//", empty}, {"troupe//a", empty}, {"troupe/a/", empty}, {"troupe/a//", empty},
		{"troupe/A", nobody("troupe", "A")}, {"troupe/a ", nobody("troupe", "a ")}, {"troupe/a\n", nobody("troupe", "a\n")},
		{"troupe/.", nobody("troupe", ".")}, {"troupe/../a", nobody("troupe", "..")}, {"troupe/troupe/a", nobody("troupe", "troupe")},
		{"troupe/\xff", nobody("troupe", "\xff")}, {"troupe/1", nobody("troupe", "1")}, {"troupe/*", nobody("troupe", "*")},
		{"troupe/a/b", nobody("troupe/a", "b")}, {"troupe/a/b/c", nobody("troupe/a", "b")}, {"troupe/a/a", nobody("troupe/a", "a")},
		{"troupe/b/", nobody("troupe", "b")}, {"troupe/a/..", nobody("troupe/a", "..")},
	} {
		t.Run(fmt.Sprintf("%q", tt.path), func(t *testing.T) {
			unharmed(t, runtime.Stats{}, func(t *testing.T, s *runtime.System, _ runtime.Ref[act]) {
				ref, err := runtime.Lookup[act](s, tt.path)
				wantText(t, "Lookup", err, fmt.Sprintf("runtime: no such actor: %q", tt.path)+tt.want, runtime.ErrNotFound)
				if ref != (runtime.Ref[act]{}) {
					t.Errorf("found %v", ref)
				}
				_, again := runtime.Lookup[string](s, tt.path) // there is nobody, so there is no wrong type
				if again == nil || again.Error() != err.Error() {
					t.Errorf("for another type: %v", again)
				}
			})
		})
	}
}

func TestLookupOfAnotherType(t *testing.T) {
	unharmed(t, runtime.Stats{}, func(t *testing.T, s *runtime.System, _ runtime.Ref[act]) {
		text := func(takes string) string {
			return `runtime: wrong message type: "troupe/a" takes runtime_test.act, not ` + takes
		}
		_, err := runtime.Lookup[string](s, "troupe/a")
		wantText(t, "string", err, text("string"), runtime.ErrType)
		_, err = runtime.Lookup[any](s, "troupe/a")
		wantText(t, "any, which would hold it", err, text("interface {}"), runtime.ErrType)
		_, err = runtime.Lookup[*act](s, "troupe/a")
		wantText(t, "a pointer to it", err, text("*runtime_test.act"), runtime.ErrType)
		_, err = runtime.Lookup[func(*runtime.Context[act]) error](s, "troupe/a")
		wantText(t, "what it is made of", err, text("func(*runtime.Context[github.com/troupe-go/troupe/runtime_test.act]) error"),
			runtime.ErrType)
	})
}
