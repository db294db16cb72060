package market

import (
	"fmt"
	"strconv"
)

func agentPath(n int) string { return "/agent/" + strconv.Itoa(n) }

// agentName gives each of the agents, numbered from 1, another name.
func agentName(n int) string {
	return givenNames[(n-1)%len(givenNames)] + " " + familyNames[(n-1)/len(givenNames)%len(familyNames)]
}

// agentPages makes the page of every agent, and the one that lists them.
func (g *generator) agentPages() {
	var all []link
	for n := 1; n <= agents; n++ {
		all = append(all, link{to: agentPath(n), text: agentName(n), note: fmt.Sprintf("%d homes", len(g.byAgent[n]))})
		d := g.document(agentPath(n), english, agentName(n))
		d.add("cards", "Homes", cards(g.byAgent[n])...)
		d.add("pager", "", to(agentPath(1+(n+agents-2)%agents), "Previous"), to(agentPath(1+n%agents), "Next"))
		d.add("links", "Reach me", nowhere(fmt.Sprintf("mailto:agent%d@market.example", n), "Mail"),
			nowhere(fmt.Sprintf("tel:+8621555502%02d", n), "Telephone"))
	}
	g.document("/agents/", english, "Agents").add("cards", "", all...)
}

func newsPath(n int) string { return "/news/" + strconv.Itoa(n) }

func headline(n int) string {
	return fmt.Sprintf(headlines[n%len(headlines)], districts[n%len(districts)].name)
}

// newsPages makes the news. Only the latest are linked from elsewhere; each leads to the one before it, so the oldest
// are the deepest pages of the site.
func (g *generator) newsPages() {
	index := g.document("/news/", english, "News")
	for n := newsItems; n > newsItems-3; n-- {
		index.add("links", "", to(newsPath(n), headline(n)))
	}
	for n := 1; n <= newsItems; n++ {
		d := g.document(newsPath(n), english, headline(n))
		d.say("", "Agents speak of a year like others. "+pick(g.rng, english.remarks))
		var around []link
		if n > 1 {
			around = append(around, to(newsPath(n-1), "Older"))
		} else {
			around = append(around, to("/news/0", "Older"))
		}
		if n < newsItems {
			around = append(around, to(newsPath(n+1), "Newer"))
		}
		d.add("pager", "", around...)
		about := districts[n%len(districts)]
		d.add("links", "More", append(g.some(2), to(about.path(), about.name))...)
	}
}
