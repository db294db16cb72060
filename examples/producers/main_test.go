package main

import (
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

func TestFullEmptyAndTimeoutAreShown(t *testing.T) {
	out := output(t, "-timeout", "1ms")
	for _, want := range []string{
		`Full: 8 of 8. TryPut: "mailbox: full".`,
		`Put waits 1ms: "context deadline exceeded". The item was not taken.`,
		`Empty: TryGet: "mailbox: empty". Get waits 1ms: "context deadline exceeded".`,
		`After Close, Get: "mailbox: closed", at once.`,
		"Work: 4 producers made 4000 items, 3 consumers took ",
		": each item once.\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("want %q in\n%s", want, out)
		}
	}
}

// run fails unless each item was taken once, and in order where the order is that of its producer.
func TestEachItemIsTakenOnce(t *testing.T) {
	for _, args := range []string{
		"-producers 1 -consumers 1",
		"-producers 1 -consumers 1 -capacity 1",
		"-producers 32 -consumers 2 -capacity 3 -items 500",
		"-producers 2 -consumers 32 -capacity 3 -items 5000",
		"-order lifo -consumers 1",
		"-order priority -capacity 100",
	} {
		out := output(t, append(strings.Fields(args), "-timeout", "1ms")...)
		if !strings.Contains(out, "each item once") {
			t.Errorf("%s: want each item once in\n%s", args, out)
		}
	}
}

func TestTheCheckFindsWhatIsWrong(t *testing.T) {
	f := factory{producers: 1, consumers: 1, items: 2}
	for _, c := range []struct {
		want string
		took []item
	}{
		{"", []item{{0, 0}, {0, 1}}},
		{"after item 1: want them in order", []item{{0, 1}, {0, 0}}},
		{"was taken 0 times", []item{{0, 0}}},
		{"was taken 2 times", []item{{0, 0}, {0, 1}}},
	} {
		took := [][]item{c.took}
		if strings.Contains(c.want, "2 times") {
			took = append(took, []item{{0, 1}})
		}
		switch err := f.check(took); {
		case c.want == "" && err != nil, c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%v: %v, want %q", took, err, c.want)
		}
	}
}

func TestWrongFlagsAreExplained(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"-producers 0", "-producers is 0: want 1 to 10000"},
		{"-consumers 10001", "-consumers is 10001: want 1 to 10000"},
		{"-items 0", "-items is 0: want 1 to 2500000, with 4 producers"},
		{"-capacity 0", "-capacity is 0: want 1 to"},
		{"-order random", `-order is "random": want fifo, lifo or priority`},
		{"-timeout 0s", "-timeout is 0s: want more than 0"},
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
	if status := run([]string{"-help"}, &stdout, &stderr); status != statusOK || !strings.Contains(stderr.String(), "-capacity") {
		t.Errorf("-help: status %d, %q", status, &stderr)
	}
}
