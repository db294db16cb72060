package runtime

import (
	"fmt"
	"slices"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/troupe-go/troupe/supervisor"
)

// This file is what a family does, on its lane, when a child has failed or ended: what supervisor.Config decides.

// childFailed carries out what the supervisor's config decides. A child that failed to begin has no behaviour to be
// resumed with, and is stopped then; so is one, during a drain, whose failure should escalate: all are about to stop.
func (f *family) childFailed(e event) {
	child, cause := e.child, e.err
	if !child.awaitsVerdict() {
		return // it has been stopped meanwhile, and that is final
	}
	child.look().failures++
	d, err := f.decide(child, cause)
	if d.Directive == supervisor.Resume && e.kind == childBegun || d.Directive >= supervisor.Escalate && f.draining() {
		d.Directive = supervisor.Stop
	}
	entry := f.log().WithFields(logrus.Fields{"actor": child.path(), "cause": cause, "restarts": child.stats().Restarts})
	switch d.Directive {
	case supervisor.Resume:
		entry.Warn("actor failed: resumed")
		child.order(func() { child.rareLocked().verdict = resume })
	case supervisor.Stop:
		entry.Error("actor failed: stopped")
		child.endTenure(cause)
		child.stop(stopNow, cause, true)
	case supervisor.Restart:
		entry.WithField("delay", d.Delay).Warn("actor failed: restarting")
		child.endTenure(cause)
		f.restart(child, d.Delay)
	default:
		entry.Error("actor failed: escalated to its supervisor")
		f.escalate(err)
	}
}

// decide asks the config. The error says why a failure escalates. A Decide that fails escalates, and so
// does one whose answer is none of the directives.
func (f *family) decide(child *node, cause error) (supervisor.Decision, error) {
	cfg := f.cfg
	if cfg.Decide != nil {
		var directive supervisor.Directive
		if err := child.sys().apart(func() { directive = f.cfg.Decide(cause) }); err != nil {
			return supervisor.Decision{Directive: supervisor.Escalate},
				fmt.Errorf("runtime: Decide failed over the failure of %s: %w: %w", child.path(), err, cause)
		}
		if directive > supervisor.Escalate {
			return supervisor.Decision{Directive: supervisor.Escalate},
				fmt.Errorf("runtime: Decide returned %v over the failure of %s: want Restart, Resume, Stop or Escalate: %w",
					directive, child.path(), cause)
		}
		cfg.Decide = func(error) supervisor.Directive { return directive }
	}
	d := cfg.Failed(&f.history, child.record(), child.look().restart, cause, time.Now(), f.sys.dispatch.float64)
	if d.Exceeded {
		return d, fmt.Errorf("runtime: %s failed, and there were too many restarts: %w", child.path(), cause)
	}
	return d, fmt.Errorf("runtime: %s failed: %w", child.path(), cause)
}

// restart begins the restart of child, and of those that its strategy takes along. While all drain it takes nobody
// along, because those who have stopped already could not come along.
func (f *family) restart(child *node, delay time.Duration) {
	switch {
	case f.cfg.Strategy != supervisor.OneForOne && !f.draining():
		all := f.list()
		from, to := f.cfg.Strategy.Affected(slices.Index(all, child), len(all))
		f.begin(&operation{members: all[from:to], delay: delay})
	case delay == 0:
		child.order(func() { child.rareLocked().verdict = restart })
	default:
		after := child.look().failures
		f.sys.dispatch.afterFunc(delay, func() { f.post(event{kind: delayOver, child: child, after: after}) })
	}
}

// draining reports whether all children are being stopped, each after what is queued.
func (f *family) draining() bool { return f.op != nil && f.op.mode == stopSoft }

// escalate stops all children and fails the supervisor itself.
func (f *family) escalate(err error) {
	f.raise(err)
	f.begin(&operation{mode: stopNow, open: true})
}

func (f *family) childEnded(e event) {
	if !e.self || !e.child.look().significant {
		return
	}
	left := 0
	for _, n := range f.list() {
		if n.look().significant {
			left++
		}
	}
	if f.cfg.AutoShutdown.Ends(true, left) {
		f.log().WithField("actor", e.child.path()).Info("a significant child ended: its supervisor stops")
		f.endSelf()
	}
}
