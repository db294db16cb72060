package runtimetest_test

import (
	"errors"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/runtime/runtimetest"
	"github.com/troupe-go/troupe/supervisor"
)

// An order moves money from the account that gets it to another, or is the money that arrives.
type order struct {
	runtime.Reply[int]
	amount int
	to     int // -1: it arrives
	broken bool
}

// Accounts send each other money, through mailboxes that are full after one order, and crash on orders that are broken. None
// of it is lost or made, and orders from one customer to one account are carried out in order.
func TestExploreBank(t *testing.T) {
	t.Parallel()
	runtimetest.Explore(t, seedsEach, func(w *runtimetest.World) {
		const accounts, customers, start = 3, 2, 100
		system := w.System(runtime.Config{Children: supervisor.Config{MaxRestarts: supervisor.Unlimited}})
		var balance [accounts]int
		var refs [accounts]runtime.Ref[order]
		for i := range accounts {
			balance[i] = start
			ref, err := runtime.Spawn(system, runtime.Props[order]{
				Mailbox: mailbox.Config[order]{Capacity: 1},
				New: func() runtime.Actor[order] {
					return runtime.Func[order](func(ctx *runtime.Context[order], o order) error {
						switch {
						case o.broken:
							return errors.New("a broken order")
						case o.to < 0:
							balance[i] += o.amount
						default:
							balance[i] -= o.amount
							if err := refs[o.to].Tell(ctx, order{amount: o.amount, to: -1}); err != nil {
								balance[i] += o.amount
								if !isDeadlock(err) && !errors.Is(err, runtime.ErrStopped) {
									w.Errorf("transfer: %v", err)
								}
							}
						}
						o.Send(balance[i])
						return nil
					})
				},
			})
			if err != nil {
				w.Fatalf("%v", err)
			}
			refs[i] = ref
		}
		customer := func(n int) func() {
			r := w.Rand()
			return func() {
				for range 4 {
					from := r.IntN(accounts)
					o := order{amount: 1 + r.IntN(9), to: (from + 1 + r.IntN(accounts-1)) % accounts, broken: r.IntN(8) == 0}
					if n == 0 {
						_, err := runtime.Ask(w.Context(), refs[from], func(r runtime.Reply[int]) order { o.Reply = r; return o })
						if (err != nil) != o.broken {
							w.Errorf("the order %+v: %v", o, err)
						}
					} else if err := refs[from].Tell(w.Context(), o); err != nil {
						w.Errorf("%v", err)
					}
				}
			}
		}
		a := &all{w: w}
		a.run(func() {
			if err := system.Shutdown(w.Context()); err != nil {
				w.Errorf("%v", err)
			}
			sum := 0
			for _, b := range balance {
				sum += b
			}
			if sum != accounts*start {
				w.Errorf("the balances %v make %d, want %d", balance, sum, accounts*start)
			}
		}, customer(0), customer(1))
	})
}
