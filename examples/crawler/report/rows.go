package report

// RecordWriter writes records to a file, one row each. It is for one goroutine at a time, and blocks for as long as a
// write to the file does.
type RecordWriter interface {
	// Write appends a record: the URL of its page, and the values in the order of the fields. It keeps neither. When
	// it returns, the row is in the file, and the file is whole. After Close it returns an error that is os.ErrClosed;
	// after an error of the file it may be tried again.
	Write(url string, values []string) error

	// Close closes the file. If there was no record, it holds the header alone, or an empty array. Further calls do
	// nothing and return nil.
	Close() error
}

// CreateRecords opens a file for records, in the format of its extension: .csv with a header, or .json, an array of
// objects. The columns are "url" and then fields, in this order; each name must be unique. An extension or a name that
// will not do, and a file that cannot be opened, are errors that name it. The package comment says what happens to a
// file that exists.
func CreateRecords(path string, fields []string) (RecordWriter, error) {
	t, err := createTable(path, append([]string{"url"}, fields...))
	if err != nil {
		return nil, err
	}
	return &records{t}, nil
}

type records struct{ t *table }

func (r *records) Write(url string, values []string) error {
	cells := make([]any, 0, 1+len(values))
	cells = append(cells, url)
	for _, v := range values {
		cells = append(cells, v)
	}
	return r.t.write(cells)
}

func (r *records) Close() error { return r.t.close() }

// Link is one link found on a page, and what became of it.
type Link struct {
	From, To string
	Kind     string // what became of the request for To: ok, not-found, timeout, ...
	Status   int    // the HTTP status; 0 if there was no answer
}

// LinkWriter writes links to a file. It is otherwise as RecordWriter.
type LinkWriter interface {
	Write(Link) error
	Close() error
}

// CreateLinks opens a file for links, by the same rules as CreateRecords. The columns are from, to, kind and status;
// in JSON the status is a number.
func CreateLinks(path string) (LinkWriter, error) {
	t, err := createTable(path, []string{"from", "to", "kind", "status"})
	if err != nil {
		return nil, err
	}
	return &links{t}, nil
}

type links struct{ t *table }

func (l *links) Write(link Link) error {
	return l.t.write([]any{link.From, link.To, link.Kind, link.Status})
}

func (l *links) Close() error { return l.t.close() }
