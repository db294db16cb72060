package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// asProgram is the environment variable that makes this test's binary the program.
const asProgram = "TROUPE_TEST_CRAWLER"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	goleak.VerifyTestMain(m)
}

func readJSON[T any](t *testing.T, path string) (v T) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &v)
	}
	if err != nil {
		t.Fatalf("%s: %v\n%s", path, err, data)
	}
	return v
}

func TestEmbeddedCrawlWritesItsFilesAndBalances(t *testing.T) {
	dir := t.TempDir()
	out, links, reportFile := filepath.Join(dir, "homes.csv"), filepath.Join(dir, "links.json"), filepath.Join(dir, "report.json")
	var stdout, stderr bytes.Buffer
	status := run(context.Background(), []string{"-quiet", "-backoff", "1ms", "-out", out, "-links", links, "-report", reportFile}, &stdout, &stderr)
	if status != statusOK {
		t.Fatalf("status %d: %s", status, stderr.String())
	}
	if stderr.Len() > 0 {
		t.Errorf("-quiet, and yet on stderr: %s", stderr.String())
	}
	summary := readJSON[struct{ Pages, Links, Records int }](t, reportFile)
	if n := len(titles(t, out)); n != summary.Records || n < 500 {
		t.Errorf("%d records in the file, %d in the report, want over 500", n, summary.Records)
	}
	if n := len(readJSON[[]map[string]any](t, links)); n != summary.Links || n < 5000 {
		t.Errorf("%d links in the file, %d in the report, want over 5,000", n, summary.Links)
	}
	if summary.Pages < 600 {
		t.Errorf("%d pages, want over 600", summary.Pages)
	}
	if !strings.Contains(stdout.String(), "(exact)") {
		t.Errorf("the summary does not show the accounts:\n%s", stdout.String())
	}
}

func TestBadCommandLinesGetOneClearLineAndStatus2(t *testing.T) {
	for _, tt := range []struct {
		args string
		want string
	}{
		{"-workers 0", "workers is 0: want 1 to 10000"},
		{"-workers x", `invalid value "x" for flag -workers: parse error`},
		{"-per-host -1", "per-host is -1: want 1 or more"},
		{"-pages -1", "pages is -1: want 0 (no limit) or more"},
		{"-rate -2", "rate is -2: want 0 (no limit) to 1000000"},
		{"-rate 5x", `invalid value "5x" for flag -rate: want a number`},
		{"-rate nan", `invalid value "nan" for flag -rate: want a number`},
		{"-rate fast", `invalid value "fast" for flag -rate: want a number`},
		{"-timeout 0s", "timeout is 0s: want more than 0"},
		{"-body 0", "body is 0: want 1 to 1099511627776"},
		{"-retries -1", "retries is -1: want 0 or more"},
		{"-backoff -1s", "backoff is -1s: want 0 or more"},
		{"-chaos 1", "chaos is 1: want 0 to 0.9"},
		{"-agent=", `agent is "": want a name, without line breaks and the like`},
		{"-nonsense", "flag provided but not defined: -nonsense"},
		{"-report r.txt", `-report is "r.txt": want a name that ends in .json`},
		{"-out x.xml", `-out is "x.xml": want a name that ends in .csv or .json`},
		{"-links x", `-links is "x": want a name that ends in .csv or .json`},
		{"-out x.csv -links ./x.csv", `-out and -links are both "./x.csv": want a file for each`},
		{"-field a=b", "-field is given without -item: want the selector of the records too"},
		{"-item p", "-item is given without -field: want the fields of a record too, such as -field price=.price"},
		{"-item p -field a", `field "a": there is no "=": want name=SELECTOR or name=SELECTOR@attr, such as price=.price or photo=img@src`},
		{"one two", "there are 2 addresses (one two): want one, after the flags"},
		{"http://host/ -depth 2", "-depth comes after the address: want the flags before it"},
		{"ftp://host/", `the address is "ftp://host/": want one like http://host/path`},
		{"example.org", `the address is "example.org": want one like http://host/path`},
		{"http://[::1", `the address is "http://[::1": missing ']' in host: want one like http://host/path`},
		{"127.0.0.1:80", `the address is "127.0.0.1:80": first path segment in URL cannot contain colon: want one like http://host/path`},
		{"http://host:99999/", `the address is "http://host:99999/": port 99999: want 0 to 65535`},
		{"http://me:secret@host/", `the address is "http://me:xxxxx@host/": the crawler does not log in: want no user in it`},
	} {
		var stdout, stderr bytes.Buffer
		status := run(context.Background(), strings.Fields(tt.args), &stdout, &stderr)
		if want := "crawler: " + tt.want + "\n"; status != statusUsage || stderr.String() != want {
			t.Errorf("%s: status %d and %q, want %d and %q", tt.args, status, stderr.String(), statusUsage, want)
		}
	}
}

func TestHelpSaysWhatEachFlagIsFor(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if status := run(context.Background(), []string{"-help"}, &stdout, &stderr); status != statusOK {
		t.Errorf("status %d", status)
	}
	for line := range strings.Lines(stderr.String()) {
		if len(line) > helpWidth+1 {
			t.Errorf("more than %d columns: %s", helpWidth, line)
		}
	}
	if !strings.HasPrefix(stderr.String(), "Usage: crawler [flags] [URL]") || !strings.Contains(stderr.String(), "-chaos P") {
		t.Errorf("help is:\n%s", stderr.String())
	}
}

func TestUnreachableSiteFailsWithStatus1(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	address := server.URL
	server.Close()
	var stdout, stderr bytes.Buffer
	status := run(context.Background(), []string{"-quiet", "-backoff", "1ms", address}, &stdout, &stderr)
	if want := "crawler: not one page could be fetched from " + address + "/: network\n"; status != statusFailed || stderr.String() != want {
		t.Errorf("status %d and %q, want %d and %q", status, stderr.String(), statusFailed, want)
	}
}

func TestStartThatYieldsNothingSaysWhy(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/robots.txt":
			_, _ = w.Write([]byte("User-agent: troupe-crawler\nDisallow: /private"))
		case "/moved":
			http.Redirect(w, r, "http://elsewhere.example/", http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	for path, want := range map[string]string{
		"/private": " is forbidden by robots.txt",
		"/moved":   " leads to another host: start from http://elsewhere.example/, or use -any-host",
	} {
		var stdout, stderr bytes.Buffer
		status := run(context.Background(), []string{"-quiet", server.URL + path}, &stdout, &stderr)
		if want := "crawler: " + server.URL + path + want + "\n"; status != statusFailed || stderr.String() != want {
			t.Errorf("status %d and %q, want %d and %q", status, stderr.String(), statusFailed, want)
		}
	}
}

func TestUnwritableFilesFailBeforeTheCrawl(t *testing.T) {
	for _, args := range [][]string{
		{"-out", filepath.Join(t.TempDir(), "none", "x.csv")},
		{"-report", filepath.Join(t.TempDir(), "none", "x.json")},
		{"-links", filepath.Join(t.TempDir(), "none", "x.json")},
	} {
		var stdout, stderr bytes.Buffer
		if status := run(context.Background(), args, &stdout, &stderr); status != statusFailed || stdout.Len() > 0 {
			t.Errorf("%v: status %d, stdout %q, stderr %q", args, status, stdout.String(), stderr.String())
		}
	}
}
