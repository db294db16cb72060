package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func crawled() *Summary {
	s := &Summary{
		Start: "https://example.com/", Began: time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC), Took: 12345 * time.Millisecond,
		Pages: 1234, Bytes: 47_834_221, Links: 56789, Records: 512, Retries: 7, Restarts: 2,
		Kinds: map[string]int{"ok": 1180, "redirect": 12, "not-found": 12, "timeout": 3, "server-error": 1},
		Broken: []Broken{
			{"https://example.com/crash", "server-error", 503, "https://example.com/"},
			{"https://gone.example/", "timeout", 0, "https://example.com/links"},
			{"https://example.com/start", "gone", 410, ""},
		},
		Slowest: []Timing{
			{"https://example.com/archive?year=2019", 72 * time.Second},
			{"https://example.com/a", 2310 * time.Millisecond},
			{"https://example.com/b", 812500 * time.Microsecond},
		},
		Actors: []ActorLine{
			{Path: "crawler/frontier", Sent: 12345, Handled: 12340, DeadLettered: 5},
			{Path: "crawler/fetchers/worker-12", Sent: 1234, Handled: 1234, Restarts: 2},
			{Path: "crawler/report", Sent: 2345678, Handled: 2345678},
		},
		Total: ActorLine{Path: "crawler", Sent: 2359257, Handled: 2359252, DeadLettered: 5, Restarts: 2},
	}
	for i := range 9 {
		s.Broken = append(s.Broken, Broken{fmt.Sprintf("https://example.com/%d", i), "not-found", 404, "https://example.com/"})
	}
	return s
}

