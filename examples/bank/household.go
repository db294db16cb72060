package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/troupe-go/troupe/patterns/event"
	"github.com/troupe-go/troupe/runtime"
)

// portion is what a spender takes at a time.
const portion = 10

// A jar is the household's account.
type jar struct {
	coins    int
	money    *event.Event // is set when there may be enough
	refused  int
	emptied  bool // no more money will come
	paid, in int
}

// errEmpty is the answer to a spender when no more money will come.
var errEmpty = errors.New("the jar is empty, and the savers have gone")

// A deed is what somebody does to the jar.
type deed interface{ do(j *jar) error }

type save struct{ coins int }

func (m save) do(j *jar) error {
	j.coins += m.coins
	j.in += m.coins
	return j.money.Set()
}

// noMore says that all savers have gone. Spenders must not wait any more.
type noMore struct{}

func (noMore) do(j *jar) error {
	j.emptied = true
	return j.money.Set()
}

// spend is answered with what the spender got: nothing, if he has to wait.
type spend struct{ runtime.Reply[int] }

func (m spend) do(j *jar) error {
	switch {
	case j.coins >= portion:
		j.coins -= portion
		j.paid += portion
		m.Send(portion)
	case j.emptied:
		m.Fail(errEmpty)
	default:
		j.refused++
		// Before the answer: money that comes in from now on sets it again.
		err := j.money.Clear()
		m.Send(0)
		return err
	}
	return nil
}

// count is answered with the jar as it is.
type count struct{ runtime.Reply[jar] }

func (m count) do(j *jar) error {
	m.Send(*j)
	return nil
}

// household has savers and spenders share a jar.
func (o options) household(ctx context.Context, p runtime.Parent, w io.Writer) error {
	money, err := event.New(p, event.Config{Name: "money"})
	if err != nil {
		return err
	}
	j := &jar{money: money}
	ref, err := runtime.SpawnFunc(p, "jar", func(_ *runtime.Context[deed], d deed) error { return d.do(j) })
	if err != nil {
		return err
	}
	failures := make(chan error, o.savers+o.spenders+1)
	var savers, spenders sync.WaitGroup
	refused := make(chan struct{}, o.spenders)
	for range o.spenders {
		spenders.Go(func() {
			failures <- spendAll(ctx, ref, money, func() {
				select {
				case refused <- struct{}{}:
				default:
				}
			})
		})
	}
	for range o.spenders { // the spenders are early: the jar is empty still
		<-refused
	}
	for range o.savers {
		savers.Go(func() {
			for range o.coins {
				if err := ref.Tell(ctx, save{1}); err != nil {
					failures <- err
					return
				}
			}
		})
	}
	savers.Wait()
	failures <- ref.Tell(ctx, noMore{})
	spenders.Wait()
	close(failures)
	for failure := range failures {
		err = errors.Join(err, failure)
	}
	if err != nil {
		return err
	}
	end, err := runtime.Ask(ctx, ref, func(r runtime.Reply[jar]) deed { return count{r} })
	if err != nil {
		return err
	}
	if end.in != o.savers*o.coins || end.in != end.paid+end.coins {
		return fmt.Errorf("%d coins were saved, %d spent and %d are left: want %d saved, and none lost", end.in, end.paid, end.coins, o.savers*o.coins)
	}
	fmt.Fprintf(w, "The jar: %d savers put in %d coins; %d spenders took out %d, %d at a time.\n",
		o.savers, end.in, o.spenders, end.paid, portion)
	fmt.Fprintf(w, "         They found too little %d times, and waited on the Event. %d coins are left: %d = %d + %d.\n",
		end.refused, end.coins, end.in, end.paid, end.coins)
	return nil
}

// spendAll is a spender. He comes back until there is nothing more to come, and calls refused each time that he must wait.
func spendAll(ctx context.Context, ref runtime.Ref[deed], money *event.Event, refused func()) error {
	for {
		got, err := runtime.Ask(ctx, ref, func(r runtime.Reply[int]) deed { return spend{r} })
		switch {
		case errors.Is(err, errEmpty):
			return nil
		case err != nil:
			return err
		case got == 0:
			refused()
			if err := money.Wait(ctx); err != nil {
				return err
			}
		}
	}
}
