package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/sirupsen/logrus"

	"github.com/troupe-go/troupe/patterns/semaphore"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// sell is the sale with actors.
func (h hall) sell(ctx context.Context) (sale, error) {
	logger := logrus.New()
	logger.SetOutput(io.Discard) // each crash would be logged
	system, err := runtime.New(runtime.Config{Name: "hall", Logger: logger})
	if err != nil {
		return sale{}, err
	}
	defer func() { _ = system.Shutdown(ctx) }()
	office := &office{hall: h}
	ref, err := runtime.SpawnFunc(system, "office", office.receive)
	if err != nil {
		return sale{}, err
	}
	return runtime.Ask(ctx, ref, func(r runtime.Reply[sale]) event { return opening{r} })
}

// An event is what the office hears of.
type event interface {
	apply(ctx *runtime.Context[event], o *office) error
}

// An office lets the buyers in, and counts. It does not sell: a buyer takes a seat by himself.
type office struct {
	hall  hall
	seats *semaphore.Pool
	sale  sale
	asker runtime.Reply[sale]
}

func (o *office) receive(ctx *runtime.Context[event], e event) error {
	if err := e.apply(ctx, o); err != nil {
		o.asker.Fail(err)
		return err
	}
	if o.sale.sold == o.hall.seats {
		o.seats.Stop() // sold out: whoever waits is told
	}
	if o.sale.sold+o.sale.crashed+o.sale.left == o.hall.buyers {
		o.asker.Send(o.sale)
	}
	return nil
}

// An opening is answered when each buyer is either served or gone.
type opening struct{ runtime.Reply[sale] }

func (e opening) apply(ctx *runtime.Context[event], o *office) (err error) {
	o.asker = e.Reply
	if o.seats, err = semaphore.New(ctx, semaphore.Config{Name: "seats", Permits: o.hall.seats}); err != nil {
		return err
	}
	chance := rand.New(rand.NewPCG(o.hall.seed, 0))
	for range o.hall.buyers {
		b := buyer{o.seats, ctx.Self(), chance.Float64() < o.hall.crash}
		ref, err := runtime.Spawn(ctx, runtime.Props[enter]{
			New:     func() runtime.Actor[enter] { return b },
			Restart: supervisor.Temporary, // who has dropped out does not come again
		})
		if err != nil {
			return err
		}
		runtime.Watch(ctx, ref, func(err error) event { return gone{err} })
		if err := ref.TryTell(enter{}); err != nil {
			return err
		}
	}
	return nil
}

// sold is a buyer who has paid. He stays, with his seat.
type sold struct{}

func (sold) apply(_ *runtime.Context[event], o *office) error {
	o.sale.sold++
	return nil
}

// gone is the end of a buyer: with an error if he has dropped out, without if there was no seat for him.
type gone struct{ err error }

func (e gone) apply(_ *runtime.Context[event], o *office) error {
	if e.err != nil {
		o.sale.crashed++
	} else {
		o.sale.left++
	}
	return nil
}

// A buyer holds his seat for as long as he lives.
type buyer struct {
	seats   *semaphore.Pool
	office  runtime.Ref[event]
	crashes bool
}

type enter struct{}

func (b buyer) Receive(ctx *runtime.Context[enter], _ enter) error {
	_, err := b.seats.Acquire(ctx, 1) // waits in line
	if errors.Is(err, runtime.ErrStopped) {
		ctx.Stop() // sold out
		return nil
	}
	if err != nil {
		return err
	}
	if b.crashes {
		panic(fmt.Sprintf("%s: the card is declined", ctx.Self()))
	}
	return b.office.Tell(ctx, sold{})
}
