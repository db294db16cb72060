package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// notify is what main does about signals.
func notify() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// A program is run, as it runs.
type program struct {
	url    string
	status chan int
	last   chan string // line that it prints
	stderr *complaints
}

// complaints may still come while they are read: from what a grace that was over has cut off.
type complaints struct {
	mu   sync.Mutex
	text strings.Builder
}

func (c *complaints) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.Write(b)
}

func (c *complaints) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.String()
}

// begin starts the program, and returns when it says where it takes images.
func begin(t *testing.T, ctx context.Context, args ...string) *program {
	t.Helper()
	out, in := io.Pipe()
	p := &program{status: make(chan int, 1), last: make(chan string, 1), stderr: new(complaints)}
	go func() {
		p.status <- run(ctx, append([]string{"-addr", "localhost:0"}, args...), in, p.stderr)
		_ = in.Close()
	}()
	lines := bufio.NewScanner(out)
	lines.Scan()
	if p.url = regexp.MustCompile(`http://\S+/images`).FindString(lines.Text()); p.url == "" {
		t.Fatalf("%q: want it to say where it listens", lines.Text())
	}
	go func() { // it must not wait for a reader when it ends
		last := ""
		for lines.Scan() {
			last = lines.Text()
		}
		p.last <- last
	}()
	return p
}

// end waits for the program's end, and returns its exit status, its last line, and what it complains of.
func (p *program) end() (status int, last, complaint string) {
	status = <-p.status
	return status, <-p.last, p.stderr.String()
}
