package report

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

// small is a file on a disk of a few bytes.
type small struct {
	b    []byte
	room int
}

var errFull = errors.New("no space left")

func (s *small) WriteAt(p []byte, at int64) (int, error) {
	n := max(0, min(len(p), s.room-int(at)))
	if grow := int(at) + n - len(s.b); grow > 0 {
		s.b = append(s.b, make([]byte, grow)...)
	}
	copy(s.b[at:], p[:n])
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

func (s *small) Truncate(size int64) error {
	s.b = s.b[:size]
	return nil
}

func (s *small) Close() error { return nil }

func TestFullDiskLeavesTheFileWhole(t *testing.T) {
	for _, c := range []struct{ ext, before string }{
		{".json", "[\n]\n"},
		{".csv", "url,title\n"},
	} {
		t.Run(c.ext, func(t *testing.T) {
			tab, err := createTable(filepath.Join(t.TempDir(), "homes"+c.ext), []string{"url", "title"})
			if err != nil {
				t.Fatal(err)
			}
			if err := tab.f.Close(); err != nil {
				t.Fatal(err)
			}
			disk := &small{b: []byte(c.before), room: 100}
			tab.f = disk
			row := func(n int) []any { return []any{"http://h/", strings.Repeat("x", n)} }
			whole := func() {
				t.Helper()
				if c.ext == ".json" && !json.Valid(disk.b) {
					t.Fatalf("not JSON:\n%s", disk.b)
				}
				if !strings.HasSuffix(string(disk.b), "\n") {
					t.Fatalf("half a row at the end:\n%s", disk.b)
				}
			}
			if err := tab.write(row(100)); !errors.Is(err, errFull) {
				t.Fatalf("first row: %v; want %v", err, errFull)
			}
			whole()
			if got := string(disk.b); got != c.before {
				t.Errorf("after a failed write:\n%s\nwant\n%s", got, c.before)
			}
			for range 2 { // one fits, and the second does not
				_ = tab.write(row(20))
				whole()
			}
			disk.room = 1000
			if err := tab.write(row(100)); err != nil {
				t.Fatalf("with room again: %v", err)
			}
			whole()
			if n := strings.Count(string(disk.b), "http://h/"); n != tab.rows {
				t.Errorf("%d rows in the file; want %d", n, tab.rows)
			}
		})
	}
}
