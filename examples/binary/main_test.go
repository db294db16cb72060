package main

import (
	"context"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/runtime/runtimetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func output(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr strings.Builder
	if status := run(args, &stdout, &stderr); status != statusOK || stderr.Len() > 0 {
		t.Fatalf("%v: status %d, and it complains: %s", args, status, &stderr)
	}
	return stdout.String()
}

func TestNumbersAreWritten(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"", "10 = 1010\n255 = 11111111\n12345678901234567890 = 1010101101010100101010011000110011101011000111110000101011010010\n"},
		{"0", "0 = 0\n"},
		{"42 -7", "42 = 101010\n-7 = -111\n"},
		{"-7 +1", "-7 = -111\n1 = 1\n"},
		{"-base 16 48879", "48879 = beef (base 16)\n"},
		{"-base 36 -35", "-35 = -z (base 36)\n"},
		{"-steps 10", "10: in 0 1 0 1, out 1 0 1 0\n10 = 1010\n"},
	} {
		if got := output(t, strings.Fields(c.args)...); got != c.want {
			t.Errorf("binary %s\n got %q\nwant %q", c.args, got, c.want)
		}
	}
}

// Who asks while a number is on the stack comes on top of it. None of the digits may end up in another number.
func TestManyAskersGetTheirOwnNumbers(t *testing.T) {
	system := runtimetest.NewSystem(t)
	writer, err := spawnWriter(system)
	if err != nil {
		t.Fatal(err)
	}
	const askers, each = 16, 200
	errs := make(chan error, askers)
	for a := range askers {
		go func() {
			for i := range each {
				n, base := big.NewInt(int64(a*1_000_003+i*i)), 2+(a+i)%35
				got, err := runtime.Ask(context.Background(), writer, func(r runtime.Reply[written]) task { return number{r, n, base} })
				if want := n.Text(base); err != nil || string(got.digits) != want {
					errs <- fmt.Errorf("%d in base %d is %s, %v, want %s", n, base, got.digits, err, want)
					return
				}
			}
			errs <- nil
		}()
	}
	for range askers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestANumberThatIsTooLongIsRefusedAndTheNextIsNot(t *testing.T) {
	system := runtimetest.NewSystem(t)
	writer, err := spawnWriter(system)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(n *big.Int) (written, error) {
		return runtime.Ask(context.Background(), writer, func(r runtime.Reply[written]) task { return number{r, n, 2} })
	}
	long := new(big.Int).Lsh(big.NewInt(1), mostDigits)
	if _, err := ask(long); err == nil || !strings.Contains(err.Error(), "at most 16384") {
		t.Errorf("2^%d: %v, want that it has at most 16384", mostDigits, err)
	}
	if got, err := ask(new(big.Int).Sub(long, big.NewInt(1))); err != nil || len(got.digits) != mostDigits {
		t.Errorf("2^%d-1: %d digits, %v, want %[1]d", mostDigits, len(got.digits), err)
	}
}

func TestWrongArgumentsAreExplained(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"-base 1", "-base is 1: want 2 to 36"},
		{"-base 37 5", "-base is 37: want 2 to 36"},
		{"ten", `"ten" is no number: want decimal digits`},
		{"12x", `"12x" is no number`},
		{"1 -base", `"-base" is no number`},
		{"-octal", "flag provided but not defined: -octal"},
	} {
		var stdout, stderr strings.Builder
		status := run(strings.Fields(c.args), &stdout, &stderr)
		if status != statusUsage || !strings.Contains(stderr.String(), c.want) || stdout.Len() > 0 {
			t.Errorf("%s: status %d, %q, want status %d and %q", c.args, status, &stderr, statusUsage, c.want)
		}
	}
	var stdout, stderr strings.Builder
	if status := run([]string{"-help"}, &stdout, &stderr); status != statusOK || !strings.Contains(stderr.String(), "-base") {
		t.Errorf("-help: status %d, %q", status, &stderr)
	}
}
