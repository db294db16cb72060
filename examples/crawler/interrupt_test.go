package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// command is the program as a user has it, because only a process has signals and an exit status: this test's own
// binary, which TestMain then turns into the program.
func command(args ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), asProgram+"=1")
	return c
}

// An endless site has a record on each page, and more links than anybody can follow. From page number holdFrom on it
// keeps its answers back until it is told to let go.
type endlessSite struct {
	holdFrom int
	asked    chan int
	held     chan struct{}
	letGo    chan struct{}
}

func (s *endlessSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var n int
	if _, err := fmt.Sscanf(r.URL.Path, "/%d", &n); err != nil {
		http.NotFound(w, r)
		return
	}
	if n >= s.holdFrom {
		s.held <- struct{}{}
		<-s.letGo
	}
	s.asked <- n
	w.Header().Set("Content-Type", "text/html")
	fmt.Fprintf(w, `<div class="home"><b class="title">home %d</b></div><a href="/%d">a</a><a href="/%d">b</a>`, n, 2*n, 2*n+1)
}

func TestInterruptLeavesEveryRecordParsedSoFarAndStatus130(t *testing.T) {
	for _, format := range []string{"csv", "json"} {
		t.Run(format, func(t *testing.T) {
			site := &endlessSite{holdFrom: 64, asked: make(chan int, 1e6), held: make(chan struct{}, 1e6), letGo: make(chan struct{})}
			server := httptest.NewServer(site)
			defer server.Close()
			out := filepath.Join(t.TempDir(), "homes."+format)
			report := filepath.Join(t.TempDir(), "report.json")
			crawler := command("-quiet", "-rate", "0", "-item", ".home", "-field", "title=.title",
				"-out", out, "-report", report, server.URL+"/1")
			var stderr bytes.Buffer
			crawler.Stderr = &stderr
			if err := crawler.Start(); err != nil {
				t.Fatal(err)
			}
			<-site.held // the pages before are done, and some requests are under way
			if err := crawler.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			close(site.letGo)
			_ = crawler.Wait() // the status says more
			if got := crawler.ProcessState.ExitCode(); got != statusInterrupted {
				t.Fatalf("status %d, want %d: %s", got, statusInterrupted, stderr.String())
			}
			close(site.asked)
			var want []string
			for n := range site.asked {
				want = append(want, fmt.Sprintf("home %d", n))
			}
			slices.Sort(want)
			if got := titles(t, out); !slices.Equal(got, want) {
				t.Errorf("%d records were written, want the %d of the pages that were served", len(got), len(want))
			}
			if s := readJSON[map[string]any](t, report); s["interrupted"] != true {
				t.Errorf("the report says interrupted: %v", s["interrupted"])
			}
		})
	}
}

func TestSecondInterruptLeavesAtOnce(t *testing.T) {
	site := &endlessSite{holdFrom: 2, asked: make(chan int, 1e6), held: make(chan struct{}, 1e6), letGo: make(chan struct{})}
	server := httptest.NewServer(site)
	defer server.Close()
	defer close(site.letGo)
	crawler := command("-quiet", "-rate", "0", server.URL+"/1")
	stderr, err := crawler.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := crawler.Start(); err != nil {
		t.Fatal(err)
	}
	<-site.held
	if err := crawler.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	// The program says that it has seen the first; its visits cannot end, because the site answers no more.
	if _, err := stderr.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if err := crawler.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = crawler.Wait()
	if got := crawler.ProcessState.ExitCode(); got != statusInterrupted {
		t.Errorf("status %d, want %d", got, statusInterrupted)
	}
}

// titles returns the sorted titles in a file of records.
func titles(t *testing.T, path string) (all []string) {
	t.Helper()
	if filepath.Ext(path) == ".json" {
		for _, r := range readJSON[[]map[string]string](t, path) {
			all = append(all, r["title"])
		}
	} else {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		rows, err := csv.NewReader(file).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[1:] {
			all = append(all, row[1])
		}
	}
	slices.Sort(all)
	return all
}
