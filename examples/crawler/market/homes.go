package market

import (
	"fmt"
	"math/rand/v2"
	"strconv"
)

// A home is what the site is about, and what a record is made of. The texts are those that stand in the page.
type home struct {
	id       int
	district *district
	title    string
	price    string
	area     string
	about    string
	agent    int
	yuan     int
	featured bool
}

// path is where the home's own page is.
func (h *home) path() string { return "/home/" + strconv.Itoa(h.id) }

// record is the home as a crawler has to report it from the page at url.
func (h *home) record(url string) Record {
	return Record{Title: h.title, District: h.district.name, Price: h.price, Area: h.area, URL: url}
}

// newHome makes up a home of the district.
func newHome(r *rand.Rand, id int, d *district) *home {
	t := d.tongue
	halves := 60 + r.IntN(360) // of a square metre: 30 to 210 m²
	first, then := r.IntN(len(t.remarks)), 1+r.IntN(len(t.remarks)-1)
	h := &home{
		id:       id,
		district: d,
		about:    t.remarks[first] + " " + t.remarks[(first+then)%len(t.remarks)],
		agent:    1 + r.IntN(agents),
		yuan:     halves * d.rate / 2 * (80 + r.IntN(41)) / 100 / 10_000 * 10_000,
		featured: id%10 == 0,
	}
	metres := fmt.Sprintf("%d.%d", halves/2, halves%2*5)
	kind, street, number := pick(r, t.kinds), pick(r, t.streets), 1+r.IntN(400)
	if t == chinese {
		// "m²" cannot be written in GBK, and a Chinese site would not write it either.
		h.title = fmt.Sprintf("%s%d弄 %s", street, number, kind)
		h.price = fmt.Sprintf("%d万元", h.yuan/10_000)
		h.area = metres + " 平方米"
	} else {
		h.title = fmt.Sprintf("%s, %d %s", kind, number, street)
		h.price = grouped(h.yuan) + " CNY"
		h.area = metres + " m²"
	}
	return h
}

// grouped writes n with a comma before every three digits.
func grouped(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}

// pick returns one of the words.
func pick(r *rand.Rand, words []string) string { return words[r.IntN(len(words))] }
