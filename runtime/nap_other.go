//go:build !linux

package runtime

import "time"

// A napper sleeps for less than a millisecond.
type napper struct{}

func (*napper) nap(d time.Duration) { time.Sleep(d) }
func (*napper) close()              {}
