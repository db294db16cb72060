package main

import (
	"bytes"
	"container/list"
	"context"
	"fmt"
	"os"
	"time"
)

// remembered is how many images the catalogue knows again.
const remembered = 10_000

// A catalogue is a file with a line for each image. It is for one caller at a time, which the batcher is.
type catalogue struct {
	broken bool // a write has failed halfway, maybe within a line
	file   *os.File
	known  map[string]*list.Element // by SHA-256
	order  list.List                // of SHA-256, what was seen last in front
	now    func() time.Time
}

// openCatalogue opens the file to append to; without a name, one that is gone when it is closed.
func openCatalogue(name string) (*catalogue, error) {
	c := &catalogue{known: make(map[string]*list.Element), now: time.Now}
	var err error
	if name != "" {
		c.file, err = os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		return c, err
	}
	if c.file, err = os.CreateTemp("", "imageserver-*"); err != nil {
		return nil, err
	}
	return c, os.Remove(c.file.Name())
}

// add writes down all of them, in one go, and flushes. The answers say which were known.
func (c *catalogue) add(_ context.Context, pictures []picture) ([]picture, error) {
	var lines bytes.Buffer
	if c.broken {
		lines.WriteByte('\n')
	}
	for _, p := range pictures {
		fmt.Fprintf(&lines, "%s %s %s %s %dx%d\n", c.now().UTC().Format(time.RFC3339), p.SHA256, p.DHash, p.Format, p.Width, p.Height)
	}
	n, err := c.file.Write(lines.Bytes())
	if err != nil {
		c.broken = c.broken || n > 0
		return nil, err
	}
	c.broken = false
	if err := c.file.Sync(); err != nil {
		return nil, err
	}
	for i := range pictures {
		pictures[i].Seen = c.seen(pictures[i].SHA256)
	}
	return pictures, nil
}

// seen reports whether the image is known, and remembers it.
func (c *catalogue) seen(sum string) bool {
	if e, known := c.known[sum]; known {
		c.order.MoveToFront(e)
		return true
	}
	c.known[sum] = c.order.PushFront(sum)
	if c.order.Len() > remembered {
		eldest := c.order.Back()
		c.order.Remove(eldest)
		delete(c.known, eldest.Value.(string))
	}
	return false
}

func (c *catalogue) close() error { return c.file.Close() }
