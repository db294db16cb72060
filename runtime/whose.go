package runtime

import (
	"reflect"
	goruntime "runtime"
	"sync/atomic"
)

// Whose goroutine is this? A context says which actor's handler it was given to, but not that this handler is the one who
// uses it: it may have gone to a goroutine that the handler started, or in a message to another actor. To say that a handler
// waits, one must know, and Go has no goroutine-local storage.
//
// So each runner's goroutine begins with a few calls that spell the runner's number: digit0 to digitF are functions that
// only call the next one, and at last the runner's loop. Who wants to know finds them at the far end of its own call
// stack. They cost a goroutine 20 ns when it starts, and asking takes 0.5 to 3 µs, which only somebody does who waits and
// is suspected of a deadlock (ADR 8). The trick is that of github.com/jtolds/gls.

const (
	digits     = 4
	digitBits  = 4
	digitCount = 1 << digitBits
	deepest    = 1 << 14 // frames; what is deeper is nobody's
)

// A number is what a runner spells. Two that live have the same only where there are 65,536 of them.
type number uint16

var lastNumber atomic.Uint32

func nextNumber() number { return number(lastNumber.Add(1)) }

var spelled [digitCount]func(r *runner, left int)

// digitOf finds a digit by the address at which its function begins.
var digitOf = make(map[uintptr]number, digitCount)

func init() { // not where they are declared: they refer to each other
	spelled = [...]func(*runner, int){digit0, digit1, digit2, digit3, digit4, digit5, digit6, digit7,
		digit8, digit9, digitA, digitB, digitC, digitD, digitE, digitF}
	spellEntry = reflect.ValueOf(spell).Pointer()
	for d, f := range spelled {
		digitOf[reflect.ValueOf(f).Pointer()] = number(d)
	}
}

var spellEntry uintptr

// spell calls the loop of r, from under the digits that are left of its number. Inlined, it would double the digits.
//
//go:noinline
func spell(r *runner, left int) {
	if left == 0 {
		r.loop()
		return
	}
	left--
	spelled[r.number>>(left*digitBits)%digitCount](r, left)
}

func digit0(r *runner, left int) { spell(r, left) }
func digit1(r *runner, left int) { spell(r, left) }
func digit2(r *runner, left int) { spell(r, left) }
func digit3(r *runner, left int) { spell(r, left) }
func digit4(r *runner, left int) { spell(r, left) }
func digit5(r *runner, left int) { spell(r, left) }
func digit6(r *runner, left int) { spell(r, left) }
func digit7(r *runner, left int) { spell(r, left) }
func digit8(r *runner, left int) { spell(r, left) }
func digit9(r *runner, left int) { spell(r, left) }
func digitA(r *runner, left int) { spell(r, left) }
func digitB(r *runner, left int) { spell(r, left) }
func digitC(r *runner, left int) { spell(r, left) }
func digitD(r *runner, left int) { spell(r, left) }
func digitE(r *runner, left int) { spell(r, left) }
func digitF(r *runner, left int) { spell(r, left) }

// here returns the number of the runner whose goroutine this is. It reports false on any other goroutine.
func here() (n number, ok bool) {
	var few [128]uintptr
	pcs := few[:goruntime.Callers(1, few[:])]
	for size := 8 * len(few); len(pcs) == cap(pcs) && size <= deepest; size *= 8 {
		many := make([]uintptr, size)
		pcs = many[:goruntime.Callers(1, many)]
	}
	found := 0
	for i := len(pcs) - 1; i >= 0 && found < digits; i-- {
		f := goruntime.FuncForPC(pcs[i] - 1) // a pc is that of the return
		if f == nil {
			break
		}
		d, isDigit := digitOf[f.Entry()]
		switch {
		case isDigit:
			n = n<<digitBits | d
			found++
		case found > 0 && f.Entry() != spellEntry:
			return 0, false
		}
	}
	return n, found == digits
}

// isHere reports whether this is the goroutine of r.
func (r *runner) isHere() bool {
	n, ok := here()
	return ok && n == r.number
}

// here returns the runner of d whose goroutine this is, or nil.
func (d *dispatcher) here() *runner {
	n, ok := here()
	if !ok {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range d.runners {
		if r.number == n {
			return r
		}
	}
	return nil
}
