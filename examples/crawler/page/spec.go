package page

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/andybalholm/cascadia"
)

// Field is one column of the records: the name, where in the item the value stands, and, with Attr, which attribute
// holds it rather than the text.
type Field struct{ Name, Selector, Attr string }

// Spec says what the records of a site look like: each element that matches Item is a record, and each field is the
// first element inside it that matches the field's selector.
//
// A Spec comes from [NewSpec]; one made otherwise has no compiled selectors and finds nothing. It is not to be changed
// afterwards, and is then safe for concurrent use.
type Spec struct {
	Item   string
	Fields []Field

	item   cascadia.Selector
	fields []cascadia.Selector // one for each of Fields
}

// accepted ends every error about a field.
const accepted = "want name=SELECTOR or name=SELECTOR@attr, such as price=.price or photo=img@src"

// NewSpec compiles a Spec from CSS selectors, the fields each as "name=SELECTOR" or "name=SELECTOR@attr".
//
// What follows the last "@" is an attribute only if it looks like a name, so a[href="x@y"] is one selector. Names must
// be unique, and "url" is taken: every record carries its page's own. Each error is one line that names the field, what
// is wrong with it and what would do.
func NewSpec(item string, fields []string) (*Spec, error) {
	item = strings.TrimSpace(item)
	sel, err := compile(item)
	if err != nil {
		return nil, fmt.Errorf("page: item selector %q: %w: want a CSS selector, such as .home", item, err)
	}
	if len(fields) == 0 {
		return nil, fmt.Errorf("page: no fields: %s", accepted)
	}
	s := &Spec{Item: item, item: sel}
	for _, text := range fields {
		f, err := parseField(text)
		if err != nil {
			return nil, fmt.Errorf("page: field %q: %w: %s", text, err, accepted)
		}
		if slices.Contains(s.Names(), f.Name) {
			return nil, fmt.Errorf("page: field %q: the name %q is given twice: want each name once", text, f.Name)
		}
		sel, err := compile(f.Selector)
		if err != nil {
			return nil, fmt.Errorf("page: field %q: selector %q: %w: %s", text, f.Selector, err, accepted)
		}
		s.Fields = append(s.Fields, f)
		s.fields = append(s.fields, sel)
	}
	return s, nil
}

// DefaultSpec is the one for listings of homes: item .home, fields title, district, price and area, each under the
// class of its name.
func DefaultSpec() *Spec {
	s, err := NewSpec(".home", []string{"title=.title", "district=.district", "price=.price", "area=.area"})
	if err != nil {
		panic(err) // a constant: a test compiles it
	}
	return s
}

// Names returns the names of the fields in order, as a new slice.
func (s *Spec) Names() []string {
	names := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		names[i] = f.Name
	}
	return names
}

func parseField(text string) (Field, error) {
	name, selector, found := strings.Cut(text, "=")
	f := Field{Name: strings.TrimSpace(name), Selector: strings.TrimSpace(selector)}
	switch {
	case !found:
		return f, errors.New(`there is no "="`)
	case f.Name == "":
		return f, errors.New("the name is empty")
	case f.Name == "url":
		return f, errors.New(`the name "url" is taken by the address of the page`)
	}
	if at := strings.LastIndexByte(f.Selector, '@'); at >= 0 {
		attr := f.Selector[at+1:]
		if attr == "" {
			return f, errors.New(`there is no attribute after "@"`)
		}
		if !strings.ContainsFunc(attr, notInName) {
			// The parser has put the names of attributes into lower case.
			f.Selector, f.Attr = strings.TrimSpace(f.Selector[:at]), strings.ToLower(attr)
		}
	}
	return f, nil
}

func notInName(r rune) bool {
	return r != '-' && r != '_' && r != ':' && r != '.' &&
		(r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
}

// compile is cascadia's, with a clearer word for the commonest mistake.
func compile(selector string) (cascadia.Selector, error) {
	if selector == "" {
		return nil, errors.New("the selector is empty")
	}
	return cascadia.Compile(selector)
}
