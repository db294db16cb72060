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

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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
		{"-workers 0", "workers is 0: want 1 or more"},
		{"-workers x", `invalid value "x" for flag -workers: parse error`},
		{"-per-host -1", "per-host is -1: want 1 or more"},
		{"-pages -1", "pages is -1: want 0 (no limit) or more"},
		{"-rate -2", "rate is -2: want 0 (no limit) to 1000000"},
		{"-rate fast", `invalid value "fast" for flag -rate: want a number`},
		{"-timeout 0s", "timeout is 0s: want more than 0"},
		{"-body 0", "body is 0: want 1 or more"},
		{"-retries -1", "retries is -1: want 0 or more"},
		{"-backoff -1s", "backoff is -1s: want 0 or more"},
		{"-chaos 1", "chaos is 1: want 0 to 0.9"},
		{"-agent=", `agent is "": want a name`},
		{"-nonsense", "flag provided but not defined: -nonsense"},
		{"-report r.txt", `-report is "r.txt": want a name that ends in .json`},
		{"-field a=b", "-field is given without -item: want the selector of the records too"},
		{"one two", "there are 2 addresses (one two): want one, after the flags"},
		{"ftp://host/", `the address is "ftp://host/": want one like http://host/path`},
		{"example.org", `the address is "example.org": want one like http://host/path`},
		{"http://[::1", `the address "http://[::1" cannot be read: missing ']' in host`},
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
	if want := "crawler: not one page could be fetched from " + address + "/\n"; status != statusFailed || stderr.String() != want {
		t.Errorf("status %d and %q, want %d and %q", status, stderr.String(), statusFailed, want)
	}
}

func TestUnwritableFilesFailBeforeTheCrawl(t *testing.T) {
	for _, args := range [][]string{
		{"-out", filepath.Join(t.TempDir(), "none", "x.csv")},
		{"-out", "x.xml"},
		{"-links", filepath.Join(t.TempDir(), "none", "x.json")},
	} {
		var stdout, stderr bytes.Buffer
		if status := run(context.Background(), args, &stdout, &stderr); status != statusFailed || stdout.Len() > 0 {
			t.Errorf("%v: status %d, stdout %q, stderr %q", args, status, stdout.String(), stderr.String())
		}
	}
}
