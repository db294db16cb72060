package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// An image of the format that is registered here knocks when it is being decoded, and is, for each value from door.
var knock, door = make(chan struct{}), make(chan struct{})

func init() {
	decode := func(io.Reader) (image.Image, error) {
		knock <- struct{}{}
		<-door
		return image.NewGray(image.Rect(0, 0, 8, 8)), nil
	}
	image.RegisterFormat("slow", "SLOW", decode, func(io.Reader) (image.Config, error) {
		return image.Config{Width: 8, Height: 8}, nil
	})
}

// dial sends a request as it is given.
func dial(t *testing.T, url, request string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	return c
}

// curl says that what it posts is a form. It is an image all the same.
func TestABodyIsAnImageWhateverItsTypeIs(t *testing.T) {
	_, url := start(t)
	for _, kind := range []string{"application/x-www-form-urlencoded", "multipart/form-data; boundary=b", ""} {
		answer, err := http.Post(url+"/images?width=32", kind, bytes.NewReader(chequered(t, 64, 64)))
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK || !strings.Contains(string(text), `"width":32`) {
			t.Errorf("%q: status %d, %s", kind, answer.StatusCode, text)
		}
	}
}

func TestNoKindOfBodyIsReadWithoutBound(t *testing.T) {
	_, url := start(t, "-max-mb", "1")
	body := &counted{Reader: io.LimitReader(zeros{}, 100*megabyte)}
	answer, err := http.Post(url+"/images?width=32", "multipart/form-data; boundary=b", body)
	if err == nil {
		_ = answer.Body.Close()
	}
	if body.n > 20*megabyte {
		t.Errorf("%d MB were read, want about 1", body.n/megabyte)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

type counted struct {
	io.Reader
	n int
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n += n
	return n, err
}

// One whose client has gone keeps its place for as long as a worker has its image.
func TestImagesOfClientsThatHaveGoneStayBounded(t *testing.T) {
	s, url := start(t, "-workers", "1", "-admit", "2")
	ctx := context.Background()
	request := "POST /images HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nSLOW"
	clients := []net.Conn{dial(t, url, request)}
	<-knock
	clients = append(clients, dial(t, url, request))
	for {
		if st, err := s.service.workers.Stats(ctx); err != nil || st.Queued+st.Busy == 2 {
			break
		}
	}
	for _, c := range clients {
		_ = c.Close()
	}
	if status, _, text := post(t, url+"/images", strings.NewReader("SLOW")); status != http.StatusServiceUnavailable {
		t.Errorf("status %d, %s: two images are inside", status, text)
	}
	door <- struct{}{} // the other one is not looked at
	for {
		if st, err := s.service.admission.Stats(ctx); err != nil || st.Free == 2 {
			break
		}
	}
	text := get(t, url+"/metrics")
	for _, want := range []string{"imageserver_gone_total 2", "imageserver_inside 0", `imageserver_answers_total{status="503"} 1`} {
		if !strings.Contains(text, want) {
			t.Errorf("the metrics have no %q", want)
		}
	}
	if strings.Contains(text, `status="500"`) {
		t.Error("they count an answer of 500")
	}
}

// Who is refused hears of it before he has sent his image, and then does not hold up the end.
func TestOneThatIsRefusedAndSaysNoMoreIsToldAndHoldsNothingUp(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	p := begin(t, ctx, "-workers", "1", "-admit", "1")
	url := strings.TrimSuffix(p.url, "/images")
	inside := dial(t, url, "POST /images HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nx")
	for !strings.Contains(get(t, url+"/metrics"), "imageserver_inside 1") {
	}
	refused := dial(t, url, "POST /images HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nabc")
	answer := make([]byte, len("HTTP/1.1 503"))
	if _, err := io.ReadFull(refused, answer); err != nil || string(answer) != "HTTP/1.1 503" {
		t.Errorf("%q, %v, want 503 at once", answer, err)
	}
	fmt.Fprint(inside, "rest")
	cancel()
	if status, _, complaint := p.end(); status != statusOK {
		t.Errorf("status %d, %s", status, complaint)
	}
	http.DefaultClient.CloseIdleConnections()
}

// A refusal in the middle of a body leaves nothing behind that would trip up the next request.
func TestWhoIsRefusedMayComeAgain(t *testing.T) {
	s, url := start(t, "-workers", "1", "-admit", "1")
	place, err := s.service.admission.TryAcquire(context.Background(), 1)
	if err != nil {
		t.Fatal(err)
	}
	body := make([]byte, 200_000)
	for range 50 {
		if status, _, text := post(t, url+"/images", bytes.NewReader(body)); status != http.StatusServiceUnavailable {
			t.Fatalf("status %d, %s, want 503", status, text)
		}
	}
	if err := place.Release(); err != nil {
		t.Fatal(err)
	}
	if status, _, text := post(t, url+"/images", bytes.NewReader(chequered(t, 64, 64))); status != http.StatusOK {
		t.Errorf("status %d, %s, when there is room", status, text)
	}
}

// Who does not send what he has promised loses his place, and is told why.
func TestWhoSendsTooSlowlyLosesHisPlace(t *testing.T) {
	s, url := start(t, "-workers", "1", "-admit", "1", "-patience", "100ms")
	slow := dial(t, url, "POST /images HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nx")
	answer := make([]byte, len("HTTP/1.1 408"))
	if _, err := io.ReadFull(slow, answer); err != nil || string(answer) != "HTTP/1.1 408" {
		t.Errorf("%q, %v, want 408", answer, err)
	}
	for { // until it is free
		if st, err := s.service.admission.Stats(context.Background()); err != nil || st.Free == 1 {
			return
		}
	}
}
