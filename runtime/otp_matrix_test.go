package runtime_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// The matrix of OTP's suite: what becomes of a child of each restart type at each kind of end. Where OTP would restart a
// permanent child that has ended normally, or was shut down, here a stop is final (ADR 2): whoever wants it back uses Again.
func TestOTPMatrixOfRestartTypesAndEnds(t *testing.T) {
	for _, c := range []struct {
		how       supervisor.RestartType
		end       string
		restarted bool
		cause     string // of the end
	}{
		{supervisor.Permanent, "normal", false, ""},
		{supervisor.Permanent, "shutdown", false, ""},
		{supervisor.Permanent, "abnormal", true, ""},
		{supervisor.Transient, "normal", false, ""},
		{supervisor.Transient, "shutdown", false, ""},
		{supervisor.Transient, "abnormal", true, ""},
		{supervisor.Temporary, "normal", false, ""},
		{supervisor.Temporary, "shutdown", false, ""},
		{supervisor.Temporary, "abnormal", false, "as told"},
	} {
		t.Run(fmt.Sprint(c.how, " ", c.end), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system, j := newSystem(t), &journal{}
				a := spawn(t, system, runtime.Props[string]{Name: "a", Restart: c.how,
					New: func() runtime.Actor[string] { return &ending{noting{"a", j}} }})
				spawnHooked(t, system, j, "b", supervisor.Permanent)
				switch c.end {
				case "normal":
					tell(t, a, "end")
				case "shutdown":
					runtime.Children(system)[0].Stop()
				case "abnormal":
					tell(t, a, "fail")
				}
				synctest.Wait()
				all := runtime.Children(system)
				if c.restarted != (len(all) == 2) || c.restarted != (a.Stats().Restarts == 1) {
					t.Errorf("children %v, stats %+v: want restarted %v", all, a.Stats(), c.restarted)
				}
				if err := a.Err(); c.cause == "" && err != nil || c.cause != "" && (err == nil || err.Error() != c.cause) {
					t.Errorf("it ended with %v, want %q", err, c.cause)
				}
				if b := all[len(all)-1]; b.Name() != "b" || b.State() != runtime.ChildRunning || b.Stats().Restarts != 0 {
					t.Errorf("the sibling is %v, %v", b, b.State())
				}
			})
		})
	}
}

// ending stops itself when it is told to end.
type ending struct{ noting }

func (a *ending) Receive(ctx *runtime.Context[string], m string) error {
	if m == "end" {
		ctx.Stop()
		return nil
	}
	return a.noting.Receive(ctx, m)
}
