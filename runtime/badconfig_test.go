package runtime_test

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// A ghost is a Scheduler that is only ever a nil pointer.
type ghost struct{ runtime.Scheduler }

func TestNewSaysWhatIsWrongWithAConfig(t *testing.T) {
	const (
		noSlash  = ": want a name without '/'"
		children = "Config.Children: supervisor: Config."
		noLogger = ": want a logger, or nil for the standard one"
	)
	for _, tt := range []struct {
		name   string
		config runtime.Config
		want   string
	}{
		{"a slash", runtime.Config{Name: "/"}, `Config.Name is "/"` + noSlash},
		{"a slash at the end", runtime.Config{Name: "shop/"}, `Config.Name is "shop/"` + noSlash},
		{"a slash in front", runtime.Config{Name: "/shop"}, `Config.Name is "/shop"` + noSlash},
		{"a path", runtime.Config{Name: "a/b/c"}, `Config.Name is "a/b/c"` + noSlash},
		{"a slash after what does not print", runtime.Config{Name: "\n\xff/"}, `Config.Name is "\n\xff/"` + noSlash},
		{"a nil logger", runtime.Config{Logger: (*logrus.Logger)(nil)}, "Config.Logger is a nil *logrus.Logger" + noLogger},
		{"a nil entry", runtime.Config{Logger: (*logrus.Entry)(nil)}, "Config.Logger is a nil *logrus.Entry" + noLogger},
		{"a nil scheduler", runtime.Config{Scheduler: (*ghost)(nil)},
			"Config.Scheduler is a nil *runtime_test.ghost: want a Scheduler, or nil for Go's"},
		{"an unknown strategy", runtime.Config{Children: supervisor.Config{Strategy: 3}},
			children + "Strategy is Strategy(3): want OneForOne, AllForOne or RestForOne"},
		{"fewer restarts than unlimited", runtime.Config{Children: supervisor.Config{MaxRestarts: -3}},
			children + "MaxRestarts is -3: want 0 (default 3), NoRestarts (-1), Unlimited (-2) or more than 0"},
		{"a negative time", runtime.Config{Children: supervisor.Config{Within: -time.Second}},
			children + "Within is -1s: want 0 (default 5s) or more"},
		{"an unknown AutoShutdown", runtime.Config{Children: supervisor.Config{AutoShutdown: 3}},
			children + "AutoShutdown is AutoShutdown(3): want Never, AnySignificant or AllSignificant"},
		{"no number", runtime.Config{Children: supervisor.Config{Backoff: supervisor.Backoff{Min: 1, Factor: math.NaN()}}},
			children + "Backoff.Factor is NaN: want 0 (default 2) or a finite number from 1 on"},
		{"the longest delay before the first", runtime.Config{Children: supervisor.Config{Backoff: supervisor.Backoff{Min: 2, Max: 1}}},
			children + "Backoff.Max is 1ns, less than Backoff.Min: want 0 (default 1h0m0s) or at least 2ns"},
		{"too much jitter", runtime.Config{Children: supervisor.Config{Backoff: supervisor.Backoff{Min: 1, Jitter: 1.5}}},
			children + "Backoff.Jitter is 1.5: want a number from 0 to 1"},
		{"several of children", runtime.Config{Children: supervisor.Config{Strategy: 9, Within: -1}},
			children + "Strategy is Strategy(9): want OneForOne, AllForOne or RestForOne\n" +
				"supervisor: Config.Within is -1ns: want 0 (default 5s) or more"},
		{"the name before all else", runtime.Config{Name: "/", Logger: (*logrus.Logger)(nil), Children: supervisor.Config{Within: -1}},
			`Config.Name is "/"` + noSlash},
		{"the logger before children", runtime.Config{Logger: (*logrus.Logger)(nil), Children: supervisor.Config{Within: -1}},
			"Config.Logger is a nil *logrus.Logger" + noLogger},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := runtime.New(tt.config)
			if s != nil {
				t.Error("a system was made")
			}
			wantConfigText(t, err, tt.want)
		})
	}
}

// wantConfigText is wantText for a runtime.ErrConfig, which is another package's too where that has refused.
func wantConfigText(t *testing.T, err error, want string) {
	t.Helper()
	is := []error{runtime.ErrConfig}
	for _, whose := range []error{supervisor.ErrConfig, mailbox.ErrConfig} {
		if errors.Is(err, whose) {
			is = append(is, whose)
		}
	}
	wantText(t, "error", err, invalid+want, is...)
}

