package report

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func wantFile(t *testing.T, path, want string) {
	t.Helper()
	if diff := cmp.Diff(want, read(t, path)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", filepath.Base(path), diff)
	}
}

func createRecords(t *testing.T, path string, fields ...string) RecordWriter {
	t.Helper()
	w, err := CreateRecords(path, fields)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

func TestCSVQuotesWhatNeedsIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "homes.CSV")
	w := createRecords(t, path, "title", "a,b")
	values := []string{`a "loft", by
the river`, ""}
	if err := w.Write("http://h/?a=1&b=2", values); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	wantFile(t, path, "url,title,\"a,b\"\nhttp://h/?a=1&b=2,\"a \"\"loft\"\", by\nthe river\",\n")
	rows, err := csv.NewReader(strings.NewReader(read(t, path))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(append([]string{"http://h/?a=1&b=2"}, values...), rows[1]); diff != "" {
		t.Errorf("row read back (-want +got):\n%s", diff)
	}
}

func TestJSONKeepsFieldOrder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "homes.json")
	w := createRecords(t, path, "title", "area", `"odd" <key>`)
	if err := w.Write("http://h/?a&b", []string{"<b>", "70 m²", "\xff"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Write("http://h/2", []string{"", "", ""}); err != nil {
		t.Fatal(err)
	}
	wantFile(t, path, `[
{"url":"http://h/?a&b","title":"<b>","area":"70 m²","\"odd\" \u003ckey\u003e":"\ufffd"},
{"url":"http://h/2","title":"","area":"","\"odd\" \u003ckey\u003e":""}
]
`)
}

func TestFileIsValidAfterEveryWrite(t *testing.T) {
	for _, ext := range []string{".json", ".csv"} {
		t.Run(ext, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "homes"+ext)
			w := createRecords(t, path, "title")
			count := func() int {
				if ext == ".json" {
					var rows []map[string]string
					if err := json.Unmarshal([]byte(read(t, path)), &rows); err != nil {
						t.Fatalf("%v in\n%s", err, read(t, path))
					}
					return len(rows)
				}
				rows, err := csv.NewReader(strings.NewReader(read(t, path))).ReadAll()
				if err != nil {
					t.Fatal(err)
				}
				return len(rows) - 1
			}
			for n := range 20 {
				if got := count(); got != n {
					t.Fatalf("%d rows in the file after %d writes", got, n)
				}
				if err := w.Write("http://h/", []string{strings.Repeat("x\n", n)}); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if got := count(); got != 20 {
				t.Errorf("%d rows in the file after Close; want 20", got)
			}
		})
	}
}

func TestExistingFileStandsUntilTheFirstRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "homes.json")
	old := `[{"url":"` + strings.Repeat("old", 100) + `"}]`
	if err := os.WriteFile(path, []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	w := createRecords(t, path)
	wantFile(t, path, old)
	if err := w.Write("new", nil); err != nil {
		t.Fatal(err)
	}
	wantFile(t, path, "[\n{\"url\":\"new\"}\n]\n")
}

func TestExistingFileIsReplacedAtCloseWithoutRecords(t *testing.T) {
	for ext, want := range map[string]string{".json": "[\n]\n", ".csv": "url,title\n"} {
		path := filepath.Join(t.TempDir(), "homes"+ext)
		if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		w := createRecords(t, path, "title")
		for range 2 {
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
		}
		wantFile(t, path, want)
	}
}

func TestLinksAreOneRowEach(t *testing.T) {
	rows := []Link{
		{From: "http://h/", To: "http://h/a,b", Kind: "not-found", Status: 404},
		{From: "http://h/", To: "http://gone/", Kind: "network"},
	}
	for ext, want := range map[string]string{
		".csv": "from,to,kind,status\nhttp://h/,\"http://h/a,b\",not-found,404\nhttp://h/,http://gone/,network,0\n",
		".json": `[
{"from":"http://h/","to":"http://h/a,b","kind":"not-found","status":404},
{"from":"http://h/","to":"http://gone/","kind":"network","status":0}
]
`,
	} {
		path := filepath.Join(t.TempDir(), "links"+ext)
		w, err := CreateLinks(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range rows {
			if err := w.Write(l); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		wantFile(t, path, want)
	}
}

func TestWriteRefusesTheWrongNumberOfValues(t *testing.T) {
	path := filepath.Join(t.TempDir(), "homes.csv")
	w := createRecords(t, path, "a", "b")
	err := w.Write("http://h/", []string{"1"})
	if want := "report: " + path + ": a row of 2 values: want 3"; err == nil || err.Error() != want {
		t.Errorf("Write of one value for two fields: %v; want %s", err, want)
	}
	wantFile(t, path, "url,a,b\n")
}

func TestWriteAfterCloseIsAnError(t *testing.T) {
	w := createRecords(t, filepath.Join(t.TempDir(), "homes.csv"))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.Write("http://h/", nil); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Write after Close: %v; want os.ErrClosed", err)
	}
}

func TestCreateErrorsNameWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		path   string
		fields []string
		want   string
	}{
		{"homes.xml", nil, `report: homes.xml: the extension is ".xml": want .csv or .json`},
		{"homes", nil, `report: homes: the extension is "": want .csv or .json`},
		{"homes.csv", []string{"a", "url"}, `report: homes.csv: column "url" is given twice: want each once`},
		{"homes.csv", []string{"a", ""}, `report: homes.csv: column 3 has no name: want one`},
		{dir + "/none/homes.csv", nil, "report: open " + dir + "/none/homes.csv: no such file or directory"},
	} {
		_, err := CreateRecords(c.path, c.fields)
		if err == nil || err.Error() != c.want {
			t.Errorf("CreateRecords(%q, %q):\n got %v\nwant %s", c.path, c.fields, err, c.want)
		}
	}
	if _, err := CreateLinks("links.txt"); err == nil || err.Error() != `report: links.txt: the extension is ".txt": want .csv or .json` {
		t.Errorf("CreateLinks: %v", err)
	}
}
