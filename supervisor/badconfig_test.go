package supervisor

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

const (
	wantStrategy     = ": want OneForOne, AllForOne or RestForOne"
	wantMaxRestarts  = ": want 0 (default 3), NoRestarts (-1), Unlimited (-2) or more than 0"
	wantWithin       = ": want 0 (default 5s) or more"
	wantMin          = ": want 0 (no delay) or more"
	wantMax          = ": want 0 (default 1h0m0s) or more"
	wantFactor       = ": want 0 (default 2) or a finite number from 1 on"
	wantJitter       = ": want a number from 0 to 1"
	wantAfter        = ": want 0 (none) or more"
	wantAutoShutdown = ": want Never, AnySignificant or AllSignificant"
	shortest         = "-2562047h47m16.854775808s"
	nothingDelayed   = ", but Backoff.Min is 0, so that nothing is delayed: want a Min, or no "
)

// The values at and beyond the ends of each field, and what fields say of each other.
func TestValidateRefusesWhatIsOutOfRangeByTheLeast(t *testing.T) {
	second := func(b Backoff) Config { b.Min = time.Second; return Config{Backoff: b} }
	for _, tt := range []struct {
		name   string
		config Config
		want   string // after "supervisor: Config."
	}{
		{"the last strategy", Config{Strategy: 255}, "Strategy is Strategy(255)" + wantStrategy},
		{"one more than RestForOne, all else right", Config{Strategy: 3, MaxRestarts: 1, Within: 1, Backoff: Backoff{Min: 1}},
			"Strategy is Strategy(3)" + wantStrategy},
		{"one less than Unlimited", Config{MaxRestarts: -3}, "MaxRestarts is -3" + wantMaxRestarts},
		{"the fewest restarts", Config{MaxRestarts: math.MinInt}, fmt.Sprint("MaxRestarts is ", math.MinInt, wantMaxRestarts)},
		{"just less than no time", Config{Within: -1}, "Within is -1ns" + wantWithin},
		{"the least time", Config{Within: math.MinInt64}, "Within is " + shortest + wantWithin},
		{"no limit, but a time of less than none", Config{MaxRestarts: Unlimited, Within: -time.Hour},
			"Within is -1h0m0s" + wantWithin},
		{"one more than AllSignificant", Config{AutoShutdown: 3}, "AutoShutdown is AutoShutdown(3)" + wantAutoShutdown},
		{"the last AutoShutdown", Config{AutoShutdown: 255}, "AutoShutdown is AutoShutdown(255)" + wantAutoShutdown},

		{"the least delay", Config{Backoff: Backoff{Min: math.MinInt64}}, "Backoff.Min is " + shortest + wantMin},
		{"a negative Min below Max", Config{Backoff: Backoff{Min: -time.Second, Max: time.Second}},
			"Backoff.Min is -1s" + wantMin},
		{"a negative Max without Min", Config{Backoff: Backoff{Max: -time.Second}}, "Backoff.Max is -1s" + wantMax},
		{"the least Max", second(Backoff{Max: math.MinInt64}), "Backoff.Max is " + shortest + wantMax},
		{"Max just less than Min", second(Backoff{Max: time.Second - 1}),
			"Backoff.Max is 999.999999ms, less than Backoff.Min: want 0 (default 1h0m0s) or at least 1s"},
		{"Max less than a Min beyond the default", Config{Backoff: Backoff{Min: 2 * time.Hour, Max: time.Hour}},
			"Backoff.Max is 1h0m0s, less than Backoff.Min: want 0 (default 1h0m0s) or at least 2h0m0s"},
		{"the longest Max without Min", Config{Backoff: Backoff{Max: math.MaxInt64}},
			"Backoff.Max is 2562047h47m16.854775807s" + nothingDelayed + "Max"},

		{"a factor just less than 1", second(Backoff{Factor: math.Nextafter(1, 0)}),
			"Backoff.Factor is 0.9999999999999999" + wantFactor},
		{"the smallest factor", second(Backoff{Factor: math.SmallestNonzeroFloat64}), "Backoff.Factor is 5e-324" + wantFactor},
		{"a factor of -1", second(Backoff{Factor: -1}), "Backoff.Factor is -1" + wantFactor},
		{"the least factor", second(Backoff{Factor: -math.MaxFloat64}),
			"Backoff.Factor is -1.7976931348623157e+308" + wantFactor},
		{"no number for a factor, without Min", Config{Backoff: Backoff{Factor: math.NaN()}}, "Backoff.Factor is NaN" + wantFactor},
		{"an infinite factor, without Min", Config{Backoff: Backoff{Factor: math.Inf(1)}}, "Backoff.Factor is +Inf" + wantFactor},
		{"a factor of 1 without Min", Config{Backoff: Backoff{Factor: 1}}, "Backoff.Factor is 1" + nothingDelayed + "Factor"},

		{"jitter just over 1", second(Backoff{Jitter: math.Nextafter(1, 2)}),
			"Backoff.Jitter is 1.0000000000000002" + wantJitter},
		{"jitter just under 0", second(Backoff{Jitter: -math.SmallestNonzeroFloat64}), "Backoff.Jitter is -5e-324" + wantJitter},
		{"infinite jitter", second(Backoff{Jitter: math.Inf(1)}), "Backoff.Jitter is +Inf" + wantJitter},
		{"infinite jitter below 0", second(Backoff{Jitter: math.Inf(-1)}), "Backoff.Jitter is -Inf" + wantJitter},
		{"jitter in percent", second(Backoff{Jitter: 50}), "Backoff.Jitter is 50" + wantJitter},
		{"no number for jitter, without Min", Config{Backoff: Backoff{Jitter: math.NaN()}}, "Backoff.Jitter is NaN" + wantJitter},
		{"all jitter without Min", Config{Backoff: Backoff{Jitter: 1}}, "Backoff.Jitter is 1" + nothingDelayed + "Jitter"},

		{"the fewest failures", second(Backoff{After: math.MinInt}), fmt.Sprint("Backoff.After is ", math.MinInt, wantAfter)},
		{"fewer failures than none, without Min", Config{Backoff: Backoff{After: -1}}, "Backoff.After is -1" + wantAfter},
		{"the most failures without Min", Config{Backoff: Backoff{After: math.MaxInt}},
			fmt.Sprint("Backoff.After is ", math.MaxInt, nothingDelayed, "After")},
	} {
		t.Run(tt.name, func(t *testing.T) { wantConfigErrors(t, tt.config, tt.want) })
	}
}

