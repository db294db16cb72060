package market

import (
	"fmt"
	"math/rand/v2"
)

const (
	seed        = 20260
	firstHome   = 1001
	homesOnList = 10
)

// A generator holds the site while it is made.
type generator struct {
	pages map[string]*page
	made  []*page // in the order they were made; the speller needs an order that is the same every time
	rng   *rand.Rand

	homes    []*home // all that are for sale, by id
	local    map[*district][]*home
	byAgent  map[int][]*home
	listedOn map[*home]string // the list page that shows the home
}

// generate makes the model of the whole site: first the homes, then the pages about them, then all that can go wrong
// with a page, and last the spelling of every link.
func generate() map[string]*page {
	g := &generator{
		pages:    make(map[string]*page),
		rng:      rand.New(rand.NewPCG(seed, 1)),
		local:    make(map[*district][]*home),
		byAgent:  make(map[int][]*home),
		listedOn: make(map[*home]string),
	}
	g.build()
	for _, d := range districts {
		g.districtPage(d)
		g.listPages(d)
		g.mapPage(d)
	}
	for _, h := range g.homes {
		g.homePage(h)
	}
	g.front()
	g.agentPages()
	g.newsPages()
	g.plainPages()
	g.soldPage()
	g.classicPage()
	g.files()
	g.bulks()
	g.moves()
	g.hidden()
	g.siteIndex()
	g.spoil()

	// The speller draws from a source of its own, so that another spelling does not make another market.
	s := &speller{rng: rand.New(rand.NewPCG(seed, 2))}
	for _, p := range g.made {
		s.spell(p)
	}
	return g.pages
}

// build makes the homes of every district.
func (g *generator) build() {
	id := firstHome
	for _, d := range districts {
		for range d.size {
			h := newHome(g.rng, id, d)
			g.homes = append(g.homes, h)
			g.local[d] = append(g.local[d], h)
			g.byAgent[h.agent] = append(g.byAgent[h.agent], h)
			id++
		}
	}
	// A title that has to survive HTML on the way out and CSV on the way in.
	g.homes[7].title = `Loft "Old Mill", 2 rooms & a <garden>; O'Brien's, 12 Anfu Road`
}

// put adds a page. An address is made once; a second time is a mistake in the generator.
func (g *generator) put(p *page) {
	if g.pages[p.path] != nil {
		panic("market: two pages at " + p.path)
	}
	g.pages[p.path] = p
	g.made = append(g.made, p)
}

// document adds an HTML page with the navigation that every page has.
func (g *generator) document(path string, t *tongue, title string) *document {
	d := &document{title: title, tongue: t}
	d.nav = []link{
		to("/", t.start), to("/news/", t.news), to("/agents/", t.agents), to("/sold", t.sold),
		to("/about", t.about), to("/contact", t.contact), to("/site-index", t.index),
	}
	d.foot = []link{{to: path, href: "#top", text: t.top}}
	g.put(&page{path: path, doc: d})
	return d
}

// front makes the page that a crawl begins on.
func (g *generator) front() {
	d := g.document("/", english, "Homes in eight districts")
	d.say("", fmt.Sprintf("%d second-hand homes, looked after by %d agents.", len(g.homes), agents))
	var areas []link
	for _, each := range districts {
		areas = append(areas, link{to: each.path(), text: each.name, note: fmt.Sprintf("%d homes", each.size)})
	}
	d.add("cards", "Districts", areas...)
	var news []link
	for n := newsItems; n > newsItems-3; n-- {
		news = append(news, to(newsPath(n), headline(n)))
	}
	d.add("links", "News", news...)
	d.add("links", "For owners", to("/private/open", "Open house"), to("/private/login", "Sign in"),
		to("/private/owners", "Owners"), to("/search?district=2&rooms=3", "Search"))
	d.add("links", "Elsewhere",
		elsewhere("http://elsewhere.example/", "Our sister site"), nowhere("tel:+862155550100", "Call us"))
}

// plainPages makes the pages that stand alone.
func (g *generator) plainPages() {
	g.document("/about", english, "About the market").say("", "Homes change hands here since 1998.")
	g.document("/contact", english, "Contact").add("links", "Write or call",
		nowhere("mailto:desk@market.example", "By mail"), nowhere("tel:+862155550100", "By telephone"),
		nowhere("javascript:void(0)", "By chat"))
	g.document("/private/open", english, "Open house").add("links", "This week",
		to(g.homes[3].path(), g.homes[3].title), to(g.homes[99].path(), g.homes[99].title),
		to("/private/owners", "For owners only"))
	g.document("/welcome/2026", english, "Welcome").say("", "Only a redirect leads here.")
	g.document("/valuation", english, "What is my home worth?")
	g.document("/tour/live", english, "Live tour")
	// The two parameters have one name, so sorting them takes their values into account.
	g.document("/map?layer=metro&layer=schools", english, "Metro and schools")
}

// soldPage makes the page that holds many records.
func (g *generator) soldPage() {
	d := g.document("/sold", english, "Sold this year")
	for n := range 12 {
		d.homes = append(d.homes, newHome(g.rng, 501+n, districts[n%4]))
	}
	d.add("links", "Still for sale", g.some(5)...)
}

// classicPage makes the page in GBK.
func (g *generator) classicPage() {
	pudong := districts[4]
	h := newHome(g.rng, 401, pudong)
	d := g.document("/classic/pudong", chinese, "浦东老房子")
	d.charset = "gbk"
	d.homes = []*home{h}
	d.say(chinese.description, h.about)
	d.add("links", chinese.similar, to(pudong.path(), pudong.name), to(g.local[pudong][0].path(), g.local[pudong][0].title))
}

// some links to n homes, each another one.
func (g *generator) some(n int) []link {
	var links []link
	picked := make(map[*home]bool, n)
	for len(links) < n {
		h := g.homes[g.rng.IntN(len(g.homes))]
		if !picked[h] {
			picked[h] = true
			links = append(links, to(h.path(), h.title))
		}
	}
	return links
}
