package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/troupe-go/troupe/patterns/semaphore"
	"github.com/troupe-go/troupe/runtime"
)

const (
	defaultWidth = 320
	// manners is how long one that was refused may go on sending before its connection is cut. It holds no place, but up
	// a shutdown.
	manners = time.Second / 2
)

// errGone is that the client has gone before its answer.
var errGone = errors.New("the client has gone")

// A server answers HTTP.
type server struct {
	options
	service *service
	metrics *metrics
}

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /images", s.post)
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	return s.limited(mux)
}

// limited gives each client a time for its request and its answer. What cannot be limited, in a test, is not.
func (s *server) limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control, until := http.NewResponseController(w), time.Now().Add(s.patience)
		_, _ = control.SetReadDeadline(until), control.SetWriteDeadline(until)
		next.ServeHTTP(w, r)
	})
}

// post is POST /images: with an image as its body, ?width= that it should have at most, and ?as=image or json.
func (s *server) post(w http.ResponseWriter, r *http.Request) {
	// Nobody waits at the door: who does would hold a connection and its memory, and hear of the crowd too late.
	place, err := s.service.admission.TryAcquire(r.Context(), 1)
	if err != nil {
		s.refuse(w, err)
		return
	}
	defer func() { _ = place.Release() }()
	began := time.Now()
	width, asImage, err := query(r)
	if err != nil {
		s.fail(w, http.StatusBadRequest, err)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.maxBytes))
	if err != nil {
		s.fail(w, statusOfBody(err), fmt.Errorf("the body cannot be read: %w", err))
		return
	}
	p, err := s.service.do(r.Context(), job{r.Context(), body, width, s.maxPixels})
	if err != nil {
		s.fail(w, statusOf(err), err)
		return
	}
	s.metrics.answered(http.StatusOK)
	s.grant(w)
	s.metrics.seconds.Observe(time.Since(began).Seconds())
	if asImage {
		w.Header().Set("Content-Type", "image/jpeg")
		_, _ = w.Write(p.small) // if the client has gone, nobody is left to tell
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(p)
}

// query reads the URL alone: what comes as a form is an image too, as curl sends it.
func query(r *http.Request) (width int, asImage bool, err error) {
	values := r.URL.Query()
	width = defaultWidth
	if text := values.Get("width"); text != "" {
		if width, err = strconv.Atoi(text); err != nil || width < 1 || width > mostWidth {
			return 0, false, fmt.Errorf("width is %q: want 1 to %d", text, mostWidth)
		}
	}
	switch as := values.Get("as"); as {
	case "", "json":
	case "image":
		asImage = true
	default:
		return 0, false, fmt.Errorf("as is %q: want json or image", as)
	}
	return width, asImage, nil
}

func statusOfBody(err error) int {
	tooMuch := (*http.MaxBytesError)(nil)
	switch {
	case errors.As(err, &tooMuch):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return http.StatusRequestTimeout
	case errors.Is(err, io.ErrUnexpectedEOF):
		return statusGone
	}
	return http.StatusBadRequest
}

// statusGone is what nginx calls it, and no answer.
const statusGone = 499

// statusOf says whose fault it is. An image on which the decoder panics is at fault itself; the worker has recovered.
func statusOf(err error) int {
	panicked := (*runtime.PanicError)(nil)
	switch {
	case errors.Is(err, errImage), errors.As(err, &panicked):
		return http.StatusUnprocessableEntity
	case errors.Is(err, runtime.ErrStopped):
		return http.StatusServiceUnavailable
	case errors.Is(err, errGone):
		return statusGone
	}
	return http.StatusInternalServerError
}

// refuse answers who comes too many, or too late, without waiting for what he has to say: to keep the connection, that would
// have to be read first. What is read after the answer is for his good only: if he is cut off while he sends, he may not
// look for it.
func (s *server) refuse(w http.ResponseWriter, err error) {
	w.Header().Set("Connection", "close")
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(manners))
	why := "the server stops"
	if errors.Is(err, semaphore.ErrNoPermits) {
		why = "the server has as much to do as it can"
	}
	s.fail(w, http.StatusServiceUnavailable, errors.New(why))
}

// grant gives the client its time to take the answer: what it has had was for the request.
func (s *server) grant(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.patience))
}

func (s *server) fail(w http.ResponseWriter, status int, err error) {
	if status == statusGone {
		s.metrics.gone.Inc()
		return // there is nobody to tell
	}
	s.metrics.answered(status)
	s.grant(w)
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	http.Error(w, err.Error(), status)
}
