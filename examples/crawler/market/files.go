package market

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
)

const photos = 12

// files makes what is not HTML. Some of it has links in it that a crawler must not see.
func (g *generator) files() {
	put := func(path, contentType string, body []byte) {
		g.put(&page{path: path, file: &file{contentType, body}})
	}
	const fake = `<a href="/hidden/by-text">not a link</a>`
	put("/robots.txt", "text/plain; charset=utf-8", []byte(robotsTxt))
	put("/terms.txt", "text/plain; charset=utf-8", []byte("Viewings by appointment.\n"+fake+"\n"))
	put("/feed.json", "application/json", fmt.Appendf(nil, `{"homes":%d,"html":%q}`+"\n", len(g.homes), fake))
	put("/feed.xml", "application/rss+xml", []byte(
		`<?xml version="1.0"?><rss version="2.0"><channel><title>Homes</title><link>/hidden/by-text</link></channel></rss>`+"\n"))
	put("/brochure.pdf", "application/pdf", []byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"+
		"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"+
		"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 595]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"))
	for n := 1; n <= photos; n++ {
		put(fmt.Sprintf("/photos/%d.jpg", n), "image/jpeg", photo(n))
	}
}

// photo draws a house before the sky. The picture is small: nobody looks twice.
func photo(n int) []byte {
	const width, height = 96, 60
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{R: 150, G: 190, B: uint8(255 - y), A: 255}
			switch {
			case y > 50:
				c = color.RGBA{R: 90, G: 140, B: 80, A: 255}
			case y > 28 && x > 24 && x < 72:
				c = color.RGBA{R: uint8(130 + 10*n), G: 120, B: uint8(60 + 10*n), A: 255}
			case y > 12 && y <= 28 && max(x-48, 48-x) < 2*(y-12):
				c = color.RGBA{R: 120, G: 60, B: 50, A: 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		panic(err) // a buffer takes everything
	}
	return b.Bytes()
}
