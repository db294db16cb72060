package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// opening is what each account begins with.
const opening = 1000

// An account is what one account's actor must not lose in a crash. Its behaviours come and go.
type account struct {
	balance int
	booked  map[int]bool // the transfers that it has booked, out or in; true: and was refused
	chance  *rand.Rand
	crash   float64
}

// maybeCrash is where a step ends, for better or worse.
func (a *account) maybeCrash(where string) {
	if a.chance.Float64() < a.crash {
		panic("crashed " + where)
	}
}

// An order is what an account is told to do.
type order interface {
	book(ctx *runtime.Context[order], a *account) error
}

// A transfer is answered when the money has arrived, and tells whether there was enough of it.
type transfer struct {
	runtime.Reply[bool]
	id, amount int
	to         runtime.Ref[order]
}

func (t transfer) book(ctx *runtime.Context[order], a *account) error {
	refused, again := a.booked[t.id]
	if !again {
		refused = a.balance < t.amount
		if !refused {
			a.balance -= t.amount
		}
		a.booked[t.id] = refused
	}
	a.maybeCrash("between taking the money and sending it")
	if refused {
		t.Send(false)
		return nil
	}
	if err := t.to.Tell(ctx, arrival{t.Reply, t.id, t.amount}); err != nil {
		return err
	}
	a.maybeCrash("after the money was sent: it is sent again")
	return nil
}

// An arrival is the money of a transfer. Its account answers the transfer.
type arrival struct {
	runtime.Reply[bool] // so that the asker hears of it, should the money never arrive
	id, amount          int
}

func (m arrival) book(_ *runtime.Context[order], a *account) error {
	a.maybeCrash("before the money was booked")
	if _, again := a.booked[m.id]; !again {
		a.balance += m.amount
		a.booked[m.id] = false
	}
	a.maybeCrash("between booking the money and saying so")
	m.Send(true)
	return nil
}

// balance is answered with the account's balance.
type balance struct{ runtime.Reply[int] }

func (m balance) book(_ *runtime.Context[order], a *account) error {
	m.Send(a.balance)
	return nil
}

func (o options) openAccount(p runtime.Parent, i int) (runtime.Ref[order], error) {
	a := &account{balance: opening, booked: make(map[int]bool), chance: rand.New(rand.NewPCG(o.seed, uint64(i))), crash: o.crash}
	return runtime.Spawn(p, runtime.Props[order]{
		Name: fmt.Sprintf("account-%d", i),
		New: func() runtime.Actor[order] {
			return runtime.Func[order](func(ctx *runtime.Context[order], m order) error { return m.book(ctx, a) })
		},
		// There is never more under way than the clerks have begun and what crashes have sent twice.
		Mailbox:   mailbox.Config[order]{Capacity: mailbox.Unbounded},
		Redeliver: 1_000_000,
	})
}

// A branch is the parent of the accounts. It restarts them as often as they crash, and at once.
func (o options) openBranch(p runtime.Parent) (accounts []runtime.Ref[order], err error) {
	accounts = make([]runtime.Ref[order], o.accounts)
	_, err = runtime.Spawn(p, runtime.Props[struct{}]{
		Name: "branch",
		New: func() runtime.Actor[struct{}] {
			return branch(func(ctx *runtime.Context[struct{}]) (err error) {
				for i := range accounts {
					if accounts[i], err = o.openAccount(ctx, i); err != nil {
						return err
					}
				}
				return nil
			})
		},
		Children: supervisor.Config{MaxRestarts: supervisor.Unlimited},
	})
	return accounts, err
}

type branch func(*runtime.Context[struct{}]) error

func (b branch) Started(ctx *runtime.Context[struct{}]) error     { return b(ctx) }
func (branch) Receive(*runtime.Context[struct{}], struct{}) error { return nil }

// day has the clerks do all transfers, and counts the money before and after.
func (o options) day(ctx context.Context, system *runtime.System, w io.Writer) error {
	accounts, err := o.openBranch(system)
	if err != nil {
		return err
	}
	before, err := total(ctx, accounts)
	if err != nil {
		return err
	}
	var clerks sync.WaitGroup
	refused := make([]int, o.clerks)
	failures := make(chan error, o.clerks)
	for c := range o.clerks {
		clerks.Go(func() {
			chance := rand.New(rand.NewPCG(o.seed, uint64(o.accounts+c)))
			for id := c; id < o.transfers; id += o.clerks {
				from, to := chance.IntN(len(accounts)), chance.IntN(len(accounts)-1)
				if to >= from {
					to++ // nobody pays himself
				}
				amount := 1 + chance.IntN(opening)
				ok, err := runtime.Ask(ctx, accounts[from], func(r runtime.Reply[bool]) order {
					return transfer{r, id, amount, accounts[to]}
				})
				if err != nil {
					failures <- fmt.Errorf("transfer %d: %w", id, err)
					return
				}
				if !ok {
					refused[c]++
				}
			}
		})
	}
	clerks.Wait()
	close(failures)
	for failure := range failures {
		err = errors.Join(err, failure)
	}
	if err != nil {
		return err
	}
	after, err := total(ctx, accounts)
	if err != nil {
		return err
	}
	if before != after {
		return fmt.Errorf("there were %d coins, and now there are %d", before, after)
	}
	none := 0
	for _, n := range refused {
		none += n
	}
	fmt.Fprintf(w, "The day: %d clerks did %d transfers between %d accounts; %d were refused for want of money.\n",
		o.clerks, o.transfers, o.accounts, none)
	fmt.Fprintf(w, "         Accounts crashed %d times, and were restarted. In the morning there were %d coins, in the evening %d.\n",
		system.Stats().Failed, before, after)
	return nil
}

func total(ctx context.Context, accounts []runtime.Ref[order]) (sum int, err error) {
	for _, a := range accounts {
		one, err := runtime.Ask(ctx, a, func(r runtime.Reply[int]) order { return balance{r} })
		if err != nil {
			return 0, err
		}
		sum += one
	}
	return sum, nil
}
