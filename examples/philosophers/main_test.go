package main

import (
	"fmt"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// output runs the program and returns what it writes, which must be no complaint.
func output(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr strings.Builder
	if status := run(args, &stdout, &stderr); status != statusOK || stderr.Len() > 0 {
		t.Fatalf("%v: status %d, and it complains: %s", args, status, &stderr)
	}
	return stdout.String()
}

func TestPhilosophersAreToldOfTheirDeadlockAndAllEat(t *testing.T) {
	for range 20 {
		out := output(t)
		for _, want := range []string{
			"5 philosophers pick up their left forks, all at once.\n",
			"Deadlock: table/fork-1 → table/fork-2 → table/fork-3 → table/fork-4 → table/fork-5 → table/fork-1\n",
			" is told, puts the fork down, and begins with the other one from now on.\n",
			"Meals: Laozi 3, Hypatia 3, Kant 3, Arendt 3, Nagarjuna 3. Everybody ate.\n",
		} {
			if strings.Count(out, want) != 1 {
				t.Fatalf("want %q once in\n%s", want, out)
			}
		}
	}
}

func TestFairPhilosophersNeverDeadlock(t *testing.T) {
	for _, n := range []int{2, 3, 5, 50} {
		out := output(t, "-fair", "-meals", "200", "-philosophers", fmt.Sprint(n))
		if !strings.Contains(out, "There is no deadlock.\n") || strings.Count(out, " 200") != n {
			t.Fatalf("want no deadlock, and 200 meals for each of %d in\n%s", n, out)
		}
	}
}

// One in the round who begins on the other side is enough: whoever was told of the first deadlock sees to that.
func TestOneDeadlockIsTheLast(t *testing.T) {
	for _, n := range []int{2, 3, 100} {
		out := output(t, "-meals", "100", "-philosophers", fmt.Sprint(n))
		if strings.Count(out, "Deadlock") != 1 || strings.Count(out, " 100") < n {
			t.Fatalf("want one deadlock, and 100 meals for each of %d in\n%s", n, out)
		}
	}
}

func TestWrongFlagsAreExplained(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"-philosophers 1", "-philosophers is 1: want 2 to 1000"},
		{"-philosophers 1001", "-philosophers is 1001: want 2 to 1000"},
		{"-meals 0", "-meals is 0: want 1 to 1000000"},
		{"spoon", `there is an argument, "spoon": want flags only`},
		{"-spoon", "flag provided but not defined: -spoon"},
	} {
		var stdout, stderr strings.Builder
		status := run(strings.Fields(c.args), &stdout, &stderr)
		if status != statusUsage || !strings.Contains(stderr.String(), c.want) || stdout.Len() > 0 {
			t.Errorf("%s: status %d, %q, want status %d and %q", c.args, status, &stderr, statusUsage, c.want)
		}
	}
	var stdout, stderr strings.Builder
	if status := run([]string{"-help"}, &stdout, &stderr); status != statusOK || !strings.Contains(stderr.String(), "-fair") {
		t.Errorf("-help: status %d, %q", status, &stderr)
	}
}
