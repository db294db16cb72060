package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	goruntime "runtime"
	"slices"
	"sync"
	"time"
)

// mostWaiting is how many requests may be without an answer. Beyond it the crowd is this program's own trouble: what would
// come then is counted as not sent.
const mostWaiting = 1000

// A tally is what came of some requests.
type tally struct {
	sync.Mutex
	statuses map[int]int
	served   []time.Duration // how long those took that were served
	refused  []time.Duration // and those that were refused
	impolite int             // 503 without Retry-After
	broken   int             // no answer at all
	why      error           // the first of those
	unsent   int
}

// photo is an image that looks like one to a decoder: smooth, with noise.
func photo(width, height int) ([]byte, error) {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	chance := rand.New(rand.NewPCG(1, 2))
	for y := range height {
		for x := range width {
			noise := uint8(chance.IntN(24))
			img.SetRGBA(x, y, color.RGBA{uint8(x*200/width) + noise, uint8(y*200/height) + noise, 100 + noise, 255})
		}
	}
	var b bytes.Buffer
	err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 85})
	return b.Bytes(), err
}

// attack measures the server when it is quiet, and when it is not, and reports an error if it did not keep its countenance.
func (o options) attack(ctx context.Context, w io.Writer) error {
	body, err := photo(o.width, o.height)
	if err != nil {
		return err
	}
	c := &client{
		url:  "http://" + o.addr + "/images",
		body: body,
		web: &http.Client{Timeout: time.Minute, Transport: &http.Transport{
			MaxIdleConns: mostWaiting, MaxIdleConnsPerHost: mostWaiting, DisableCompression: true,
		}},
	}
	defer c.web.CloseIdleConnections()
	fmt.Fprintf(w, "Each request is a JPEG of %d x %d, %d kB.\n", o.width, o.height, len(body)/1000)
	quiet := c.keepAsking(ctx, 1, o.quiet)
	busy := c.keepAsking(ctx, goruntime.GOMAXPROCS(0), o.quiet)
	if err := errors.Join(quiet.fault(), busy.fault(), ctx.Err()); err != nil {
		return err
	}
	if len(quiet.served) == 0 || len(busy.served) == 0 {
		return fmt.Errorf("the server served nobody: %v", busy.statuses)
	}
	capacity := float64(len(busy.served)) / o.quiet.Seconds()
	fmt.Fprintf(w, "Quiet:    p50 %v, p99 %v. It can do %.0f a second.\n", part(quiet.served, 0.5), part(quiet.served, 0.99), capacity)

	watched, stop := context.WithCancel(ctx)
	memory := make(chan []float64, 1)
	go func() { memory <- watchMemory(watched, c.web, "http://"+o.addr+"/metrics") }()
	crowd := c.crowd(ctx, capacity*o.times, o.last)
	stop()
	rss := <-memory
	asked := len(crowd.served) + len(crowd.refused) + crowd.broken
	fmt.Fprintf(w, "Crowd:    %.0f a second for %v: %d asked, %d served (%.0f a second), %d refused; %d could not be sent.\n",
		capacity*o.times, o.last, asked, len(crowd.served), float64(len(crowd.served))/o.last.Seconds(), len(crowd.refused), crowd.unsent)
	fmt.Fprintf(w, "          served: p50 %v, p99 %v; refused: p50 %v, p99 %v.\n",
		part(crowd.served, 0.5), part(crowd.served, 0.99), part(crowd.refused, 0.5), part(crowd.refused, 0.99))
	fmt.Fprintf(w, "Answers:  %s.\n", crowd.answers())
	// The first tenth is the server's way to its size under load.
	if rss = rss[len(rss)/10:]; len(rss) > 0 {
		fmt.Fprintf(w, "Memory:   %.0f to %.0f MB resident.\n", slices.Min(rss)/1e6, slices.Max(rss)/1e6)
	}
	return errors.Join(judge(quiet, crowd, rss), ctx.Err())
}

// judge says what was wrong with how the crowd was met.
func judge(quiet, crowd *tally, rss []float64) error {
	err := crowd.fault()
	if now, before := part(crowd.served, 0.99), part(quiet.served, 0.99); now >= 2*before {
		err = errors.Join(err, fmt.Errorf("what is served takes too long: p99 is %v, and was %v: want less than twice that", now, before))
	}
	if len(rss) == 0 {
		return errors.Join(err, errors.New("the server did not tell its memory: want process_resident_memory_bytes at /metrics"))
	}
	if low, high := slices.Min(rss), slices.Max(rss); high > 1.2*low {
		err = errors.Join(err, fmt.Errorf("memory is not flat: %.0f to %.0f MB, want within 20 %%", low/1e6, high/1e6))
	}
	return err
}

// fault is what must not be in a tally.
func (t *tally) fault() error {
	var err error
	for status, n := range t.statuses {
		if status != http.StatusOK && status != http.StatusServiceUnavailable {
			err = errors.Join(err, fmt.Errorf("%d answers with status %d: want 200 and 503 only", n, status))
		}
	}
	if t.impolite > 0 {
		err = errors.Join(err, fmt.Errorf("%d were refused without Retry-After", t.impolite))
	}
	if t.broken > 0 {
		err = errors.Join(err, fmt.Errorf("%d got no answer: %w", t.broken, t.why))
	}
	return err
}

func (t *tally) answers() string {
	text := ""
	for _, status := range slices.Sorted(maps.Keys(t.statuses)) {
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf("%d of %d", t.statuses[status], status)
	}
	return text
}

// part is the p-th part of all times, 0.5 for the median.
func part(times []time.Duration, p float64) time.Duration {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return times[min(len(times)-1, int(p*float64(len(times))))].Round(10 * time.Microsecond)
}
