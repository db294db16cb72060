package market

import (
	"fmt"
	"net/http"
	"time"
)

// moves makes the redirects.
func (g *generator) moves() {
	spelled := func(path string, status int, location, to string) {
		g.put(&page{path: path, move: &move{status, location, to}})
	}
	plain := func(path string, status int, to string) { spelled(path, status, to, to) }

	for _, h := range g.homes {
		if h.id%50 == 13 {
			plain("/old"+h.path(), http.StatusMovedPermanently, h.path())
		}
	}
	for _, d := range districts {
		spelled(d.listsPath(), http.StatusFound, fmt.Sprintf("?page=1&district=%d", d.id), d.listPath(1))
	}
	plain("/agents", http.StatusMovedPermanently, "/agents/")
	plain("/welcome", http.StatusFound, "/welcome/2026")
	plain("/brochure", http.StatusFound, "/brochure.pdf")
	spelled("/old/list", http.StatusMovedPermanently, "../list?page=1&district=2", districts[1].listPath(1))
	spelled("/old/photos", http.StatusSeeOther, "/home/1004#photos", "/home/1004")

	plain("/go/1", http.StatusFound, "/go/2")
	plain("/go/2", http.StatusTemporaryRedirect, "/go/3")
	plain("/go/3", http.StatusPermanentRedirect, "/home/1005")

	plain("/account", http.StatusFound, "/private/login")
	plain("/old/news", http.StatusMovedPermanently, "/news/0")
	plain("/partner", http.StatusFound, "http://elsewhere.example/partner")

	plain("/loop/a", http.StatusFound, "/loop/b")
	plain("/loop/b", http.StatusFound, "/loop/c")
	plain("/loop/c", http.StatusFound, "/loop/a")
	spelled("/loop/self", http.StatusFound, "#again", "/loop/self")
	plain("/offers", http.StatusMovedPermanently, "/loop/b") // leads into the loop without being of it
}

// bulks makes the pages that are too large.
func (g *generator) bulks() {
	g.put(&page{path: "/archive/everything", bulk: &bulk{size: 20 << 20}})
	g.put(&page{path: "/archive/sized", bulk: &bulk{size: 6 << 20, declared: true}})
}

// lures are where a crawler ends up that reads links out of what it should not read, each named after that; nothing at
// all leads to the orphan. They hold records, so that a visit also shows in the result.
var lures = []string{
	"/hidden/orphan", "/hidden/by-error", "/hidden/by-redirect", "/hidden/by-text", "/hidden/by-comment",
	"/hidden/by-script", "/hidden/by-private", "/hidden/by-archive", "/hidden/by-truncation",
}

func (g *generator) hidden() {
	for n, path := range lures {
		d := g.document(path, english, "Not for crawlers")
		d.homes = []*home{newHome(g.rng, 301+n, districts[0])}
	}
}

// siteIndex makes the page that leads to all that is odd, so that nobody who looks for it has to read the code.
func (g *generator) siteIndex() {
	d := g.document("/site-index", english, "Site index")
	list := func(heading string, paths ...string) {
		var links []link
		for _, path := range paths {
			links = append(links, to(path, path))
		}
		d.add("links", heading, links...)
	}
	list("Moved", "/agents", "/welcome", "/brochure", "/old/list", "/old/photos", "/old/home/1013", "/go/1", "/go/3",
		"/account", "/old/news", "/partner")
	list("Moved in circles", "/loop/a", "/loop/c", "/loop/self", "/offers")
	list("Files", "/brochure.pdf", "/feed.json", "/feed.xml", "/terms.txt", "/photos/1.jpg")
	list("Archive", "/archive/everything", "/archive/sized")
	list("In another encoding", "/classic/pudong")
	list("Out of order", "/valuation", "/tour/live")
	// An address is case-sensitive after the host, and a slash at its end is part of it.
	list("Broken", "/home/99999", "/agent/0", "/news/0", "/old-listing.html", "/About", "/home/1007/",
		"/list?district=9&page=1", "/photos/missing.jpg", "/home/1000")
	list("Not for robots", "/private/owners", "/private/login", "/search?district=1&rooms=1")
	d.add("links", "Elsewhere", elsewhere("http://elsewhere.example/", "elsewhere.example"),
		elsewhere("https://elsewhere.example/homes?city=2", "elsewhere.example again"))
	d.add("links", "No addresses", nowhere("http://[::1", "Half a host"), nowhere("%zz", "Half an escape"),
		nowhere("mailto:desk@market.example", "Mail"), nowhere("javascript:history.back()", "Back"))
}

// spoil picks the pages that are slow, fail or are badly written. It comes late because these pages are like any other
// until then.
func (g *generator) spoil() {
	g.put(&page{path: "/home/1000"}) // gone
	g.pages["/valuation"].trouble = trouble{failures: forever, status: http.StatusInternalServerError}
	g.pages["/tour/live"].trouble = trouble{cut: true}

	twice := trouble{failures: 2, status: http.StatusInternalServerError}
	for _, path := range []string{"/home/1041", "/home/1181", "/home/1334", "/agent/5", districts[2].listPath(2)} {
		g.pages[path].trouble = twice
	}
	g.pages["/home/1261"].trouble = trouble{failures: 2, status: http.StatusServiceUnavailable, retryAfter: "0"}

	for path, wait := range map[string]time.Duration{
		"/home/1026": 150, "/home/1126": 200, "/home/1226": 250, districts[3].mapPath(): 300, newsPath(newsItems): 400,
	} {
		g.pages[path].trouble = trouble{wait: wait * time.Millisecond}
	}

	for i, damage := range damages {
		g.pages[g.homes[64+50*i].path()].doc.damage = damage
	}
	// All links of this page are seen from another place than its own, the one to its top included.
	based := g.pages["/home/1031"].doc
	based.base = "/news/"
	based.foot[0].to = based.base
}