// Each bad field has a line of its own, in the order of the fields, and is an ErrConfig by itself.
func TestValidateHasALineForEachOfSeveralBadFields(t *testing.T) {
	for _, tt := range []struct {
		name   string
		config Config
		want   []string
	}{
		{"both enumerations", Config{Strategy: 4, AutoShutdown: 5},
			[]string{"Strategy is Strategy(4)" + wantStrategy, "AutoShutdown is AutoShutdown(5)" + wantAutoShutdown}},
		{"both of the limit", Config{MaxRestarts: -5, Within: -5},
			[]string{"MaxRestarts is -5" + wantMaxRestarts, "Within is -5ns" + wantWithin}},
		{"Max less than Min, both negative", Config{Backoff: Backoff{Min: -1, Max: -2}},
			[]string{"Backoff.Min is -1ns" + wantMin, "Backoff.Max is -2ns" + wantMax}},
		{"no numbers", Config{Backoff: Backoff{Min: 1, Factor: math.NaN(), Jitter: math.NaN()}},
			[]string{"Backoff.Factor is NaN" + wantFactor, "Backoff.Jitter is NaN" + wantJitter}},
		{"all of a backoff but its Min", Config{Backoff: Backoff{Max: 1, Factor: 1, Jitter: 1, After: 1}}, []string{
			"Backoff.Max is 1ns" + nothingDelayed + "Max", "Backoff.Factor is 1" + nothingDelayed + "Factor",
			"Backoff.Jitter is 1" + nothingDelayed + "Jitter", "Backoff.After is 1" + nothingDelayed + "After"}},
		{"what is out of range beside what lacks a Min", Config{Backoff: Backoff{Max: 1, Factor: -1, Jitter: 2, After: 1}}, []string{
			"Backoff.Max is 1ns" + nothingDelayed + "Max", "Backoff.Factor is -1" + wantFactor,
			"Backoff.Jitter is 2" + wantJitter, "Backoff.After is 1" + nothingDelayed + "After"}},
		{"the first and the last field", Config{Strategy: 3, Backoff: Backoff{Min: 2, Max: 1}, AutoShutdown: 3}, []string{
			"Strategy is Strategy(3)" + wantStrategy,
			"Backoff.Max is 1ns, less than Backoff.Min: want 0 (default 1h0m0s) or at least 2ns",
			"AutoShutdown is AutoShutdown(3)" + wantAutoShutdown}},
	} {
		t.Run(tt.name, func(t *testing.T) { wantConfigErrors(t, tt.config, tt.want...) })
	}
}

func wantConfigErrors(t *testing.T, c Config, want ...string) {
	t.Helper()
	err := c.Validate()
	if !errors.Is(err, ErrConfig) {
		t.Fatalf("error %v is not ErrConfig", err)
	}
	for i := range want {
		want[i] = "supervisor: Config." + want[i]
	}
	if got := err.Error(); got != strings.Join(want, "\n") {
		t.Errorf("got  %s\nwant %s", got, strings.Join(want, "\n"))
	}
	if again := c.Validate(); again.Error() != err.Error() {
		t.Errorf("asked again: %v, before: %v", again, err)
	}
	if c.IsZero() {
		t.Error("it is taken for the zero Config")
	}
	if ErrConfig.Error() != "supervisor: invalid Config" {
		t.Errorf("ErrConfig says %v", ErrConfig)
	}
}

// A zero with a sign is zero: it comes out of arithmetic, and nobody sees that it has one.
func TestNegativeZeroIsZero(t *testing.T) {
	zero := math.Copysign(0, -1)
	c := Config{Backoff: Backoff{Factor: zero, Jitter: zero}}
	if err := c.Validate(); err != nil || !c.IsZero() {
		t.Errorf("error %v, IsZero %v, want what there is for the zero Config", err, c.IsZero())
	}
	c.Backoff.Min = time.Second
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	var h History
	var r Record
	for i, want := range []time.Duration{time.Second, 2 * time.Second} {
		if got := c.Failed(&h, &r, Permanent, errTest, at(0), nil); got != (Decision{Delay: want}) {
			t.Errorf("failure %d: %+v, want a restart after %v", i+1, got, want)
		}
	}
}
