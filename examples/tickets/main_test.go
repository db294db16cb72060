package main

import (
	"context"
	"strings"
	"testing"

	"go.uber.org/goleak"
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

func TestSharedMemoryOversellsAndThePoolDoesNot(t *testing.T) {
	out := output(t)
	for _, want := range []string{
		"1000 seats, 5000 buyers.\n",
		" people stand at the door with a ticket and no seat.\n",
		"  1000 tickets sold, ",
		"every seat was sold, once.\n",
	} {
		if strings.Count(out, want) != 1 {
			t.Errorf("want %q once in\n%s", want, out)
		}
	}
}

func TestEverySeatIsSoldOnceHoweverManyDropOut(t *testing.T) {
	for _, h := range []hall{
		{seats: 1, buyers: 1},
		{seats: 1, buyers: 500, crash: 0.5, seed: 7},
		{seats: 100, buyers: 2000, crash: 0.9, seed: 1},
		{seats: 300, buyers: 3000, seed: 2},
	} {
		s, err := h.sell(context.Background())
		if err != nil {
			t.Fatalf("%+v: %v", h, err)
		}
		if s.sold != h.seats || s.sold+s.crashed+s.left != h.buyers {
			t.Errorf("%+v: %+v, want each seat sold, and each buyer counted", h, s)
		}
	}
}

func TestSeatsAreLeftWhereBuyersAreFew(t *testing.T) {
	for _, h := range []hall{{seats: 10, buyers: 4}, {seats: 10, buyers: 10, crash: 1}} {
		want := sale{sold: h.buyers}
		if h.crash == 1 {
			want = sale{crashed: h.buyers}
		}
		if s, err := h.sell(context.Background()); err != nil || s != want {
			t.Errorf("%+v: %+v, %v, want %+v", h, s, err, want)
		}
	}
	if out := output(t, "-seats", "9", "-buyers", "4", "-crash", "0"); strings.Count(out, "5 seats are left, for want of buyers.") != 2 {
		t.Errorf("want 5 seats left, twice, in\n%s", out)
	}
}

func TestWrongFlagsAreExplained(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"-seats 0", "-seats is 0: want 1 to 1000000"},
		{"-buyers 1000001", "-buyers is 1000001: want 1 to 1000000"},
		{"-crash 1.5", "-crash is 1.5: want 0 to 1"},
		{"-crash NaN", "-crash is NaN: want 0 to 1"},
		{"now", `there is an argument, "now": want flags only`},
		{"-now", "flag provided but not defined: -now"},
	} {
		var stdout, stderr strings.Builder
		status := run(strings.Fields(c.args), &stdout, &stderr)
		if status != statusUsage || !strings.Contains(stderr.String(), c.want) || stdout.Len() > 0 {
			t.Errorf("%s: status %d, %q, want status %d and %q", c.args, status, &stderr, statusUsage, c.want)
		}
	}
	var stdout, stderr strings.Builder
	if status := run([]string{"-help"}, &stdout, &stderr); status != statusOK || !strings.Contains(stderr.String(), "-crash") {
		t.Errorf("-help: status %d, %q", status, &stderr)
	}
}
