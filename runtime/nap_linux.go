package runtime

import (
	"syscall"
	"time"
)

// nap sleeps for d, which is less than a millisecond. On Linux a timer of Go would take a whole one when no goroutine
// runs, because that is how finely Go waits for the network.
func nap(d time.Duration) {
	t := syscall.NsecToTimespec(d.Nanoseconds())
	_ = syscall.Nanosleep(&t, nil) // interrupted by a signal, it was shorter
}
