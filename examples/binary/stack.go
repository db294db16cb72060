package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// mostDigits is the room in the actor's mailbox, and so the longest number that it can write.
const mostDigits = 1 << 14

// A task is what the actor has on its stack: a number to be written, or one digit of it.
type task interface {
	do(ctx *runtime.Context[task]) error
}

// convert writes all numbers, one after the other.
func (o options) convert(ctx context.Context, w io.Writer) error {
	system, err := runtime.New(runtime.Config{Name: "binary"})
	if err != nil {
		return err
	}
	defer func() { _ = system.Shutdown(ctx) }()
	writer, err := spawnWriter(system)
	if err != nil {
		return err
	}
	for _, n := range o.numbers {
		text, err := runtime.Ask(ctx, writer, func(r runtime.Reply[written]) task { return number{r, n, o.base} })
		if err != nil {
			return err
		}
		if o.steps {
			fmt.Fprintf(w, "%d: in %s, out %s\n", n, spaced(text.pushed), spaced(text.digits))
		}
		fmt.Fprintf(w, "%d = %s\n", n, text)
	}
	return nil
}

func spawnWriter(p runtime.Parent) (runtime.Ref[task], error) {
	return runtime.Spawn(p, runtime.Props[task]{
		Name: "writer",
		New: func() runtime.Actor[task] {
			return runtime.Func[task](func(ctx *runtime.Context[task], t task) error { return t.do(ctx) })
		},
		Mailbox: mailbox.Config[task]{Order: mailbox.LIFO, Capacity: mostDigits},
	})
}

// A number is a question; its answer is how it is written.
type number struct {
	runtime.Reply[written]
	n    *big.Int
	base int
}

// do puts the digits on the stack, the last one first. Whoever asks meanwhile comes on top of them and is served first: the
// digits of two numbers never mix, because each knows where it belongs.
func (t number) do(ctx *runtime.Context[task]) error {
	w := &written{negative: t.n.Sign() < 0, base: t.base}
	rest, base, d := new(big.Int).Abs(t.n), big.NewInt(int64(t.base)), new(big.Int)
	for first := true; first || rest.Sign() > 0; first = false {
		rest.DivMod(rest, base, d)
		one := digit{of: w, value: byte(d.Int64())}
		if first {
			one.end = t.Reply // it comes out last
		}
		// An actor must not wait for room in its own mailbox: nobody else could make any.
		if err := ctx.Self().TryTell(one); err != nil {
			if first {
				return err
			}
			w.err = err
			if errors.Is(err, mailbox.ErrFull) {
				w.err = fmt.Errorf("a number has too many digits in base %d: want at most %d", t.base, mostDigits)
			}
			return nil // its first digit says so, when the others are out of the way
		}
		w.pushed = append(w.pushed, one.letter())
	}
	return nil
}

// written is a number as far as it is written.
type written struct {
	pushed, digits []byte // in the order in which they went in, and came out
	negative       bool
	base           int
	err            error // it is too long
}

func (w written) String() string {
	sign := ""
	if w.negative {
		sign = "-"
	}
	if w.base == 2 {
		return sign + string(w.digits)
	}
	return fmt.Sprintf("%s%s (base %d)", sign, w.digits, w.base)
}

// A digit is one digit on its way.
type digit struct {
	of    *written
	value byte
	end   runtime.Reply[written] // who waits for the number, in its last digit
}

func (d digit) do(*runtime.Context[task]) error {
	d.of.digits = append(d.of.digits, d.letter())
	switch {
	case d.end == runtime.Reply[written]{}:
	case d.of.err != nil:
		d.end.Fail(d.of.err)
	default:
		d.end.Send(*d.of)
	}
	return nil
}

func (d digit) letter() byte { return "0123456789abcdefghijklmnopqrstuvwxyz"[d.value] }

func spaced(digits []byte) string {
	return strings.Join(strings.Split(string(digits), ""), " ")
}