func render(t *testing.T, s *Summary) string {
	t.Helper()
	var b strings.Builder
	if err := s.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWriteTextIsAlignedAndFits(t *testing.T) {
	got := render(t, crawled())
	const want = `Crawled https://example.com/ in 12.3 s

  pages             1,234   100 pages/s
  fetched        45.6 MiB   3.7 MiB/s
  links            56,789
  broken               12
  records             512
  retries               7
  restarts              2

By kind
  ok                1,180
  not-found            12
  redirect             12
  timeout               3
  server-error          1

Broken links
  server-error 503  https://example.com/crash
       linked from  https://example.com/
  timeout           https://gone.example/
       linked from  https://example.com/links
  gone 410          https://example.com/start
  not-found 404     https://example.com/0
       linked from  https://example.com/
  not-found 404     https://example.com/1
       linked from  https://example.com/
  not-found 404     https://example.com/2
       linked from  https://example.com/
  not-found 404     https://example.com/3
       linked from  https://example.com/
  not-found 404     https://example.com/4
       linked from  https://example.com/
  not-found 404     https://example.com/5
       linked from  https://example.com/
  not-found 404     https://example.com/6
       linked from  https://example.com/
  and 2 more

Slowest pages
   1 min 12 s  https://example.com/archive?year=2019
       2.31 s  https://example.com/a
       812 ms  https://example.com/b

Actors
  crawler/            sent  rejected    handled  dropped  dead  queued  restarts
  frontier          12,345         0     12,340        0     5       0         0
  …rs/worker-12      1,234         0      1,234        0     0       0         2
  report         2,345,678         0  2,345,678        0     0       0         0
  total          2,359,257         0  2,359,252        0     5       0         2

Accounting
  Sent 2,359,257 = Rejected 0 + Handled 2,359,252 + Dropped 0 + DeadLettered 5
                 + Queued 0  (exact)
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
	for line := range strings.Lines(got) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

func TestWriteTextOfAnInterruptedCrawlThatDoesNotAddUp(t *testing.T) {
	s := &Summary{
		Start: "http://localhost:8080/", Took: 4 * time.Millisecond, Interrupted: true, Pages: 1, Bytes: 812,
		Actors: []ActorLine{{Path: "a", Sent: 1}, {Path: "a/b"}},
		Total:  ActorLine{Sent: 3, Handled: 1001, Queued: 2},
	}
	const want = `Crawl of http://localhost:8080/, interrupted after 4.0 ms

  pages                 1   250 pages/s
  fetched           812 B   198.2 KiB/s
  links                 0
  broken                0
  records               0
  retries               0
  restarts              0

Actors
         sent  rejected  handled  dropped  dead  queued  restarts
  a         1         0        0        0     0       0         0
  a/b       0         0        0        0     0       0         0
  total     3         0    1,001        0     0       2         0

Accounting
  Sent 3 = Rejected 0 + Handled 1,001 + Dropped 0 + DeadLettered 0
         + Queued 2  (off by 1,000)
`
	if diff := cmp.Diff(want, render(t, s)); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}

func TestWriteTextOfNothing(t *testing.T) {
	got := render(t, &Summary{})
	for _, section := range []string{"By kind", "Broken links", "Slowest", "Actors", "pages/s", "NaN"} {
		if strings.Contains(got, section) {
			t.Errorf("an empty summary has %q:\n%s", section, got)
		}
	}
	if !strings.HasSuffix(got, "+ Queued 0  (exact)\n") {
		t.Errorf("an empty summary does not add up:\n%s", got)
	}
}

type broken struct{ err error }

func (b broken) Write([]byte) (int, error) { return 0, b.err }

func TestWriteTextReturnsTheWritersError(t *testing.T) {
	want := errors.New("closed pipe")
	if err := crawled().WriteText(broken{want}); !errors.Is(err, want) {
		t.Errorf("WriteText: %v; want %v", err, want)
	}
}

func TestIdentityAddsUpWhereMessagesEnd(t *testing.T) {
	s := &Summary{Total: ActorLine{Sent: 31, Rejected: 1, Handled: 2, Dropped: 4, DeadLettered: 8, Queued: 16, Restarts: 32}}
	if left, right := s.Identity(); left != 31 || right != 31 {
		t.Errorf("Identity() = %d, %d; want 31 on both sides", left, right)
	}
}

func TestWriteFileIsStableJSONInMilliseconds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "summary.json")
	s := crawled()
	s.Broken, s.Actors = s.Broken[:1], s.Actors[:1]
	s.Slowest = []Timing{{"https://example.com/?a&b", 1234567 * time.Nanosecond}}
	for range 2 { // the second replaces the first
		if err := s.WriteFile(path); err != nil {
			t.Fatal(err)
		}
	}
	wantFile(t, path, `{
  "start": "https://example.com/",
  "began": "2024-05-01T12:00:00Z",
  "took_ms": 12345,
  "interrupted": false,
  "pages": 1234,
  "bytes": 47834221,
  "links": 56789,
  "records": 512,
  "retries": 7,
  "restarts": 2,
  "kinds": {
    "not-found": 12,
    "ok": 1180,
    "redirect": 12,
    "server-error": 1,
    "timeout": 3
  },
  "broken": [
    {
      "url": "https://example.com/crash",
      "kind": "server-error",
      "status": 503,
      "from": "https://example.com/"
    }
  ],
  "slowest": [
    {
      "url": "https://example.com/?a&b",
      "took_ms": 1.235
    }
  ],
  "actors": [
    {
      "path": "crawler/frontier",
      "sent": 12345,
      "rejected": 0,
      "handled": 12340,
      "dropped": 0,
      "dead_lettered": 5,
      "queued": 0,
      "restarts": 0
    }
  ],
  "total": {
    "path": "crawler",
    "sent": 2359257,
    "rejected": 0,
    "handled": 2359252,
    "dropped": 0,
    "dead_lettered": 5,
    "queued": 0,
    "restarts": 2
  },
  "accounting": {
    "sent": 2359257,
    "accounted": 2359257,
    "exact": true
  }
}
`)
	if rest, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(rest) != 1 {
		t.Errorf("left behind: %q", rest)
	}
}

func TestWriteFileOfNothingHasNoNulls(t *testing.T) {
	path := filepath.Join(t.TempDir(), "summary.json")
	if err := new(Summary).WriteFile(path); err != nil {
		t.Fatal(err)
	}
	if got := read(t, path); strings.Contains(got, "null") || !json.Valid([]byte(got)) {
		t.Errorf("an empty summary:\n%s", got)
	}
}

func TestWriteFileErrorsNameThePath(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "taken.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"summary.txt":              `report: summary.txt: the extension is ".txt": want .json`,
		dir + "/none/summary.json": "report: open " + dir + "/none/summary.json.tmp: no such file or directory",
		dir + "/taken.json":        "report: rename " + dir + "/taken.json.tmp " + dir + "/taken.json: file exists",
	} {
		if err := new(Summary).WriteFile(path); err == nil || err.Error() != want {
			t.Errorf("WriteFile(%q):\n got %v\nwant %s", path, err, want)
		}
	}
	if rest, _ := filepath.Glob(filepath.Join(dir, "*.tmp")); len(rest) != 0 {
		t.Errorf("left behind: %q", rest)
	}
}
