package main

import (
	"bytes"
	"context"
	"errors"
	"image"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func init() {
	// A format whose decoder panics, as real ones have been made to.
	explode := func(io.Reader) (image.Image, error) { panic("a decoder with a bug") }
	image.RegisterFormat("bomb", "BOMB", explode, func(r io.Reader) (image.Config, error) {
		return image.Config{Width: 1, Height: 1}, nil
	})
}

func TestADecoderThatPanicsFailsItsOwnRequestOnly(t *testing.T) {
	s, url := start(t, "-workers", "1", "-admit", "100")
	good := chequered(t, 64, 64)
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			body, want := good, http.StatusOK
			if i%2 == 0 {
				body, want = []byte("BOMB"), http.StatusUnprocessableEntity
			}
			if status, _, text := post(t, url+"/images", bytes.NewReader(body)); status != want {
				t.Errorf("status %d, %s, want %d", status, text, want)
			}
		})
	}
	all.Wait()
	if n := s.service.system.Stats().Restarts; n != 20 {
		t.Errorf("%d restarts, want one for each of the 20", n)
	}
}

// Who is inside holds his place until his image has come. The next one is told at once, and served when there is room.
func TestWhoComesTooManyIsRefusedAtOnce(t *testing.T) {
	s, url := start(t, "-workers", "1", "-admit", "1")
	slow, feed := io.Pipe()
	first := make(chan int, 1)
	go func() {
		answer, err := http.Post(url+"/images", "image/png", slow)
		if err != nil {
			first <- 0
			return
		}
		_ = answer.Body.Close()
		first <- answer.StatusCode
	}()
	good := chequered(t, 64, 64)
	if _, err := feed.Write(good[:10]); err != nil { // it is read: so it is inside, or will be
		t.Fatal(err)
	}
	for {
		if st, err := s.service.admission.Stats(context.Background()); err != nil || st.Free == 0 {
			break
		}
	}
	status, header, text := post(t, url+"/images", bytes.NewReader(good))
	if status != http.StatusServiceUnavailable || header.Get("Retry-After") != "1" || !strings.Contains(string(text), "as much to do as it can") {
		t.Errorf("status %d, %v, %s, want 503 and to come again after 1 s", status, header, text)
	}
	if _, err := feed.Write(good[10:]); err != nil {
		t.Fatal(err)
	}
	_ = feed.Close()
	if status := <-first; status != http.StatusOK {
		t.Errorf("the one inside: status %d, want 200", status)
	}
	for { // its place is free a moment after its answer has come
		if status, _, _ := post(t, url+"/images", bytes.NewReader(good)); status == http.StatusOK {
			return
		}
	}
}

// A real SIGTERM, while a crowd asks. Whoever was admitted gets the answer that the server says it gave.
func TestSIGTERMLosesNoRequestThatWasAdmitted(t *testing.T) {
	ctx, stop := notify()
	defer stop()
	p := begin(t, ctx, "-workers", "2", "-admit", "20")
	url := p.url
	var served, refused, cutOff atomic.Int64
	web := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 40}}
	defer web.CloseIdleConnections()
	body := chequered(t, 320, 240)
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			for {
				answer, err := web.Post(url, "image/png", bytes.NewReader(body))
				if err != nil {
					cutOff.Add(1)
					return // it does not listen any more
				}
				_, err = io.Copy(io.Discard, answer.Body)
				_ = answer.Body.Close()
				switch {
				case err != nil:
					t.Errorf("an answer of status %d broke off: %v", answer.StatusCode, err)
				case answer.StatusCode == http.StatusOK:
					if served.Add(1) == 100 {
						if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
							t.Error(err)
						}
					}
				case answer.StatusCode == http.StatusServiceUnavailable:
					refused.Add(1)
				default:
					t.Errorf("status %d, want 200 or 503", answer.StatusCode)
				}
			}
		})
	}
	all.Wait()
	status, last, complaint := p.end()
	if status != statusOK || complaint != "" {
		t.Errorf("status %d, %s", status, complaint)
	}
	if want := "Stopped: " + itoa(served.Load()+refused.Load()) + " requests were answered."; last != want {
		t.Errorf("%q, want %q: each answer that was given has come", last, want)
	}
	if cutOff.Load() != 40 {
		t.Errorf("%d of 40 saw the end", cutOff.Load())
	}
}

func TestRequestsThatTakeTooLongAreCutOffAfterTheGrace(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	p := begin(t, ctx, "-grace", "50ms")
	never, feed := io.Pipe()
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		if answer, err := http.Post(p.url, "image/png", never); err == nil {
			_ = answer.Body.Close()
		}
	}()
	if _, err := feed.Write([]byte("half an image")); err != nil {
		t.Fatal(err)
	}
	for !strings.Contains(get(t, strings.TrimSuffix(p.url, "/images")+"/metrics"), "imageserver_inside 1") {
		continue // it has not come in yet
	}
	cancel()
	if status, _, complaint := p.end(); status != statusFailed || !strings.Contains(complaint, context.DeadlineExceeded.Error()) {
		t.Errorf("status %d, %q, want that the time was up", status, complaint)
	}
	_ = feed.CloseWithError(errors.New("given up"))
	<-asked
	http.DefaultClient.CloseIdleConnections()
}

func TestTheCatalogueForgetsTheEldest(t *testing.T) {
	name := t.TempDir() + "/catalogue"
	c, err := openCatalogue(name)
	if err != nil {
		t.Fatal(err)
	}
	c.now = func() time.Time { return time.Unix(0, 0) }
	defer func() { _ = c.close() }()
	if got, err := c.add(t.Context(), []picture{{SHA256: "a", DHash: "d", Format: "png", Width: 1, Height: 2}, {SHA256: "a"}}); err != nil || got[0].Seen || !got[1].Seen {
		t.Errorf("%v, %v, want the second to be known", got, err)
	}
	for i := range remembered {
		c.seen(itoa(int64(i)))
	}
	if len(c.known) != remembered || c.order.Len() != remembered || c.seen("a") {
		t.Errorf("%d are known: want %d, and the eldest forgotten", len(c.known), remembered)
	}
	text, err := os.ReadFile(name)
	if want := "1970-01-01T00:00:00Z a d png 1x2\n"; err != nil || !strings.HasPrefix(string(text), want) {
		t.Errorf("%q, %v, want %q first", text, err, want)
	}
}
