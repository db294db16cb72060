package runtimetest_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A planted bug is one that has been put into the runtime on purpose, to see that exploring finds it.
type planted struct {
	name  string
	edits []edit
}

// An edit replaces a piece of a file's text, which must be there once. The path is that from the root of the module.
type edit struct{ file, old, new string }

// plants are bugs of the kind that hand-offs have: somebody looks, and acts on what it saw, and in between somebody else came.
var plants = []planted{
	{"goes idle without another look at the queue", []edit{
		{"runtime/messages.go", "\t\tm, state := c.mail.Next()\n", "\t\tif c.mail.Len() == 0 && !c.mail.Interrupted() {\n" +
			"\t\t\tc.sys().dispatch.point()\n\t\t\tif c.mail.RestAnyway() {\n\t\t\t\treturn outcome{state: mailbox.Idle}\n\t\t\t}\n\t\t}\n" +
			"\t\tm, state := c.mail.Next()\n"},
		{"mailbox/owner.go", "// Suspend finishes the message", "// RestAnyway is Rest without a look at the queue.\n" +
			"func (o *Owned[M]) RestAnyway() bool {\n\to.lock()\n\tdefer o.unlock()\n\tmine := o.settleLocked()\n" +
			"\tif mine && o.next < len(o.hand) || o.Interrupted() || o.closed || o.staying {\n\t\treturn false\n\t}\n" +
			"\tif mine {\n\t\to.retireLocked()\n\t}\n\to.asleep = true\n\treturn true\n}\n\n// Suspend finishes the message"},
	}},
	{"rests after its start, whatever came in meanwhile", []edit{{"runtime/turn.go",
		"\t\tif !n.body.rest() {\n\t\t\tn.sys().dispatch.share(n)\n\t\t}\n", "\t\tn.body.rest()\n"}}},
	{"sleeps, whatever it was ordered meanwhile", []edit{{"runtime/decide.go",
		"return stepOver, n.body.suspend()", "n.body.suspend()\n\treturn stepOver, true"}}},
	{"rests while it drains, whatever came in meanwhile", []edit{{"runtime/drain.go",
		"\t\tif n.body.rest() {\n\t\t\treturn stepOver\n\t\t}\n\t\treturn n.decide(turn)\n", "\t\tn.body.rest()\n\t\treturn stepOver\n"}}},
	{"wakes nobody for what a watch or pipe delivers", []edit{{"runtime/watch.go",
		"\tn.enqueueLocked(f)\n\tn.mu.Unlock()\n\tn.wake()\n", "\tn.enqueueLocked(f)\n\tn.mu.Unlock()\n"}}},
	{"leaves the lane without another look at its events", []edit{{"runtime/family.go",
		"\tf.busy = true\n\tfor i := 0; i < len(f.events); i++ {\n\t\te := f.events[i]\n\t\tf.events[i] = event{}\n" +
			"\t\tif i == len(f.events)-1 { // all handled: begin anew in the same place\n\t\t\tf.events, i = f.events[:0], -1\n\t\t}\n",
		"\tf.busy = true\n\tfor range 1 {\n\t\te := f.events[0]\n\t\tf.events = f.events[:0]\n"}}},
	{"looks whether the other has stopped, and then begins to watch", []edit{{"runtime/watch.go",
		"\tr := n.rareLocked()\n\tif r.watchers == nil {", "\tn.mu.Unlock()\n\tn.sys().dispatch.point()\n\tn.mu.Lock()\n\tr := n.rareLocked()\n\tif r.watchers == nil {"}}},
	{"looks whether the other has stopped, and then waits for its answer", []edit{{"runtime/ask.go",
		"\tif n.state == stopped {\n\t\treturn n.stoppedLocked()\n\t}\n\tr := n.rareLocked()\n", "\tr := n.rareLocked()\n"}}},
	{"takes a pipe off the list before it hands its result over", []edit{{"runtime/pipe.go",
		"\tdelete(n.look().pipes, p)\n\tn.enqueueLocked(arrival)\n", "\tdelete(n.look().pipes, p)\n\tn.mu.Unlock()\n\tn.sys().dispatch.point()\n\tn.mu.Lock()\n\tn.enqueueLocked(arrival)\n"}}},
	{"lets a member's end hang the restart of its group", []edit{{"runtime/operation.go",
		"\t\tif awaited {\n\t\t\tf.haltNext()\n\t\t}\n", ""}}},
	{"accepts into a mailbox that was emptied for good", []edit{{"mailbox/owned.go",
		"\tleft = append(left, o.drainLocked()...)\n\to.drained = true\n", "\tleft = append(left, o.drainLocked()...)\n"}}},
}

var (
	failing = regexp.MustCompile(`(?m)^\s+\S+: seed (\d+) of`)
	atTest  = regexp.MustCompile(`go test -run '\^(\w+)\$'`)
)

// Exploring finds each planted bug within 10,000 seeds, and the seed that finds it always does.
func TestExploringFindsPlantedBugs(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	some := plants
	if os.Getenv("TROUPE_STRESS") != "1" {
		some = plants[:1] // each takes a build of its own
	}
	for _, p := range some {
		t.Run(strings.ReplaceAll(p.name, " ", "-"), func(t *testing.T) {
			binary := p.build(t, root)
			out := explored(t, binary, "TROUPE_SEEDS=1-10000", "-test.run=^TestExplore[A-Z]", "-test.failfast", "-test.parallel=1", "-test.timeout=5m")
			seed, test := failing.FindStringSubmatch(out), atTest.FindStringSubmatch(out)
			if seed == nil || test == nil {
				t.Fatalf("not found within 10,000 seeds:\n%s", out)
			}
			t.Logf("found by %s with seed %s", test[1], seed[1])
			for range 5 {
				if again := explored(t, binary, "TROUPE_SEEDS="+seed[1]+"-"+seed[1], "-test.run=^"+test[1]+"$"); failing.FindStringSubmatch(again) == nil {
					t.Fatalf("seed %s of %s does not fail again:\n%s", seed[1], test[1], again)
				}
			}
		})
	}
}

// build compiles this package's tests with the bug in the runtime.
func (p planted) build(t *testing.T, root string) (binary string) {
	dir := t.TempDir()
	texts := map[string]string{}
	for _, e := range p.edits {
		path := filepath.Join(root, filepath.FromSlash(e.file))
		text, ok := texts[path]
		if !ok {
			read, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			text = string(read)
		}
		if n := strings.Count(text, e.old); n != 1 {
			t.Fatalf("%s has %d places to plant the bug in, want one:\n%s", e.file, n, e.old)
		}
		texts[path] = strings.Replace(text, e.old, e.new, 1)
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for path, text := range texts {
		copied := filepath.Join(dir, strings.ReplaceAll(strings.TrimPrefix(path, root), string(filepath.Separator), "_"))
		write(t, copied, []byte(text))
		overlay.Replace[path] = copied
	}
	list, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "overlay.json"), list)
	binary = filepath.Join(dir, "planted.test")
	build := exec.Command("go", "test", "-c", "-vet=off", "-o", binary, "-overlay", filepath.Join(dir, "overlay.json"), ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", build, err, out)
	}
	return binary
}

func write(t *testing.T, path string, text []byte) {
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// explored runs a test binary, and returns what it prints.
func explored(t *testing.T, binary, seeds string, args ...string) string {
	run := exec.Command(binary, args...)
	run.Env = append(os.Environ(), seeds, "TROUPE_SEED=")
	out, err := run.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out)
}
