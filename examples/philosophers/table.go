package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/troupe-go/troupe/runtime"
)

// A dinner is what the flags say.
type dinner struct {
	guests, meals int
	fair          bool
}

// eaten is what one guest has to tell.
type eaten struct {
	name      string
	meals     int
	deadlocks [][]string // that he was told of: the forks that waited for each other
}

// serve has all guests eat. It returns what they tell, around the table.
func (d dinner) serve(ctx context.Context) ([]eaten, error) {
	system, err := runtime.New(runtime.Config{Name: "table"})
	if err != nil {
		return nil, err
	}
	defer func() { _ = system.Shutdown(ctx) }()
	guests, err := d.seat(system)
	if err != nil {
		return nil, err
	}
	return dineTogether(ctx, guests, d.meals)
}

// seat lays the table, and returns the guests around it.
func (d dinner) seat(system *runtime.System) ([]runtime.Ref[invitation], error) {
	gong, err := runtime.SpawnFunc(system, "gong", strikeWhen(d.guests))
	if err != nil {
		return nil, err
	}
	forks := make([]runtime.Ref[use], d.guests)
	for i := range forks {
		if forks[i], err = runtime.SpawnFunc(system, forkName(i), inHand(gong)); err != nil {
			return nil, err
		}
	}
	guests := make([]runtime.Ref[invitation], d.guests)
	for i := range guests {
		p := &philosopher{name: nameOf(i), first: forks[i], second: forks[(i+1)%len(forks)], together: !d.fair}
		if d.fair && i == len(forks)-1 {
			p.first, p.second = p.second, p.first // the lower number first, for him as for the others
		}
		if guests[i], err = runtime.SpawnFunc(system, p.name, p.dine); err != nil {
			return nil, err
		}
	}
	return guests, nil
}

func dineTogether(ctx context.Context, guests []runtime.Ref[invitation], meals int) ([]eaten, error) {
	all := make([]eaten, len(guests))
	errs := make([]error, len(guests))
	var party sync.WaitGroup
	for i, guest := range guests {
		party.Go(func() {
			all[i], errs[i] = invite(ctx, guest, meals)
		})
	}
	party.Wait()
	return all, errors.Join(errs...)
}

func invite(ctx context.Context, guest runtime.Ref[invitation], meals int) (eaten, error) {
	return runtime.Ask(ctx, guest, func(r runtime.Reply[eaten]) invitation { return invitation{r, meals} })
}

// An invitation asks a philosopher to eat so many meals.
type invitation struct {
	runtime.Reply[eaten]
	meals int
}

// A philosopher takes one fork, and then the other.
type philosopher struct {
	name          string
	first, second runtime.Ref[use]
	together      bool // the first meal begins when all have their first forks
}

func (p *philosopher) dine(ctx *runtime.Context[invitation], i invitation) error {
	done := eaten{name: p.name}
	for done.meals < i.meals {
		err := p.eat(ctx, p.together)
		p.together = false
		var deadlock *runtime.DeadlockError
		switch {
		case err == nil:
			done.meals++
		case errors.As(err, &deadlock):
			done.deadlocks = append(done.deadlocks, deadlock.Cycle)
			p.first, p.second = p.second, p.first
		default:
			i.Fail(err)
			return nil
		}
	}
	i.Send(done)
	return nil
}

func (p *philosopher) eat(ctx context.Context, together bool) error {
	_, err := runtime.Ask(ctx, p.first, func(r runtime.Reply[meal]) use { return use{r, p.second, together} })
	return err
}

// A meal is had as soon as both forks are in hand.
type meal struct{}

// A use of a fork lasts for as long as it is handled. It goes on to the fork that is taken after this one, if there is any.
type use struct {
	runtime.Reply[meal]
	then     runtime.Ref[use]
	together bool
}

// inHand handles the uses of a fork.
func inHand(gong runtime.Ref[ready]) func(*runtime.Context[use], use) error {
	return func(ctx *runtime.Context[use], u use) error {
		if u.together {
			if _, err := runtime.Ask(ctx, gong, func(r runtime.Reply[meal]) ready { return ready{r} }); err != nil {
				u.Fail(err)
				return nil
			}
		}
		if u.then != (runtime.Ref[use]{}) {
			if _, err := runtime.Ask(ctx, u.then, func(r runtime.Reply[meal]) use { return use{Reply: r} }); err != nil {
				u.Fail(err) // and the fork is put down
				return nil
			}
		}
		u.Send(meal{})
		return nil
	}
}

// ready is told to the gong by who holds a first fork, and answered when all do.
type ready struct{ runtime.Reply[meal] }

func strikeWhen(all int) func(*runtime.Context[ready], ready) error {
	var holding []ready
	return func(_ *runtime.Context[ready], r ready) error {
		if holding = append(holding, r); len(holding) == all {
			for _, r := range holding {
				r.Send(meal{})
			}
			holding = nil
		}
		return nil
	}
}

func forkName(i int) string { return fmt.Sprintf("fork-%d", i+1) }

// nameOf is the name of a guest. Those who have none of their own are called by their number.
func nameOf(i int) string {
	known := []string{"Laozi", "Hypatia", "Kant", "Arendt", "Nagarjuna"}
	if i < len(known) {
		return known[i]
	}
	return fmt.Sprintf("guest-%d", i+1)
}
