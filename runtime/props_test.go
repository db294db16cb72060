package runtime_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

func level(int) int              { return 0 }
func less(a, b int) bool         { return a < b }
func newNil() runtime.Actor[int] { return nil }

func TestSpawnRefusesBadPropsAndSaysWhatIsWrong(t *testing.T) {
	const invalid, mail, children = "runtime: invalid config: ",
		"Props.Mailbox: mailbox: invalid config: ", "Props.Children: supervisor: Config."
	system := newSystem(t)
	for _, test := range []struct {
		change func(*runtime.Props[int])
		want   string
	}{
		{func(p *runtime.Props[int]) { p.New = nil }, "Props.New is nil: want a function that returns an Actor"},
		{func(p *runtime.Props[int]) { p.New = newNil },
			"Props.New is a function that returned nil: want one that returns an Actor"},
		{func(p *runtime.Props[int]) { p.Name = "a/b" }, `Props.Name is "a/b": want a name without '/'`},
		{func(p *runtime.Props[int]) { p.Name = "/" }, `Props.Name is "/": want a name without '/'`},
		{func(p *runtime.Props[int]) { p.Name = "a/" }, `Props.Name is "a/": want a name without '/'`},
		{func(p *runtime.Props[int]) { p.Restart = 3 }, "Props.Restart is 3: want Permanent, Transient or Temporary"},
		{func(p *runtime.Props[int]) { p.Redeliver = -1 }, "Props.Redeliver is -1: want 0 (never) or more"},
		{func(p *runtime.Props[int]) { p.Redeliver = math.MinInt32 },
			"Props.Redeliver is -2147483648: want 0 (never) or more"},
		{func(p *runtime.Props[int]) { p.StopTimeout = -time.Second }, "Props.StopTimeout is -1s: want 0 (5s) or more"},

		{func(p *runtime.Props[int]) { p.Mailbox.Capacity = -7 },
			mail + "Capacity is -7: want 0 (default 1024), Unbounded (-1) or more than 0"},
		{func(p *runtime.Props[int]) { p.Mailbox.Order = 3 }, mail + "Order is 3: want FIFO, LIFO or Priority"},
		{func(p *runtime.Props[int]) { p.Mailbox.Overflow = 5 },
			mail + "Overflow is 5: want Block, Reject, DropNewest, DropOldest or DropLast"},
		{func(p *runtime.Props[int]) { p.Mailbox.Levels = -1 }, mail + "Levels is -1: want 1 to 4096, or 0 with Less"},
		{func(p *runtime.Props[int]) { p.Mailbox.Levels = 4097 }, mail + "Levels is 4097: want 1 to 4096, or 0 with Less"},
		{func(p *runtime.Props[int]) { p.Mailbox.Less = less },
			mail + "Less is set: want nil for Order FIFO, or Order Priority"},
		{func(p *runtime.Props[int]) { p.Mailbox.Levels = 2 },
			mail + "Levels is 2: want 0 for Order FIFO, or Order Priority"},
		{func(p *runtime.Props[int]) { p.Mailbox.Order, p.Mailbox.Level = mailbox.LIFO, level },
			mail + "Level is set: want nil for Order LIFO, or Order Priority"},
		{func(p *runtime.Props[int]) { p.Mailbox.Order = mailbox.Priority },
			mail + "Less is nil: want Less, or Levels with Level, for Order Priority"},
		{func(p *runtime.Props[int]) { p.Mailbox.Order, p.Mailbox.Levels = mailbox.Priority, 2 },
			mail + "Level is nil: want a function beside Levels"},
		{func(p *runtime.Props[int]) { p.Mailbox.Order, p.Mailbox.Level = mailbox.Priority, level },
			mail + "Levels is 0: want 1 to 4096 beside Level"},
		{func(p *runtime.Props[int]) {
			p.Mailbox = mailbox.Config[int]{Order: mailbox.Priority, Less: less, Levels: 2, Level: level}
		}, mail + "Less is set beside Levels or Level: want one of the two"},

		{func(p *runtime.Props[int]) { p.Children.Strategy = 3 },
			children + "Strategy is Strategy(3): want OneForOne, AllForOne or RestForOne"},
		{func(p *runtime.Props[int]) { p.Children.MaxRestarts = -3 },
			children + "MaxRestarts is -3: want 0 (default 3), NoRestarts (-1), Unlimited (-2) or more than 0"},
		{func(p *runtime.Props[int]) { p.Children.Within = -1 }, children + "Within is -1ns: want 0 (default 5s) or more"},
		{func(p *runtime.Props[int]) { p.Children.AutoShutdown = 3 },
			children + "AutoShutdown is AutoShutdown(3): want Never, AnySignificant or AllSignificant"},
		{func(p *runtime.Props[int]) { p.Children.Backoff.Min = -1 },
			children + "Backoff.Min is -1ns: want 0 (no delay) or more"},
		{func(p *runtime.Props[int]) { p.Children.Backoff = supervisor.Backoff{Min: 1, Jitter: 2} },
			children + "Backoff.Jitter is 2: want a number from 0 to 1"},
	} {
		props := runtime.Props[int]{Name: "same", New: always(func(*runtime.Context[int], int) error { return nil })}
		test.change(&props)
		ref, err := runtime.Spawn(system, props)
		if !errors.Is(err, runtime.ErrConfig) || err.Error() != invalid+test.want {
			t.Errorf("got  %v\nwant %s%s", err, invalid, test.want)
		}
		if ref != (runtime.Ref[int]{}) {
			t.Errorf("%s: the ref is %v, want the zero Ref", test.want, ref)
		}
		if strings.HasPrefix(test.want, mail) && !errors.Is(err, mailbox.ErrConfig) ||
			strings.HasPrefix(test.want, children) && !errors.Is(err, supervisor.ErrConfig) {
			t.Errorf("%v: want it to wrap the other package's ErrConfig too", err)
		}
	}
	if actors := system.Stats().Actors; actors != 0 {
		t.Errorf("%d actors live, want none", actors)
	}
	spawn(t, system, runtime.Props[int]{Name: "same", New: always(func(*runtime.Context[int], int) error { return nil })})
}

