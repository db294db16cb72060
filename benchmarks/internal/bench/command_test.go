package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tiny is a command whose rows take no time, since nothing is done in them.
var tiny = Command{
	Name: "benchmarks", Usage: "go run ./benchmarks", About: "Measures nothing.", Title: "Tiny benchmarks",
	Sections: []Section{{Name: "mailbox", Rows: func() []Row {
		return []Row{
			tinyRow("FIFO/batch/8B/producers=1/capacity=1024", "FIFO, Put / batch", true),
			tinyRow("FIFO/getbatch/8B/producers=1/capacity=1024", "FIFO, Put / GetBatch", true),
			tinyRow("FIFO/get/8B/producers=1/capacity=1024", "FIFO, Put / Get", true),
			tinyRow("FIFO/get/any/producers=1/capacity=1024", "FIFO, Put / Get", false),
		}
	}}, {Name: "tell", Rows: func() []Row {
		return []Row{tinyRow("senders=1", "Tell", true), tinyRow("senders=2", "Tell", false)}
	}}, {Name: "hop", Rows: func() []Row { return []Row{tinyRow("pingpong", "Hop", true)} }}},
}

func tinyRow(name, table string, quick bool) Row {
	r := Row{Name: name, Table: table, Label: []Label{{"work", "none"}}, Quick: quick, Size: 10, QuickSize: 5}
	for _, c := range []string{"channel", "troupe"} {
		r.Contenders = append(r.Contenders, Contender{c, func() Runner { return Runner{Run: func(int) {}} }})
	}
	return r
}

const oneRow = "^FIFO/get/8B/producers=1/capacity=1024$"

func TestBadCommandLinesAreRefused(t *testing.T) {
	for _, tt := range []struct {
		args string
		want []string // parts of the complaint
	}{
		{"-only mailboxes", []string{`"mailboxes"`, "want one or more of mailbox"}},
		{"-only mailbox,", []string{`""`, "want one or more of mailbox"}},
		{"-rounds 4", []string{`"4"`, "want an odd number, 1 or more"}},
		{"-rounds -1", []string{`"-1"`, "want an odd number"}},
		{"-rounds many", []string{`"many"`, "want an odd number"}},
		{"-run (", []string{`"("`, "want a regular expression", "missing closing )"}},
		{"-run nothing", []string{`"nothing"`, "none of the rows:", "such as FIFO/"}},
		{"-run any -quick", []string{`"any"`, "that -quick leaves"}},
		{"-json " + filepath.Join(t.TempDir(), "missing", "r.json"), []string{"r.json", "want a file that can be written"}},
		{"-n 0", []string{`"0"`, "want 1 or more"}},
		{"-cpu 1,0", []string{`"0"`, "want numbers from 1 up"}},
		{"-cpu all", []string{`"all"`, "want numbers from 1 up"}},
		{"-svg command.go/charts", []string{"command.go/charts", "want a folder"}},
		{"-record " + filepath.Join(t.TempDir(), "missing", "r.json"), []string{"-record is", "want a file that can be written"}},
		{"-record r.json -only tell", []string{"-record needs all rows", "without -only and -run"}},
		{"-record r.json -gate r.json", []string{"want one of them"}},
		{"-gate r.json -cpu 1,2", []string{"-cpu has several values", "want one at most"}},
		{"-nosuch", []string{"-nosuch", "-h lists the flags"}},
		{"mailbox", []string{`"mailbox"`, "want nothing there"}},
	} {
		var stdout, stderr strings.Builder
		if got := tiny.run(context.Background(), strings.Fields(tt.args), &stdout, &stderr); got != statusUsage || stdout.Len() > 0 {
			t.Errorf("%s: status %d and output %q, want %d and none", tt.args, got, stdout.String(), statusUsage)
		}
		for _, want := range tt.want {
			if !strings.Contains(stderr.String(), want) {
				t.Errorf("%s: the complaint is %q, want %q in it", tt.args, stderr.String(), want)
			}
		}
		if strings.Count(stderr.String(), "\n") != 1 {
			t.Errorf("%s: the complaint is %q, want one line", tt.args, stderr.String())
		}
	}
}

func TestHelpNamesFlagsAndSections(t *testing.T) {
	var stdout, stderr strings.Builder
	if got := tiny.run(context.Background(), []string{"-h"}, &stdout, &stderr); got != statusOK {
		t.Errorf("status %d, want %d", got, statusOK)
	}
	for _, want := range []string{"-only", "-run", "-rounds", "-quick", "-json", "-n N", "-cpu", "-svg", "-record", "-gate", "Sections: mailbox, tell,", "Exit status"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("the help lacks %q:\n%s", want, stderr.String())
		}
	}
}

