package report

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// table is a file of rows that is whole after every one of them; see the package comment. Behind the last row stands
// the format's tail, which the next row overwrites: a file so only ever grows, and needs no truncating on the way.
type table struct {
	path    string
	f       file
	format  format
	columns int
	buf     *bytes.Buffer // what format writes to, and the next write to f
	begun   bool          // the head is in f; until then, f holds what stood there before
	rows    int           // written
	end     int64         // where the next row goes
	closed  bool
}

// file is what a table needs of an [os.File]. A test has one that runs full.
type file interface {
	io.WriterAt
	io.Closer
	Truncate(size int64) error
}

// format spells rows into a buffer. The number of cells is that of the columns; each is a string or an int.
type format interface {
	head() error
	row(cells []any, first bool) error
	tail() string
}

// createTable opens path for a table of these columns, in the format of its extension. A new or empty file is made whole
// at once; one that holds something is not touched yet, but known to be writable.
func createTable(path string, columns []string) (*table, error) {
	t := &table{path: path, columns: len(columns), buf: new(bytes.Buffer)}
	switch ext := filepath.Ext(path); strings.ToLower(ext) {
	case ".csv":
		t.format = newCSV(t.buf, columns)
	case ".json":
		t.format = newJSON(t.buf, columns)
	default:
		return nil, fmt.Errorf("report: %s: the extension is %q: want .csv or .json", path, ext)
	}
	for i, c := range columns {
		if c == "" {
			return nil, fmt.Errorf("report: %s: column %d has no name: want one", path, i+1)
		}
		for _, earlier := range columns[:i] {
			if c == earlier {
				return nil, fmt.Errorf("report: %s: column %q is given twice: want each once", path, c)
			}
		}
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	t.f = f
	info, err := f.Stat()
	if err == nil && info.Size() == 0 {
		err = t.append(nil)
	}
	if err != nil {
		_ = f.Close() // the first error says more
		return nil, fmt.Errorf("report: %w", err)
	}
	return t, nil
}

// write appends one row. After an error the file is as it was before, as far as it lets itself be repaired, and the next
// write may succeed.
func (t *table) write(cells []any) error {
	if t.closed {
		return fmt.Errorf("report: %s: write after Close: %w", t.path, os.ErrClosed)
	}
	if len(cells) != t.columns {
		return fmt.Errorf("report: %s: a row of %d values: want %d", t.path, len(cells), t.columns)
	}
	if err := t.append(cells); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// append writes the head if it is not there yet, the row unless cells is nil, and the tail, all at once.
func (t *table) append(cells []any) error {
	t.buf.Reset()
	if !t.begun {
		if err := t.format.head(); err != nil {
			return err
		}
	}
	if cells != nil {
		if err := t.format.row(cells, t.rows == 0); err != nil {
			return err
		}
	}
	size := int64(t.buf.Len())
	t.buf.WriteString(t.format.tail())
	if !t.begun {
		// What stood here goes now, and not after the write: cut short between the two, the file is then
		// empty rather than new rows with old ones behind them.
		if err := t.f.Truncate(0); err != nil {
			return err
		}
	}
	if _, err := t.f.WriteAt(t.buf.Bytes(), t.end); err != nil {
		t.repair()
		return err
	}
	t.begun = true
	t.end += size
	if cells != nil {
		t.rows++
	}
	return nil
}

// repair takes away what a failed write left, if the file lets it.
func (t *table) repair() {
	size := t.end
	if t.begun {
		n, _ := t.f.WriteAt([]byte(t.format.tail()), t.end) // over bytes that were there before: it has room
		size += int64(n)
	}
	_ = t.f.Truncate(size) // the write's own error is the one to report
}

// close makes the file whole even if no row came, and closes it.
func (t *table) close() error {
	if t.closed {
		return nil
	}
	t.closed = true
	var err error
	if !t.begun {
		err = t.append(nil)
	}
	if cerr := t.f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}
