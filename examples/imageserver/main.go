package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/sirupsen/logrus"
)

// Exit statuses.
const (
	statusOK     = 0
	statusFailed = 1
	statusUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program without its process: it serves until ctx ends, and returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return statusOK
	case err != nil:
		fmt.Fprintf(stderr, "imageserver: %v\n", err)
		return statusUsage
	}
	logger := logrus.New()
	logger.SetOutput(stderr)
	if err := o.serve(ctx, stdout, logger); err != nil {
		fmt.Fprintf(stderr, "imageserver: %v\n", err)
		return statusFailed
	}
	return statusOK
}

// serve serves until ctx ends, and then answers what was admitted.
func (o options) serve(ctx context.Context, stdout io.Writer, logger *logrus.Logger) (err error) {
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return err
	}
	service, err := startService(o, logger)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	s := &server{o, service, newMetrics(service)}
	web := &http.Server{
		Handler:           s.routes(),
		ReadHeaderTimeout: o.patience,
		IdleTimeout:       time.Minute,
	}
	fmt.Fprintf(stdout, "Images are taken at http://%s/images: %d at a time, %d requests inside at most.\n",
		listener.Addr(), o.workers, o.admit)

	served := make(chan error, 1)
	go func() { served <- web.Serve(listener) }()
	select {
	case err = <-served: // it could not go on
	case <-ctx.Done():
		fmt.Fprintln(stdout, "Stopping: what was admitted is answered.")
		err = nil
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.grace)
	defer cancel()
	// First the web server, which waits for its handlers, then what they need.
	err = errors.Join(err, web.Shutdown(grace), service.stop(grace))
	total, _ := s.metrics.total()
	fmt.Fprintf(stdout, "Stopped: %d requests were answered.\n", total)
	return err
}
