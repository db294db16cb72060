package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
)

// csvFormat is RFC 4180 with a header line, and "\n" at the ends of lines.
type csvFormat struct {
	w       *csv.Writer
	columns []string
	line    []string
}

func newCSV(buf *bytes.Buffer, columns []string) *csvFormat {
	return &csvFormat{w: csv.NewWriter(buf), columns: columns, line: make([]string, len(columns))}
}

func (c *csvFormat) head() error { return c.put(c.columns) }

func (c *csvFormat) row(cells []any, _ bool) error {
	for i, cell := range cells {
		c.line[i] = fmt.Sprint(cell)
	}
	return c.put(c.line)
}

func (c *csvFormat) put(line []string) error {
	// Writes to a buffer do not fail; csv refuses only settings that are not ours.
	if err := c.w.Write(line); err != nil {
		return err
	}
	c.w.Flush()
	return c.w.Error()
}

func (c *csvFormat) tail() string { return "" }

// jsonFormat is an array with one object a line. The keys stand in the order of the columns, which a map would not keep.
type jsonFormat struct {
	buf  *bytes.Buffer
	enc  *json.Encoder
	keys []string // quoted, with the colon
}

func newJSON(buf *bytes.Buffer, columns []string) *jsonFormat {
	j := &jsonFormat{buf: buf, enc: json.NewEncoder(buf)}
	j.enc.SetEscapeHTML(false) // "&" is in half of all addresses, and this is no HTML
	for _, c := range columns {
		key, _ := json.Marshal(c) // a string always has a JSON form
		j.keys = append(j.keys, string(key)+":")
	}
	return j
}

func (j *jsonFormat) head() error {
	return j.buf.WriteByte('[')
}

func (j *jsonFormat) row(cells []any, first bool) error {
	if !first {
		j.buf.WriteByte(',')
	}
	j.buf.WriteByte('\n')
	for i, cell := range cells {
		if i == 0 {
			j.buf.WriteByte('{')
		} else {
			j.buf.WriteByte(',')
		}
		j.buf.WriteString(j.keys[i])
		if err := j.enc.Encode(cell); err != nil {
			return err
		}
		j.buf.Truncate(j.buf.Len() - 1) // the line break that Encode adds
	}
	j.buf.WriteByte('}')
	return nil
}

func (j *jsonFormat) tail() string { return "\n]\n" }
