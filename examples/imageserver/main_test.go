package main

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sirupsen/logrus"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start serves until the test ends. Without args, it is what the flags' defaults are.
func start(t *testing.T, args ...string) (*server, string) {
	t.Helper()
	o, err := parse(args, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	logger := logrus.New()
	logger.SetOutput(io.Discard)
	service, err := startService(o, logger)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{o, service, newMetrics(service)}
	web := httptest.NewServer(s.routes())
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		web.Close()
		if err := service.stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s, web.URL
}

// chequered is a PNG whose fields are dark and light.
func chequered(t testing.TB, width, height int) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			if (x/8+y/8)%2 == 0 {
				img.SetGray(x, y, color.Gray{200})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// post returns the answer's status, its header and its body.
func post(t testing.TB, url string, body io.Reader) (int, http.Header, []byte) {
	t.Helper()
	answer, err := http.Post(url, "application/octet-stream", body)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, text
}

// get returns the body of the answer.
func get(t testing.TB, url string) string {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAnImageIsScaledDescribedAndKnownAgain(t *testing.T) {
	_, url := start(t)
	body := chequered(t, 640, 480)
	for _, seen := range []bool{false, true} {
		status, _, text := post(t, url+"/images?width=100", bytes.NewReader(body))
		var p picture
		if err := json.Unmarshal(text, &p); err != nil || status != http.StatusOK {
			t.Fatalf("status %d, %v: %s", status, err, text)
		}
		if p.Format != "png" || p.Width != 640 || p.Height != 480 || p.Small.Width != 100 || p.Small.Height != 75 ||
			p.Small.Bytes == 0 || len(p.SHA256) != 64 || len(p.DHash) != 16 || p.Seen != seen {
			t.Errorf("%s, want a png of 640 x 480 made 100 x 75, seen: %v", text, seen)
		}
	}
	status, header, text := post(t, url+"/images?width=1000&as=image", bytes.NewReader(body))
	img, format, err := image.Decode(bytes.NewReader(text))
	if status != http.StatusOK || header.Get("Content-Type") != "image/jpeg" || err != nil || format != "jpeg" || img.Bounds().Dx() != 640 {
		t.Errorf("status %d, %v, %s: want a JPEG, no wider than it came", status, err, format)
	}
}

func TestWhatIsNotServedIsExplained(t *testing.T) {
	_, url := start(t, "-max-mb", "1", "-max-megapixels", "1")
	for _, c := range []struct {
		query, body string
		status      int
		want        string
	}{
		{"", "GIF89a, not really", http.StatusUnprocessableEntity, "not an image that can be read"},
		{"", "", http.StatusUnprocessableEntity, "not an image that can be read"},
		{"", string(chequered(t, 1001, 1000)), http.StatusUnprocessableEntity, "it is 1001 x 1000: want at most 1000000 pixels"},
		{"", string(chequered(t, 64, 64)[:100]), http.StatusUnprocessableEntity, "not an image that can be read"},
		{"", strings.Repeat("x", megabyte+1), http.StatusRequestEntityTooLarge, "the body cannot be read"},
		{"?width=0", "x", http.StatusBadRequest, `width is "0": want 1 to 4096`},
		{"?width=wide", "x", http.StatusBadRequest, `width is "wide": want 1 to 4096`},
		{"?as=text", "x", http.StatusBadRequest, `as is "text": want json or image`},
	} {
		status, _, text := post(t, url+"/images"+c.query, strings.NewReader(c.body))
		if status != c.status || !strings.Contains(string(text), c.want) {
			t.Errorf("%s, %.20q: status %d, %s, want %d and %s", c.query, c.body, status, text, c.status, c.want)
		}
	}
	answer, err := http.Get(url + "/images")
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET /images: status %d, want %d", answer.StatusCode, http.StatusMethodNotAllowed)
	}
}

func TestPrometheusIsTold(t *testing.T) {
	_, url := start(t)
	post(t, url+"/images", bytes.NewReader(chequered(t, 64, 64)))
	text := get(t, url+"/metrics")
	for _, want := range []string{
		`imageserver_answers_total{status="200"} 1`, "imageserver_seconds_count 1", "imageserver_inside 0", "imageserver_queued 0",
		"imageserver_busy 0", "troupe_actors ", `troupe_messages_total{fate="dead_lettered"} 0`, `troupe_failures_total{kind="restart"} 0`,
		"process_resident_memory_bytes ", "go_goroutines ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("want %q in\n%s", want, text)
		}
	}
}

func TestWrongFlagsAreExplained(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"-workers 0", "-workers is 0: want 1 to 1024"},
		{"-admit -1", "-admit is -1: want 0 to 100000"},
		{"-max-mb 0", "-max-mb is 0: want 1 to 1024"},
		{"-max-megapixels 1001", "-max-megapixels is 1001: want 1 to 1000"},
		{"-grace 0s", "-grace is 0s: want more than 0"},
		{"now", `there is an argument, "now": want flags only`},
		{"-now", "flag provided but not defined: -now"},
	} {
		var stdout, stderr strings.Builder
		status := run(context.Background(), strings.Fields(c.args), &stdout, &stderr)
		if status != statusUsage || !strings.Contains(stderr.String(), c.want) || stdout.Len() > 0 {
			t.Errorf("%s: status %d, %q, want status %d and %q", c.args, status, &stderr, statusUsage, c.want)
		}
	}
	var stdout, stderr strings.Builder
	if status := run(context.Background(), []string{"-addr", "nowhere:-1"}, &stdout, &stderr); status != statusFailed || stderr.Len() == 0 {
		t.Errorf("-addr nowhere:-1: status %d, %q", status, &stderr)
	}
	if status := run(context.Background(), []string{"-help"}, &stdout, &stderr); status != statusOK || !strings.Contains(stderr.String(), "-admit") {
		t.Errorf("-help: status %d, %q", status, &stderr)
	}
}
