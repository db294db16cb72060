package runtime_test

import (
	"fmt"
	goruntime "runtime"
	"testing"
	"weak"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

func TestZZ(t *testing.T) {
	for _, m := range []int{0, 1, 2} {
		for _, name := range []string{"", "a"} {
			system := newSystem(t)
			what := func() weak.Pointer[[1 << 16]byte] {
				large := new([1 << 16]byte)
				a := spawn(t, system, runtime.Props[int]{Name: name, Restart: supervisor.Temporary, New: func() runtime.Actor[int] {
					return &holdsLarge{large}
				}})
				if m == 1 {
					tell(t, a, 1)
				} else {
					a.Stop()
				}
				<-a.Done()
				return weak.Make(large)
			}()
			for len(runtime.Children(system)) > 0 {
				goruntime.Gosched()
			}
			n := 0
			for ; n < 50 && what.Value() != nil; n++ {
				goruntime.GC()
			}
			fmt.Println(m, name, n)
			if m == 2 {
				continue
			}
			o := spawn(t, system, runtime.Props[int]{New: always(func(*runtime.Context[int], int) error { return nil })})
			tell(t, o, 1)
			o.StopWhenEmpty()
			<-o.Done()
			for n = 0; n < 50 && what.Value() != nil; n++ {
				goruntime.GC()
			}
			fmt.Println("  after another", m, name, n)
		}
	}
}
