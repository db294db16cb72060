package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a server that answers as the test likes, two requests at a time.
func fake(t *testing.T, answer func(w http.ResponseWriter, crowded bool)) string {
	places := make(chan struct{}, 2)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /images", func(w http.ResponseWriter, r *http.Request) {
		crowded := false
		select {
		case places <- struct{}{}:
			defer func() { <-places }()
			_, _ = io.Copy(io.Discard, r.Body)
		default:
			crowded = true
		}
		answer(w, crowded)
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "process_resident_memory_bytes 5e+07") })
	web := httptest.NewServer(mux)
	t.Cleanup(web.Close)
	return web.Listener.Addr().String()
}

func TestWhatTheServerDoesIsTold(t *testing.T) {
	addr := fake(t, func(w http.ResponseWriter, crowded bool) {
		if crowded {
			w.Header().Set("Retry-After", "1")
			http.Error(w, "full", http.StatusServiceUnavailable)
		}
	})
	var out strings.Builder
	o := options{addr: addr, times: 5, quiet: 100 * time.Millisecond, last: 400 * time.Millisecond, width: 64, height: 64}
	err := o.attack(context.Background(), &out)
	if err != nil && strings.Count(err.Error(), "\n") > 0 || err != nil && !strings.Contains(err.Error(), "p99") {
		t.Errorf("%v: want no complaint but, on a slow machine, of p99", err)
	}
	for _, want := range []string{"Each request is a JPEG of 64 x 64", "Quiet:", "Crowd:", "Answers:  ", " of 200", "Memory:   50 to 50 MB resident."} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("want %q in\n%s", want, &out)
		}
	}
}

func TestAServerThatFailsIsFoundOut(t *testing.T) {
	addr := fake(t, func(w http.ResponseWriter, _ bool) { http.Error(w, "oh", http.StatusInternalServerError) })
	var stdout, stderr strings.Builder
	status := run(context.Background(), []string{"-addr", addr, "-quiet", "20ms", "-for", "20ms", "-width", "64", "-height", "64"}, &stdout, &stderr)
	if status != statusFailed || !strings.Contains(stderr.String(), "answers with status 500: want 200 and 503 only") {
		t.Errorf("status %d, %s", status, &stderr)
	}
}

func TestJudge(t *testing.T) {
	times := func(d time.Duration) []time.Duration { return []time.Duration{d, d, d} }
	quiet := &tally{served: times(10 * time.Millisecond)}
	flat := []float64{100, 119}
	for _, c := range []struct {
		want  string
		crowd *tally
		rss   []float64
	}{
		{"", &tally{served: times(19 * time.Millisecond), statuses: map[int]int{200: 3, 503: 9}}, flat},
		{"p99 is 20ms, and was 10ms", &tally{served: times(20 * time.Millisecond)}, flat},
		{"1 answers with status 502", &tally{statuses: map[int]int{502: 1}}, flat},
		{"2 were refused without Retry-After", &tally{impolite: 2}, flat},
		{"3 got no answer: oh", &tally{broken: 3, why: errors.New("oh")}, flat},
		{"memory is not flat", &tally{}, []float64{100, 121}},
		{"did not tell its memory", &tally{}, nil},
	} {
		switch err := judge(quiet, c.crowd, c.rss); {
		case c.want == "" && err != nil, c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

func TestWrongFlagsAreExplained(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"-times 0", "-times is 0: want more than 0, and at most 1000"},
		{"-quiet 0s", "-quiet is 0s: want more than 0"},
		{"-for 0s", "-for is 0s: want more than 0"},
		{"-width 15", "-width and -height are 15 and 900: want 16 to 8000"},
		{"now", `there is an argument, "now": want flags only`},
		{"-now", "flag provided but not defined: -now"},
	} {
		var stdout, stderr strings.Builder
		status := run(context.Background(), strings.Fields(c.args), &stdout, &stderr)
		if status != statusUsage || !strings.Contains(stderr.String(), c.want) || stdout.Len() > 0 {
			t.Errorf("%s: status %d, %q, want status %d and %q", c.args, status, &stderr, statusUsage, c.want)
		}
	}
}
