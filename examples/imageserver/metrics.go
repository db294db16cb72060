package main

import (
	"context"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/troupe-go/troupe/runtime"
)

// metrics is what Prometheus is told.
type metrics struct {
	registry *prometheus.Registry
	answers  *prometheus.CounterVec
	gone     prometheus.Counter
	seconds  prometheus.Histogram
}

func newMetrics(s *service) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		answers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "imageserver_answers_total", Help: "Answers to POST /images, by HTTP status.",
		}, []string{"status"}),
		gone: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "imageserver_gone_total", Help: "Requests whose client went before the answer.",
		}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "imageserver_seconds", Help: "Time from admission to the answer, of requests that were served.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 14),
		}),
	}
	m.registry.MustRegister(m.answers, m.gone, m.seconds, actors{s}, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) answered(status int) { m.answers.WithLabelValues(strconv.Itoa(status)).Inc() }

// actors collects what the patterns and the runtime know of themselves, when they are asked for it.
type actors struct{ service *service }

var (
	inside = prometheus.NewDesc("imageserver_inside", "Requests that have been admitted and not answered.", nil, nil)
	queued = prometheus.NewDesc("imageserver_queued", "Images that wait for a worker.", nil, nil)
	busy   = prometheus.NewDesc("imageserver_busy", "Images that are being worked on.", nil, nil)
	alive  = prometheus.NewDesc("troupe_actors", "Actors that are alive.", nil, nil)
	sent   = prometheus.NewDesc("troupe_messages_total", "Messages by what became of them.", []string{"fate"}, nil)
	failed = prometheus.NewDesc("troupe_failures_total", "Failures of actors, and restarts after them.", []string{"kind"}, nil)
)

func (a actors) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{inside, queued, busy, alive, sent, failed} {
		to <- d
	}
}

func (a actors) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v int) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(v))
	}
	count := func(d *prometheus.Desc, v uint64, label string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), label)
	}
	ctx := context.Background() // the actors answer at once, or that they have stopped
	if s, err := a.service.admission.Stats(ctx); err == nil {
		gauge(inside, s.Permits-s.Free)
	}
	if s, err := a.service.workers.Stats(ctx); err == nil {
		gauge(queued, s.Queued)
		gauge(busy, s.Busy)
	}
	s := a.service.system.Stats()
	gauge(alive, int(s.Actors))
	books(s, func(fate string, n uint64) { count(sent, n, fate) })
	count(failed, s.Failed, "failure")
	count(failed, s.Restarts, "restart")
}

func books(s runtime.Stats, f func(fate string, n uint64)) {
	f("handled", s.Handled)
	f("rejected", s.Rejected)
	f("dropped", s.Dropped)
	f("dead_lettered", s.DeadLettered)
}

// total is how many requests were answered, whatever the answer.
func (m *metrics) total() (n int, err error) {
	families, err := m.registry.Gather()
	for _, f := range families {
		if f.GetName() == "imageserver_answers_total" {
			for _, one := range f.GetMetric() {
				n += int(one.GetCounter().GetValue())
			}
		}
	}
	return n, err
}
