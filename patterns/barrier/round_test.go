package barrier

import (
	"context"
	"io"
	"testing"
	"testing/synctest"

	"github.com/sirupsen/logrus"

	"github.com/troupe-go/troupe/runtime"
)

// What has passed or ended leaves no trace, however long the barrier lives: a party goes with its round, a holder with its end.
func TestRoundForgetsPartiesAndHolders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logger := logrus.New()
		logger.SetOutput(io.Discard)
		system, err := runtime.New(runtime.Config{Logger: logger})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = system.Shutdown(context.Background()) }()
		c := Config{Parties: 2}
		r := newRound(c)
		b, err := spawn(system, c, r)
		if err != nil {
			t.Fatal(err)
		}
		for range 10 {
			party, err := runtime.SpawnFunc(system, "", func(ctx *runtime.Context[bool], _ bool) error {
				_, err := b.Wait(ctx)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				if err := party.Tell(t.Context(), true); err != nil {
					t.Fatal(err)
				}
				if _, err := b.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			synctest.Wait()
			if len(r.watched) != 1 || len(r.seats) != 0 {
				t.Errorf("%d holders and %d parties are known, want the one that lives, and none", len(r.watched), len(r.seats))
			}
			for _, s := range r.seats[:cap(r.seats)] {
				if s.party != nil {
					t.Errorf("%+v is kept alive", s.party)
				}
			}
			party.Stop()
			synctest.Wait()
			if len(r.watched) != 0 {
				t.Errorf("%d holders are known, want none", len(r.watched))
			}
		}
	})
}
