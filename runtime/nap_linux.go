package runtime

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// A napper sleeps for less than a millisecond.
//
// On Linux a timer of Go would take a whole one when no goroutine runs, because that is how finely Go waits for the
// network; and the clock's own system call would keep a processor from the other goroutines meanwhile. A timer that is a
// file does neither.
type napper struct {
	file *os.File // nil before the first nap, and where there are no such files
	fd   int
	tick [8]byte
	none bool
}

func (n *napper) nap(d time.Duration) {
	if n.file == nil && !n.none {
		n.open()
	}
	if n.file != nil {
		once := unix.ItimerSpec{Value: unix.NsecToTimespec(d.Nanoseconds())}
		if unix.TimerfdSettime(n.fd, 0, &once, nil) == nil {
			if _, err := n.file.Read(n.tick[:]); err == nil {
				return
			}
		}
	}
	time.Sleep(d)
}

func (n *napper) open() {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		n.none = true
		return
	}
	n.fd, n.file = fd, os.NewFile(uintptr(fd), "timer")
}

// close is called when nobody naps any more.
func (n *napper) close() {
	if n.file != nil {
		_ = n.file.Close()
		n.file = nil
	}
}
