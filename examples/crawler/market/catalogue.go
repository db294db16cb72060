package market

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

func (d *district) path() string { return "/district/" + strconv.Itoa(d.id) }

func (d *district) listPath(page int) string {
	return fmt.Sprintf("/list?district=%d&page=%d", d.id, page)
}

// listsPath has no page number; it redirects to the first page.
func (d *district) listsPath() string { return fmt.Sprintf("/list?district=%d", d.id) }

func (d *district) cheapestPath() string {
	return fmt.Sprintf("/list?district=%d&page=1&sort=price", d.id)
}

func (d *district) mapPath() string { return fmt.Sprintf("/map?district=%d", d.id) }

// lists is how many list pages the district has.
func (d *district) lists() int { return (d.size + homesOnList - 1) / homesOnList }

func (g *generator) districtPage(d *district) {
	t := d.tongue
	doc := g.document(d.path(), t, d.name)
	doc.add("links", "",
		to(d.listsPath(), t.list), to(d.cheapestPath(), t.cheapest), to(d.mapPath(), t.mapped))
	doc.add("pager", t.list, d.pager(0)...)
	var featured []*home
	for _, h := range g.local[d] {
		if h.featured {
			featured = append(featured, h)
		}
	}
	doc.add("cards", "★", cards(featured)...)
}

// listPages makes the pages that list all homes of a district, and the one that lists the cheapest.
func (g *generator) listPages(d *district) {
	t, page := d.tongue, 0
	for homes := range slices.Chunk(g.local[d], homesOnList) {
		page++
		doc := g.document(d.listPath(page), t, fmt.Sprintf("%s %d/%d", d.name, page, d.lists()))
		doc.add("cards", "", cards(homes)...)
		doc.add("pager", "", d.pager(page)...)
		doc.add("links", "", to(d.path(), d.name), to(d.cheapestPath(), t.cheapest),
			to(fmt.Sprintf("/search?district=%d&rooms=%d", d.id, 1+page%4), "⌕"))
		for _, h := range homes {
			g.listedOn[h] = d.listPath(page)
		}
	}
	cheap := slices.SortedStableFunc(slices.Values(g.local[d]), func(a, b *home) int { return cmp.Compare(a.yuan, b.yuan) })
	doc := g.document(d.cheapestPath(), t, d.name+": "+t.cheapest)
	doc.add("cards", "", cards(cheap[:homesOnList])...)
	doc.add("links", "", to(d.path(), d.name), to(d.listPath(1), t.list))
}

// pager links to all list pages of the district, seen from one of them, or from none if current is 0. A list page links
// to itself too, as many sites do.
func (d *district) pager(current int) []link {
	var links []link
	if current > 1 {
		links = append(links, to(d.listPath(current-1), d.tongue.previous))
	}
	for n := 1; n <= d.lists(); n++ {
		links = append(links, to(d.listPath(n), strconv.Itoa(n)))
	}
	if current > 0 && current < d.lists() {
		links = append(links, to(d.listPath(current+1), d.tongue.next))
	}
	return links
}

// cards show homes in short. Their markup has nothing in common with a home's own, so they are no records.
func cards(homes []*home) []link {
	var links []link
	for _, h := range homes {
		links = append(links, link{to: h.path(), text: h.title, note: h.price + " · " + h.area})
	}
	return links
}

func (g *generator) mapPage(d *district) {
	doc := g.document(d.mapPath(), d.tongue, d.tongue.mapped+": "+d.name)
	var homes []*home
	for i, h := range g.local[d] {
		if i%4 == 0 {
			homes = append(homes, h)
		}
	}
	doc.add("cards", "", cards(homes)...)
	doc.add("links", "", to(d.path(), d.name), to("/map?layer=metro&layer=schools", "M"))
}

// homePage makes the page of one home, which holds its record.
func (g *generator) homePage(h *home) {
	t := h.district.tongue
	d := g.document(h.path(), t, h.title)
	d.homes = []*home{h}
	d.say(t.description, h.about)

	// The neighbours of the last home are the first ones, so the homes of a district are a ring.
	local := g.local[h.district]
	at := slices.Index(local, h)
	after := func(n int) *home { return local[(at+n+len(local))%len(local)] }
	d.add("cards", t.similar, cards([]*home{after(1), after(2), after(7)})...)
	d.add("links", "", g.some(3)...)
	d.add("pager", "", to(after(-1).path(), t.previous), to(after(1).path(), t.next))

	more := []link{
		to(h.district.path(), h.district.name), to(g.listedOn[h], t.list), to(h.district.mapPath(), t.mapped),
		to(agentPath(h.agent), t.agent+": "+agentName(h.agent)),
		to(fmt.Sprintf("/photos/%d.jpg", 1+h.id%photos), t.photo),
		to(fmt.Sprintf("/private/contact?home=%d", h.id), t.write),
		nowhere(fmt.Sprintf("mailto:report@market.example?subject=%d", h.id), t.report),
	}
	switch h.id % 50 {
	case 3:
		more = append(more, to("/home/99999", "№ 99999"))
	case 8:
		more = append(more, elsewhere("http://elsewhere.example/school/"+strconv.Itoa(h.id), "elsewhere.example"))
	case 13:
		more = append(more, to("/old/"+h.path()[1:], "№ "+strconv.Itoa(h.id)))
	case 18:
		more = append(more, to("/home/1000", "№ 1000"), nowhere("javascript:alert('home')", "?"))
	}
	d.add("links", "", more...)
}