// TestResultsArePrintedAndWritten runs the command, on one row and one round.
func TestResultsArePrintedAndWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.json")
	var stdout, stderr strings.Builder
	got := tiny.run(context.Background(), []string{"-only", "mailbox", "-rounds", "1", "-run", oneRow, "-json", path}, &stdout, &stderr)
	if got != statusOK || stderr.Len() > 0 {
		t.Fatalf("status %d, complaint %q", got, stderr.String())
	}
	if !strings.Contains(stdout.String(), "\nFIFO, Put / Get\n") {
		t.Errorf("the table is not in\n%s", stdout.String())
	}
	rep := readReport(t, path)
	if !rep.Complete || rep.Rounds != 1 || len(rep.Results) != 1 || len(rep.Results[0].Contenders) != 2 || rep.Machine.Go == "" {
		t.Errorf("the file has %+v", rep)
	}
}

// TestEachProcessorCountHasTablesOfItsOwn also shows that GOMAXPROCS is then what it was.
func TestEachProcessorCountHasTablesOfItsOwn(t *testing.T) {
	before := goruntime.GOMAXPROCS(0)
	path := filepath.Join(t.TempDir(), "r.json")
	var stdout, stderr strings.Builder
	args := []string{"-only", "tell,hop", "-cpu", "1,2", "-rounds", "1", "-n", "100", "-run", "senders=1|pingpong", "-json", path}
	if got := tiny.run(context.Background(), args, &stdout, &stderr); got != statusOK {
		t.Fatalf("status %d, complaint %q", got, stderr.String())
	}
	var headings, rows []string
	for line := range strings.Lines(stdout.String()) {
		if strings.HasPrefix(line, "== ") {
			headings = append(headings, strings.TrimSpace(line))
		}
	}
	if want := "== tell, GOMAXPROCS 1|== hop, GOMAXPROCS 1|== tell, GOMAXPROCS 2|== hop, GOMAXPROCS 2"; strings.Join(headings, "|") != want {
		t.Errorf("the headings are %q", headings)
	}
	for _, r := range readReport(t, path).Results {
		rows = append(rows, fmt.Sprintf("%s/%d", r.Row, r.GOMAXPROCS))
	}
	if want := "senders=1/1 pingpong/1 senders=1/2 pingpong/2"; strings.Join(rows, " ") != want {
		t.Errorf("the rows are %q, want %s", rows, want)
	}
	if after := goruntime.GOMAXPROCS(0); after != before {
		t.Errorf("GOMAXPROCS is %d, and was %d", after, before)
	}
}

func TestInterruptKeepsWhatWasMeasured(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	path := filepath.Join(t.TempDir(), "r.json")
	// The user has enough when the first of two tables comes.
	stdout := &watcher{want: "FIFO, Put / batch\n", seen: cancel}
	var stderr strings.Builder
	got := tiny.run(ctx, []string{"-rounds", "1", "-json", path, "-run", "FIFO/.*/8B/producers=1/capacity=1024"}, stdout, &stderr)
	if got != statusInterrupted || stderr.String() != "benchmarks: interrupted: 1 of 3 rows were measured\n" {
		t.Errorf("status %d, complaint %q", got, stderr.String())
	}
	if !strings.Contains(stdout.text.String(), "troupe / channel") {
		t.Errorf("what was measured is not in\n%s", stdout.text.String())
	}
	if rep := readReport(t, path); rep.Complete || len(rep.Results) != 1 {
		t.Errorf("the file has %+v", rep)
	}
}

// A watcher calls seen once it was written what it wants.
type watcher struct {
	text strings.Builder
	want string
	seen func()
}

func (w *watcher) Write(p []byte) (int, error) {
	w.text.Write(p)
	if strings.Contains(w.text.String(), w.want) {
		w.seen()
	}
	return len(p), nil
}

func readReport(t *testing.T, path string) report {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var r report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return r
}

func TestCPUModel(t *testing.T) {
	for cpuinfo, want := range map[string]string{
		"":                 "",
		"processor\t: 0\n": "",
		"processor\t: 0\nmodel name\t: AMD EPYC 7B13\nflags\t: a b\n\nprocessor\t: 1\nmodel name\t: other\n": "AMD EPYC 7B13",
	} {
		if got := cpuModel(cpuinfo); got != want {
			t.Errorf("the model of %q is %q, want %q", cpuinfo, got, want)
		}
	}
}
