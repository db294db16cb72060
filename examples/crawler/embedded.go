package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/troupe-go/troupe/examples/crawler/market"
)

// An embedded site is the market, served on loopback.
type embedded struct {
	URL    string
	server *http.Server
	served chan struct{}
}

func serveMarket() (*embedded, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("cannot serve the market: %w", err)
	}
	e := &embedded{
		URL:    "http://" + listener.Addr().String() + "/",
		server: &http.Server{Handler: market.New(), ReadHeaderTimeout: 10 * time.Second},
		served: make(chan struct{}),
	}
	go func() {
		defer close(e.served)
		_ = e.server.Serve(listener) // it says that the server was closed
	}()
	return e, nil
}

// Close lets the requests under way end.
func (e *embedded) Close() {
	_ = e.server.Shutdown(context.Background())
	<-e.served
}