func TestSpawnWithoutAParentOrFunction(t *testing.T) {
	system := newSystem(t)
	handle := func(*runtime.Context[int], int) error { return nil }
	for name, p := range map[string]runtime.Parent{
		"nil": nil, "nil *System": (*runtime.System)(nil), "nil *Context": (*runtime.Context[int])(nil),
		"zero Context": &runtime.Context[int]{},
	} {
		_, err := runtime.SpawnFunc(p, "a", handle)
		const want = "runtime: invalid config: the Parent of Spawn is nil or zero: want " +
			"a *System from New or a handler's *Context"
		if !errors.Is(err, runtime.ErrConfig) || err.Error() != want {
			t.Errorf("%s: %v\nwant %s", name, err, want)
		}
	}
	_, err := runtime.SpawnFunc[int](system, "a", nil)
	const want = "runtime: invalid config: the function of SpawnFunc is nil: want a function"
	if !errors.Is(err, runtime.ErrConfig) || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestNewRefusesABadConfig(t *testing.T) {
	for _, test := range []struct {
		config runtime.Config
		want   string
	}{
		{runtime.Config{Name: "a/b"}, `Config.Name is "a/b": want a name without '/'`},
		{runtime.Config{Children: supervisor.Config{Within: -1}},
			"Config.Children: supervisor: Config.Within is -1ns: want 0 (default 5s) or more"},
	} {
		system, err := runtime.New(test.config)
		if system != nil || !errors.Is(err, runtime.ErrConfig) || err.Error() != "runtime: invalid config: "+test.want {
			t.Errorf("got  %v\nwant runtime: invalid config: %s", err, test.want)
		}
	}
}

// The end of the range: every value here is good.
func TestSpawnAcceptsWhatIsDocumented(t *testing.T) {
	system := newSystem(t)
	for name, change := range map[string]func(*runtime.Props[int]){
		"spaces and dots":   func(p *runtime.Props[int]) { p.Name = " .. " },
		"a number's name":   func(p *runtime.Props[int]) { p.Name = "1" },
		"unbounded":         func(p *runtime.Props[int]) { p.Mailbox.Capacity = mailbox.Unbounded },
		"one":               func(p *runtime.Props[int]) { p.Mailbox.Capacity = 1 },
		"temporary":         func(p *runtime.Props[int]) { p.Restart = supervisor.Temporary },
		"many redeliveries": func(p *runtime.Props[int]) { p.Redeliver = math.MaxInt },
		"long patience":     func(p *runtime.Props[int]) { p.StopTimeout = math.MaxInt64 },
	} {
		props := runtime.Props[int]{New: always(func(*runtime.Context[int], int) error { return nil })}
		change(&props)
		ref, err := runtime.Spawn(system, props)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		tell(t, ref, 1)
	}
}