// Of several wrong fields the first is named, always the same one, in the order of the fields but for the mailbox, which
// is looked at when everything else is right.
func TestSpawnNamesTheFirstOfSeveralWrongProps(t *testing.T) {
	type props = runtime.Props[int]
	const (
		mail     = "Props.Mailbox: mailbox: invalid config: "
		children = "Props.Children: supervisor: Config."
	)
	good := always(func(*runtime.Context[int], int) error { return nil })
	badMail := mailbox.Config[int]{Capacity: -2}
	badKids := supervisor.Config{Within: -1}
	for _, tt := range []struct {
		name  string
		props props
		want  string
	}{
		{"nothing at all", props{}, "Props.New is nil: want a function that returns an Actor"},
		{"all of it", props{Name: "/", Mailbox: badMail, Children: badKids, Restart: 3, Redeliver: -1, StopTimeout: -1},
			`Props.Name is "/": want a name without '/'`},
		{"all but Name", props{Mailbox: badMail, Children: badKids, Restart: 3, Redeliver: -1, StopTimeout: -1},
			"Props.New is nil: want a function that returns an Actor"},
		{"all but Name and New", props{New: good, Mailbox: badMail, Children: badKids, Restart: 3, Redeliver: -1, StopTimeout: -1},
			"Props.Restart is 3: want Permanent, Transient or Temporary"},
		{"Redeliver and what follows", props{New: good, Mailbox: badMail, Children: badKids, Redeliver: -1, StopTimeout: -1},
			"Props.Redeliver is -1: want 0 (never) or more"},
		{"StopTimeout and what follows", props{New: good, Mailbox: badMail, Children: badKids, StopTimeout: -1},
			"Props.StopTimeout is -1ns: want 0 (5s) or more"},
		{"Children and Mailbox", props{New: good, Mailbox: badMail, Children: badKids},
			children + "Within is -1ns: want 0 (default 5s) or more"},
		{"Mailbox, and a New that returns nil", props{New: newNil, Mailbox: badMail},
			mail + "Capacity is -2: want 0 (default 1024), Unbounded (-1) or more than 0"},
		{"the last restart type", props{New: good, Restart: 255}, "Props.Restart is 255: want Permanent, Transient or Temporary"},
		{"the fewest redeliveries", props{New: good, Redeliver: math.MinInt},
			fmt.Sprint("Props.Redeliver is ", math.MinInt, ": want 0 (never) or more")},
		{"the least patience", props{New: good, StopTimeout: math.MinInt64},
			"Props.StopTimeout is -2562047h47m16.854775808s: want 0 (5s) or more"},
		{"an inline actor with a bad mailbox", props{New: good, Inline: true, Mailbox: mailbox.Config[int]{Overflow: 255}},
			mail + "Overflow is 255: want Block, Reject, DropNewest, DropOldest or DropLast"},
		{"a policy that drops, without an order", props{New: good, Mailbox: mailbox.Config[int]{Overflow: mailbox.DropOldest, Order: 9}},
			mail + "Order is 9: want FIFO, LIFO or Priority"},
		{"the fewest slots", props{New: good, Mailbox: mailbox.Config[int]{Capacity: math.MinInt}},
			fmt.Sprint(mail, "Capacity is ", math.MinInt, ": want 0 (default 1024), Unbounded (-1) or more than 0")},
		{"several of children", props{New: good, Children: supervisor.Config{
			MaxRestarts: -9, Backoff: supervisor.Backoff{Min: 1, Factor: math.Inf(1), Jitter: -1}}},
			children + "MaxRestarts is -9: want 0 (default 3), NoRestarts (-1), Unlimited (-2) or more than 0\n" +
				"supervisor: Config.Backoff.Factor is +Inf: want 0 (default 2) or a finite number from 1 on\n" +
				"supervisor: Config.Backoff.Jitter is -1: want a number from 0 to 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			unharmed(t, runtime.Stats{Sent: 1, Handled: 1}, func(t *testing.T, s *runtime.System, ref runtime.Ref[act]) {
				got, err := runtime.Spawn(s, tt.props)
				if got != (runtime.Ref[int]{}) {
					t.Errorf("a ref was returned: %v", got)
				}
				wantConfigText(t, err, tt.want)
				tell(t, ref, func(ctx *runtime.Context[act]) error { // an actor is refused as the system is
					_, err := runtime.Spawn(ctx, tt.props)
					wantConfigText(t, err, tt.want)
					return nil
				})
			})
		})
	}
}

// Each sentinel is itself and no other, so that one errors.Is decides.
func TestSentinelsAreDistinct(t *testing.T) {
	for i, err := range sentinels {
		for j, other := range sentinels {
			if errors.Is(err, other) != (i == j) {
				t.Errorf("%q is %q: %v", err, other, i != j)
			}
		}
	}
}
