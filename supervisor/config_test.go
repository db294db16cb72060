package supervisor

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestValidateAcceptsEveryDocumentedValue(t *testing.T) {
	for name, c := range map[string]Config{
		"zero":             {},
		"no restarts":      {MaxRestarts: NoRestarts},
		"unlimited":        {MaxRestarts: Unlimited},
		"one restart":      {MaxRestarts: 1, Within: 1},
		"largest":          {MaxRestarts: math.MaxInt, Within: math.MaxInt64},
		"last enums":       {Strategy: RestForOne, AutoShutdown: AllSignificant},
		"middle enums":     {Strategy: AllForOne, AutoShutdown: AnySignificant},
		"min alone":        {Backoff: Backoff{Min: 1}},
		"max equals min":   {Backoff: Backoff{Min: time.Second, Max: time.Second}},
		"constant":         {Backoff: Backoff{Min: time.Second, Factor: 1}},
		"steepest":         {Backoff: Backoff{Min: 1, Factor: math.MaxFloat64}},
		"all of it random": {Backoff: Backoff{Min: 1, Jitter: 1}},
		"all of backoff":   {Backoff: Backoff{Min: 1, Max: 2, Factor: 1.5, Jitter: 0.5, After: math.MaxInt}},
	} {
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestValidateNamesTheFieldWhatWasFoundAndWhatIsAccepted(t *testing.T) {
	second := Backoff{Min: time.Second}
	with := func(change func(*Backoff)) Config {
		b := second
		change(&b)
		return Config{Backoff: b}
	}
	for _, tt := range []struct {
		config Config
		want   string
	}{
		{Config{Strategy: 3}, "Strategy is Strategy(3): want OneForOne, AllForOne or RestForOne"},
		{Config{MaxRestarts: -7}, "MaxRestarts is -7: want 0 (default 3), NoRestarts (-1), Unlimited (-2) or more than 0"},
		{Config{Within: -time.Second}, "Within is -1s: want 0 (default 5s) or more"},
		{Config{AutoShutdown: 9}, "AutoShutdown is AutoShutdown(9): want Never, AnySignificant or AllSignificant"},

		{Config{Backoff: Backoff{Min: -1}}, "Backoff.Min is -1ns: want 0 (no delay) or more"},
		{with(func(b *Backoff) { b.Max = -1 }), "Backoff.Max is -1ns: want 0 (default 1h0m0s) or more"},
		{with(func(b *Backoff) { b.Max = 1 }),
			"Backoff.Max is 1ns, less than Backoff.Min: want 0 (default 1h0m0s) or at least 1s"},
		{with(func(b *Backoff) { b.Factor = 0.5 }), "Backoff.Factor is 0.5: want 0 (default 2) or a finite number from 1 on"},
		{with(func(b *Backoff) { b.Factor = -2 }), "Backoff.Factor is -2: want 0 (default 2) or a finite number from 1 on"},
		{with(func(b *Backoff) { b.Factor = math.NaN() }),
			"Backoff.Factor is NaN: want 0 (default 2) or a finite number from 1 on"},
		{with(func(b *Backoff) { b.Factor = math.Inf(1) }),
			"Backoff.Factor is +Inf: want 0 (default 2) or a finite number from 1 on"},
		{with(func(b *Backoff) { b.Factor = math.Inf(-1) }),
			"Backoff.Factor is -Inf: want 0 (default 2) or a finite number from 1 on"},
		{with(func(b *Backoff) { b.Jitter = -0.1 }), "Backoff.Jitter is -0.1: want a number from 0 to 1"},
		{with(func(b *Backoff) { b.Jitter = 1.5 }), "Backoff.Jitter is 1.5: want a number from 0 to 1"},
		{with(func(b *Backoff) { b.Jitter = math.NaN() }), "Backoff.Jitter is NaN: want a number from 0 to 1"},
		{with(func(b *Backoff) { b.After = -1 }), "Backoff.After is -1: want 0 (none) or more"},

		{Config{Backoff: Backoff{Max: time.Second}},
			"Backoff.Max is 1s, but Backoff.Min is 0, so that nothing is delayed: want a Min, or no Max"},
		{Config{Backoff: Backoff{Factor: 2}},
			"Backoff.Factor is 2, but Backoff.Min is 0, so that nothing is delayed: want a Min, or no Factor"},
		{Config{Backoff: Backoff{Jitter: 0.5}},
			"Backoff.Jitter is 0.5, but Backoff.Min is 0, so that nothing is delayed: want a Min, or no Jitter"},
		{Config{Backoff: Backoff{After: 3}},
			"Backoff.After is 3, but Backoff.Min is 0, so that nothing is delayed: want a Min, or no After"},
	} {
		err := tt.config.Validate()
		if !errors.Is(err, ErrConfig) {
			t.Errorf("%+v: error %v is not ErrConfig", tt.config, err)
			continue
		}
		if want := "supervisor: Config." + tt.want; err.Error() != want {
			t.Errorf("got  %s\nwant %s", err, want)
		}
	}
}

func TestValidateNamesAllBadFieldsAtOnce(t *testing.T) {
	err := Config{
		Strategy:     3,
		MaxRestarts:  -3,
		Within:       -1,
		Backoff:      Backoff{Min: -1, Max: -1, Factor: -1, Jitter: -1, After: -1},
		AutoShutdown: 3,
	}.Validate()
	if !errors.Is(err, ErrConfig) {
		t.Fatalf("error %v is not ErrConfig", err)
	}
	lines := strings.Split(err.Error(), "\n")
	fields := []string{
		"Strategy", "MaxRestarts", "Within",
		"Backoff.Min", "Backoff.Max", "Backoff.Factor", "Backoff.Jitter", "Backoff.After",
		"AutoShutdown",
	}
	if len(lines) != len(fields) {
		t.Fatalf("%d lines, want %d:\n%v", len(lines), len(fields), err)
	}
	for i, field := range fields {
		if !strings.HasPrefix(lines[i], "supervisor: Config."+field+" is ") {
			t.Errorf("line %d does not name %s: %s", i, field, lines[i])
		}
	}
}

func TestEnumsNameTheirValuesAndNumberTheRest(t *testing.T) {
	for _, tt := range []struct {
		got, want string
	}{
		{OneForOne.String(), "OneForOne"},
		{AllForOne.String(), "AllForOne"},
		{RestForOne.String(), "RestForOne"},
		{Strategy(3).String(), "Strategy(3)"},
		{Restart.String(), "Restart"},
		{Resume.String(), "Resume"},
		{Stop.String(), "Stop"},
		{Escalate.String(), "Escalate"},
		{Directive(255).String(), "Directive(255)"},
		{Permanent.String(), "Permanent"},
		{Transient.String(), "Transient"},
		{Temporary.String(), "Temporary"},
		{RestartType(3).String(), "RestartType(3)"},
		{Never.String(), "Never"},
		{AnySignificant.String(), "AnySignificant"},
		{AllSignificant.String(), "AllSignificant"},
		{AutoShutdown(3).String(), "AutoShutdown(3)"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %s, want %s", tt.got, tt.want)
		}
	}
}

func TestZeroValuesAreTheDocumentedOnes(t *testing.T) {
	var (
		c Config
		d Directive
		r RestartType
	)
	if c.Strategy != OneForOne || c.AutoShutdown != Never || d != Restart || r != Permanent {
		t.Errorf("got %v, %v, %v, %v; want OneForOne, Never, Restart, Permanent", c.Strategy, c.AutoShutdown, d, r)
	}
}

func TestIsZeroLooksAtEveryField(t *testing.T) {
	if !(Config{}).IsZero() {
		t.Error("the zero Config is not zero")
	}
	for i := range reflect.TypeFor[Config]().NumField() {
		var c Config
		f := reflect.ValueOf(&c).Elem().Field(i)
		switch f.Kind() {
		case reflect.Func:
			c.Decide = func(error) Directive { return Stop }
		case reflect.Struct:
			f.Field(0).SetInt(1)
		default:
			f.Set(reflect.ValueOf(1).Convert(f.Type()))
		}
		if c.IsZero() {
			t.Errorf("IsZero overlooks %s", reflect.TypeFor[Config]().Field(i).Name)
		}
	}
}
