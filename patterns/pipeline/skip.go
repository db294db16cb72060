package pipeline

import (
	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// A skipped is an actor that fails with every message, for the reason that comes beside it. That is how an item itself
// becomes a dead letter of the system with a reason of its own: the stage's messages are chunks.
type skipped[A any] struct {
	ref     runtime.Ref[A]
	reasons *mailbox.Mailbox[error]
}

// skip makes v a dead letter.
func (s *stage[A, B]) skip(ctx *runtime.Context[message[A, B]], v A, reason error) {
	if s.skipped.reasons == nil {
		reasons, err := mailbox.New(mailbox.Config[error]{Capacity: mailbox.Unbounded}) // the items' mailbox has a bound
		if err != nil {
			panic(err) // the config is ours
		}
		ref, err := runtime.SpawnFunc(ctx, "skipped", func(*runtime.Context[A], A) error {
			reason, _ := reasons.TryGet()
			return reason
		})
		if err != nil {
			s.gone++ // the stage stops: there is nobody any more to publish it
			return
		}
		s.skipped = skipped[A]{ref, reasons}
	}
	_ = s.skipped.reasons.TryPut(reason)
	if s.skipped.ref.Tell(ctx, v) != nil { // likewise
		s.gone++
		return
	}
	s.stats.Skipped++
}

// stop ends the run with the failure of this stage.
func (s *stage[A, B]) stop(reason *StageError) {
	s.over = true
	s.common.fail(reason)
}
