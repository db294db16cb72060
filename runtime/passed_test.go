package runtime

import (
	"context"
	"io"
	"net/http"
	"reflect"
	"sync"
	"testing"

	"github.com/sirupsen/logrus"
)

type (
	aReply  = Reply[int]
	embeds  struct{ aReply }
	hasOne  struct{ To aReply }
	hasTwo  struct{ A, B embeds }
	hides   struct{ to aReply }
	chained struct {
		To   aReply
		Next *chained
	}
	forwards struct {
		aReply
		From *forwards
	}
	locked struct {
		sync.Mutex
		To aReply
	}
	named interface{ name() string }
)

// How many handles a type of message may have in it. Each type that counts none costs a Tell nothing.
func TestTypesSayWhetherMessagesCarryHandles(t *testing.T) {
	for _, c := range []struct {
		of   reflect.Type
		want int
	}{
		{reflect.TypeFor[int](), 0},
		{reflect.TypeFor[aReply](), 1},
		{reflect.TypeFor[embeds](), 1},
		{reflect.TypeFor[hasOne](), 1},
		{reflect.TypeFor[hides](), 1},
		{reflect.TypeFor[hasTwo](), 2},
		{reflect.TypeFor[*hasOne](), 2},
		{reflect.TypeFor[[]hasOne](), 2},
		{reflect.TypeFor[[3]hasOne](), 2},
		{reflect.TypeFor[map[string]hasOne](), 2},
		{reflect.TypeFor[chained](), 2},
		{reflect.TypeFor[*chained](), 2},
		{reflect.TypeFor[forwards](), 2},
		{reflect.TypeFor[any](), 2},
		{reflect.TypeFor[named](), 2},
		{reflect.TypeFor[struct{ v any }](), 2},
		{reflect.TypeFor[struct{ v named }](), 0},
		{reflect.TypeFor[struct{ v error }](), 0},
		{reflect.TypeFor[*struct{ v any }](), 0},
		{reflect.TypeFor[map[string]any](), 0},
		{reflect.TypeFor[*locked](), 0},
		{reflect.TypeFor[*struct{ of []hasOne }](), 0},
		{reflect.TypeFor[func(aReply)](), 0},
		{reflect.TypeFor[chan aReply](), 0},
		{reflect.TypeFor[Ref[hasOne]](), 0},
		{reflect.TypeFor[*Context[hasOne]](), 0},
		{reflect.TypeFor[*System](), 0},
		{reflect.TypeFor[context.Context](), 2}, // as the message itself, it may be anything
		{reflect.TypeFor[*http.Request](), 0},
	} {
		if got := handlesIn(c.of); got != c.want {
			t.Errorf("%v may have %d handles, want %d", c.of, got, c.want)
		}
	}
}

// found counts the handles that are found in m, and those of them that can be marked.
func found[M any](s *System, m M) (handles, wishes int) {
	eachHandle(s, m, func(h handle, w *wish) {
		handles++
		if w != nil {
			wishes++
			if w.handle(h.round) != h {
				panic("a wish of another handle")
			}
		}
	})
	return handles, wishes
}

func TestHandlesInMessagesAreFound(t *testing.T) {
	log := logrus.New()
	log.SetOutput(io.Discard)
	s, err := New(Config{Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	r := func() aReply { return aReply{p: &pending[int]{}, round: 3 * round} }
	check := func(what string, handles, wishes, wantHandles, wantWishes int) {
		t.Helper()
		if handles != wantHandles || wishes != wantWishes {
			t.Errorf("%s: %d handles found, %d of which can be marked: want %d and %d", what, handles, wishes, wantHandles, wantWishes)
		}
	}
	h, w := found(s, 7)
	check("none", h, w, 0, 0)
	h, w = found(s, embeds{})
	check("one that was told", h, w, 0, 0)
	h, w = found(s, embeds{r()})
	check("embedded", h, w, 1, 1)
	h, w = found(s, hasOne{r()})
	check("in a field", h, w, 1, 1)
	h, w = found(s, hides{r()})
	check("in a hidden field", h, w, 1, 0)
	h, w = found(s, &hasOne{r()})
	check("behind a pointer", h, w, 1, 1)
	h, w = found(s, (*hasOne)(nil))
	check("a nil pointer", h, w, 0, 0)
	h, w = found(s, []hasOne{{r()}, {}, {r()}})
	check("in a slice", h, w, 2, 2)
	h, w = found[any](s, hasOne{r()})
	check("in any", h, w, 1, 1)
	h, w = found[any](s, nil)
	check("no any", h, w, 0, 0)
	h, w = found(s, struct{ V any }{&hasOne{r()}})
	check("behind a pointer in any", h, w, 1, 1)
	h, w = found(s, map[string]hasOne{"": {r()}})
	check("in a map, which is not read", h, w, 1, 0)
	last := &chained{To: r()}
	h, w = found(s, &chained{r(), &chained{r(), last}})
	check("in a chain", h, w, 3, 3)
	last.Next = last
	if h, _ = found(s, last); h == 0 || h > maxDepth {
		t.Errorf("in a circle %d handles are found", h)
	}
	if err := s.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}
