package page

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNewSpecSplitsNameSelectorAndAttribute(t *testing.T) {
	s, err := NewSpec(" .home ", []string{
		"title=.title",
		" photo = img @src",
		`mail=a[href="x@y"]`,
		`both=a[href="x@y"]@HREF`,
		"lang=p@data-lang",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []Field{
		{"title", ".title", ""},
		{"photo", "img", "src"},
		{"mail", `a[href="x@y"]`, ""},
		{"both", `a[href="x@y"]`, "href"},
		{"lang", "p", "data-lang"},
	}
	if diff := cmp.Diff(want, s.Fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"title", "photo", "mail", "both", "lang"}, s.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if s.Item != ".home" {
		t.Errorf("Item = %q; want .home", s.Item)
	}
}

func TestDefaultSpecIsForHomes(t *testing.T) {
	s := DefaultSpec()
	want := []Field{
		{"title", ".title", ""}, {"district", ".district", ""}, {"price", ".price", ""}, {"area", ".area", ""},
	}
	if diff := cmp.Diff(want, s.Fields); diff != "" || s.Item != ".home" {
		t.Errorf("item %q, fields (-want +got):\n%s", s.Item, diff)
	}
}

func TestNewSpecErrorsNameTheField(t *testing.T) {
	const want = ": want name=SELECTOR or name=SELECTOR@attr, such as price=.price or photo=img@src"
	for _, c := range []struct {
		item   string
		fields []string
		want   string
	}{
		{"", []string{"a=b"}, `page: item selector "": the selector is empty: want a CSS selector, such as .home`},
		{"..", []string{"a=b"}, `page: item selector "..": expected identifier, found . instead: want a CSS selector, such as .home`},
		{".x", nil, "page: no fields" + want},
		{".x", []string{"title"}, `page: field "title": there is no "="` + want},
		{".x", []string{" =.y"}, `page: field " =.y": the name is empty` + want},
		{".x", []string{"url=a@href"}, `page: field "url=a@href": the name "url" is taken by the address of the page` + want},
		{".x", []string{"a=.b", "a=.c"}, `page: field "a=.c": the name "a" is given twice: want each name once`},
		{".x", []string{"a="}, `page: field "a=": selector "": the selector is empty` + want},
		{".x", []string{"a=@href"}, `page: field "a=@href": selector "": the selector is empty` + want},
		{".x", []string{"a=img@"}, `page: field "a=img@": there is no attribute after "@"` + want},
		{".x", []string{"a=p["}, `page: field "a=p[": selector "p[": expected identifier, found EOF instead` + want},
		{".x", []string{"a=p::before"}, `page: field "a=p::before": selector "p::before": pseudo-element before found, but pseudo-elements support is disabled` + want},
	} {
		_, err := NewSpec(c.item, c.fields)
		if err == nil || err.Error() != c.want {
			t.Errorf("NewSpec(%q, %q):\n got %v\nwant %s", c.item, c.fields, err, c.want)
		}
	}
}
