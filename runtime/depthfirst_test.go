package runtime_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/troupe-go/troupe/runtime"
)

// A sapling grows a tree: told 0, it spawns children and tells each; told 1, one of these is complete.
type sapling struct {
	*forest
	height, missing int
	complete        func(ctx context.Context) error
}

type forest struct {
	t           testing.TB
	width       int
	alive, most atomic.Int64
}

func (s *sapling) Receive(ctx *runtime.Context[int], m int) error {
	s.missing -= m
	if s.height > 0 && m == 0 {
		self := ctx.Self()
		for range s.width {
			s.missing++
			child := &sapling{forest: s.forest, height: s.height - 1, complete: func(ctx context.Context) error {
				return self.Tell(ctx, 1)
			}}
			if err := s.plant(ctx, child).Tell(ctx, 0); err != nil {
				return err
			}
		}
	}
	if s.missing > 0 {
		return nil
	}
	s.alive.Add(-1)
	defer ctx.Stop()
	return s.complete(ctx)
}

func (f *forest) plant(p runtime.Parent, s *sapling) runtime.Ref[int] {
	for alive := f.alive.Add(1); ; {
		if most := f.most.Load(); most >= alive || f.most.CompareAndSwap(most, alive) {
			return spawn(f.t, p, runtime.Props[int]{New: func() runtime.Actor[int] { return s }})
		}
	}
}

// A tree grows depth first, so that few of its actors are alive at a time: those on the way to a leaf, and their siblings,
// for each runner.
func TestTreeOfActorsGrowsDepthFirst(t *testing.T) {
	system := newSystem(t)
	f := &forest{t: t, width: 10}
	complete := make(chan struct{})
	root := f.plant(system, &sapling{forest: f, height: 4, complete: func(context.Context) error {
		close(complete)
		return nil
	}})
	tell(t, root, 0)
	<-complete
	if most := f.most.Load(); most > 2000 {
		t.Errorf("%d of the 11,111 actors of the tree were alive at once: want few", most)
	}
}
