package crawl

import "time"

// A rate is of the pages fetched over the last seconds.
type rate struct{ samples []sample }

type sample struct {
	at   time.Time
	done int
}

const rateWindow = 3 * time.Second

func (r *rate) at(now time.Time, done int) float64 {
	r.samples = append(r.samples, sample{now, done})
	for now.Sub(r.samples[0].at) > rateWindow {
		r.samples = r.samples[1:]
	}
	first := r.samples[0]
	if passed := now.Sub(first.at); passed > 0 {
		return float64(done-first.done) / passed.Seconds()
	}
	return 0
}
