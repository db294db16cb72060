package runtime_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/runtime"
)

func TestLookupFindsByThePathOfNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t, runtime.Config{Name: "shop"})
		orders := spawn(t, system, runtime.Props[act]{Name: "orders", New: performer})
		var child runtime.Ref[int]
		tell(t, orders, func(ctx *runtime.Context[act]) (err error) {
			child, err = runtime.SpawnFunc(ctx, "3", func(*runtime.Context[int], int) error { return nil })
			return err
		})
		synctest.Wait()
		if got, err := runtime.Lookup[act](system, "shop/orders"); got != orders || err != nil {
			t.Errorf("got %v, %v, want %v", got, err, orders)
		}
		if got, err := runtime.Lookup[int](system, "shop/orders/3"); got != child || err != nil {
			t.Errorf("got %v, %v, want %v", got, err, child)
		}
		if got, err := runtime.Lookup[int](system, child.Path()); got != child || err != nil {
			t.Errorf("got %v, %v, want %v", got, err, child)
		}
	})
}

func TestLookupSaysWhyItFindsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		texts := always(func(*runtime.Context[string], string) error { return nil })
		numbers := always(func(*runtime.Context[int], int) error { return nil })
		spawn(t, system, runtime.Props[int]{Name: "named", New: numbers})
		unnamed := spawn(t, system, runtime.Props[string]{New: texts})
		stopped := spawn(t, system, runtime.Props[string]{Name: "stopped", New: texts})
		stopped.Stop()
		<-stopped.Done()

		notFound, wrongType := runtime.ErrNotFound, runtime.ErrType
		for path, want := range map[string]struct {
			is   error
			text string
		}{
			"":               {notFound, `runtime: no such actor: "": paths of this system begin with "troupe"`},
			"other/named":    {notFound, `runtime: no such actor: "other/named": paths of this system begin with "troupe"`},
			"/troupe/named":  {notFound, `runtime: no such actor: "/troupe/named": paths of this system begin with "troupe"`},
			"troupe":         {notFound, `runtime: no such actor: "troupe" is the system itself: want the path of an actor`},
			"troupe/":        {notFound, `runtime: no such actor: "troupe/" has an empty name in it: want names, and one '/' between two`},
			"troupe/nobody":  {notFound, `runtime: no such actor: "troupe/nobody": "troupe" has no child named "nobody"`},
			"troupe/named/x": {notFound, `runtime: no such actor: "troupe/named/x": "troupe/named" has no child named "x"`},
			"troupe/stopped": {notFound, `runtime: no such actor: "troupe/stopped": "troupe" has no child named "stopped"`},
			unnamed.Path():   {notFound, `runtime: no such actor: "troupe/2": "troupe" has no child named "2"`},
			"troupe/named":   {wrongType, `runtime: wrong message type: "troupe/named" takes int, not string`},
		} {
			ref, err := runtime.Lookup[string](system, path)
			if !errors.Is(err, want.is) || err.Error() != want.text || ref != (runtime.Ref[string]{}) {
				t.Errorf("%q: got  %v, %v\nwant %s", path, ref, err, want.text)
			}
		}
		_, err := runtime.Lookup[act](system, "troupe/named")
		if want := `runtime: wrong message type: "troupe/named" takes int, not runtime_test.act`; err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	})
}
