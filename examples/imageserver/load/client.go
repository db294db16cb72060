package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A client posts one image again and again.
type client struct {
	url  string
	body []byte
	web  *http.Client
}

// ask posts the image once, and counts what came of it. It reports whether it was served.
func (c *client) ask(ctx context.Context, t *tally) bool {
	began := time.Now()
	status, polite, err := c.post(ctx)
	took := time.Since(began)
	t.Lock()
	defer t.Unlock()
	if err != nil {
		if ctx.Err() == nil { // or it is we who gave up
			t.broken++
			if t.why == nil {
				t.why = err
			}
		}
		return false
	}
	t.statuses[status]++
	switch {
	case status == http.StatusOK:
		t.served = append(t.served, took)
	case status == http.StatusServiceUnavailable && !polite:
		t.impolite++
		fallthrough
	default:
		t.refused = append(t.refused, took)
	}
	return status == http.StatusOK
}

func (c *client) post(ctx context.Context) (status int, polite bool, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(c.body))
	if err != nil {
		return 0, false, err
	}
	answer, err := c.web.Do(r)
	if err != nil {
		return 0, false, err
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, answer.Header.Get("Retry-After") != "", errors.Join(err, answer.Body.Close())
}

// keepAsking has some ask, each again as soon as it is answered.
func (c *client) keepAsking(ctx context.Context, clients int, last time.Duration) *tally {
	ctx, cancel := context.WithTimeout(ctx, last)
	defer cancel()
	t := &tally{statuses: make(map[int]int)}
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for ctx.Err() == nil {
				if !c.ask(ctx, t) {
					pause(ctx) // or to be refused would be all that there is time for
				}
			}
		})
	}
	all.Wait()
	return t
}

// pause waits a moment.
func pause(ctx context.Context) {
	moment := time.NewTimer(5 * time.Millisecond)
	defer moment.Stop()
	select {
	case <-moment.C:
	case <-ctx.Done():
	}
}

// crowd has so many ask a second, whoever is answered or not.
func (c *client) crowd(ctx context.Context, rate float64, last time.Duration) *tally {
	t := &tally{statuses: make(map[int]int)}
	waiting := make(chan struct{}, mostWaiting)
	var all sync.WaitGroup
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	began, sent := time.Now(), 0.0
	for since := time.Duration(0); since < last; since = time.Since(began) {
		for due := rate * since.Seconds(); sent < due; sent++ {
			select {
			case waiting <- struct{}{}:
				all.Go(func() {
					c.ask(ctx, t)
					<-waiting
				})
			default:
				t.Lock()
				t.unsent++
				t.Unlock()
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			last = 0
		}
	}
	all.Wait()
	return t
}

// watchMemory looks four times a second how much memory the server has, in bytes, as it tells Prometheus.
func watchMemory(ctx context.Context, web *http.Client, url string) (resident []float64) {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return resident
		case <-tick.C:
		}
		if v, err := gauge(ctx, web, url, "process_resident_memory_bytes"); err == nil {
			resident = append(resident, v)
		}
	}
}

func gauge(ctx context.Context, web *http.Client, url, name string) (float64, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	answer, err := web.Do(r)
	if err != nil {
		return 0, err
	}
	defer func() { _ = answer.Body.Close() }()
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		if value, found := strings.CutPrefix(lines.Text(), name+" "); found {
			return strconv.ParseFloat(value, 64)
		}
	}
	return 0, errors.Join(errors.New("the server does not tell its "+name), lines.Err())
}
