package main

import (
	"regexp"
	"strconv"
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

// numbers returns those in out that the groups of the pattern match.
func numbers(t *testing.T, out, pattern string) (all []int) {
	t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(out)
	if found == nil {
		t.Fatalf("want %s in\n%s", pattern, out)
	}
	for _, text := range found[1:] {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, n)
	}
	return all
}

// The program itself fails when a coin is missing.
func TestSpendersWaitAndGetWhatWasSaved(t *testing.T) {
	for _, args := range []string{"", "-savers 1 -spenders 1 -coins 5", "-savers 20 -spenders 30 -coins 77"} {
		out := output(t, append(strings.Fields(args), "-transfers", "1")...)
		n := numbers(t, out, `(\d+) savers put in (\d+) coins; (\d+) spenders took out (\d+), 10 at a time`)
		waited := numbers(t, out, `too little (\d+) times, and waited on the Event. (\d+) coins are left`)
		if n[1] != n[3]+waited[1] || waited[0] < n[2] || waited[1] >= portion {
			t.Errorf("%s: want what was saved spent, up to a rest of less than %d, and each spender to have waited\n%s", args, portion, out)
		}
	}
}

func TestTransfersLoseNothingHoweverManyCrash(t *testing.T) {
	for _, c := range []struct {
		args    string
		crashes bool
	}{
		{"-transfers 2000 -crash 0", false},
		{"-transfers 1000", true},
		{"-transfers 500 -crash 0.6 -accounts 2 -clerks 100", true},
		{"-transfers 3 -clerks 50 -crash 0", false},
	} {
		out := output(t, strings.Fields(c.args)...)
		money := numbers(t, out, `In the morning there were (\d+) coins, in the evening (\d+)\.`)
		crashes := numbers(t, out, `crashed (\d+) times`)[0]
		if money[0] != money[1] || crashes > 0 != c.crashes {
			t.Errorf("%s: want as much money in the evening, and crashes: %v\n%s", c.args, c.crashes, out)
		}
	}
}

func TestWrongFlagsAreExplained(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"-savers 0", "-savers is 0: want 1 to 1000"},
		{"-spenders 1001", "-spenders is 1001: want 1 to 1000"},
		{"-coins -1", "-coins is -1: want 1 to 10000000"},
		{"-accounts 1", "-accounts is 1: want 2 to 1000"},
		{"-transfers 0", "-transfers is 0: want 1 to 10000000"},
		{"-clerks 0", "-clerks is 0: want 1 to 1000"},
		{"-crash 1", "-crash is 1: want 0 to 0.9"},
		{"-crash NaN", "-crash is NaN: want 0 to 0.9"},
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
	if status := run([]string{"-help"}, &stdout, &stderr); status != statusOK || !strings.Contains(stderr.String(), "-clerks") {
		t.Errorf("-help: status %d, %q", status, &stderr)
	}
}
