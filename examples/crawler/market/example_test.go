package market_test

import (
	"fmt"
	"net/http/httptest"

	"github.com/troupe-go/troupe/examples/crawler/market"
)

// A site is served like any handler. What a crawl of it did is then compared with the manifest.
func Example() {
	site := market.New()
	server := httptest.NewServer(site)
	defer server.Close()

	r, err := server.Client().Get(server.URL + "/home/1041")
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = r.Body.Close()
	page := site.Manifest(server.URL).Pages[server.URL+"/home/1041"]
	requests := site.Requests()["/home/1041"]
	fmt.Printf("answered %d after %d request; %q after %d\n", r.StatusCode, requests, page.Kind, page.Tries)
	// Output: answered 500 after 1 request; "ok" after 3
}
