package runtime

import (
	"go/token"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Whoever handles an ask may pass its reply handle on. When it then waits for the asker, that is no deadlock, so where a
// message takes a handle along, the ask is marked as passed on. To know, each message is looked through that may have a
// handle in it, as its type says: when it is told, and when it is asked beside the handle of that very ask.

// A handle is what an ask is known by. It keeps nothing alive.
type handle struct {
	at    uintptr // of the wish
	round uint64
}

func (w *wish) handle(in uint64) handle { return handle{reflect.ValueOf(w).Pointer(), in} }

// A kind is what the runtime knows of a type of message.
type kind struct {
	of    reflect.Type
	marks uint32 // carries, carriesMore
	boxes sync.Pool
}

// A handler of asks is a message that embeds one Reply.
type embedder interface{ ask() (*wish, uint64) }

func (s *System) kindOf(t reflect.Type) *kind {
	if k := s.lastKind.Load(); k != nil && k.of == t {
		return k
	}
	found, ok := s.kinds.Load(t)
	if !ok {
		k := &kind{of: t, boxes: sync.Pool{New: func() any { return reflect.New(t).Interface() }}}
		switch handles := handlesIn(t); {
		case handles == 1 && reflect.PointerTo(t).Implements(reflect.TypeFor[embedder]()):
			k.marks = carries
		case handles > 0:
			k.marks = carries | carriesMore
		}
		found, _ = s.kinds.LoadOrStore(t, k)
	}
	k := found.(*kind)
	s.lastKind.Store(k)
	return k
}

var thisPackage = reflect.TypeFor[DeadLetter]().PkgPath()

func isReply(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.PkgPath() == thisPackage && strings.HasPrefix(t.Name(), "Reply[")
}

// handlesIn returns how many reply handles a value of type t may have in it: 2 stands for several, or for one that may be
// anywhere. It looks into structs, arrays and slices, and into interfaces that are empty. Behind a pointer it looks for
// handles in plain fields only, and not where there is a lock: what else is there may be shared, and may change under the
// eyes of who looks. What is in a map is never read, for the same reason: see inMap. What functions, channels and other interfaces
// hide it does not see.
func handlesIn(t reflect.Type) int {
	if n, ok := handleCounts.Load(t); ok {
		return n.(int)
	}
	again := false
	n := countHandles(t, nil, false, &again)
	if again {
		n = min(2*n, 2)
	}
	handleCounts.Store(t, n)
	return n
}

var handleCounts sync.Map // by type

// countHandles counts a type that has more of itself in it once, and says so in again.
func countHandles(t reflect.Type, within []reflect.Type, behind bool, again *bool) (n int) {
	switch {
	case isReply(t):
		return 1
	case isOurs(t): // an actor, with all that it refers to
		return 0
	case slices.Contains(within, t):
		*again = true
		return 0
	}
	within = append(within, t)
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i).Type
			if behind && (f.PkgPath() == "sync" || f.PkgPath() == "sync/atomic") {
				return 0
			}
			n += countHandles(f, within, behind, again)
		}
	case reflect.Array:
		n = 2 * countHandles(t.Elem(), within, behind, again)
	case reflect.Pointer:
		n = 2 * countHandles(t.Elem(), within, true, again)
	case reflect.Slice, reflect.Map:
		if !behind {
			n = 2 * countHandles(t.Elem(), within, t.Kind() == reflect.Map, again)
		}
	case reflect.Interface:
		if !behind && t.NumMethod() == 0 || len(within) == 1 {
			n = 2
		}
	}
	return min(n, 2)
}

func handlesBehind(t reflect.Type) int {
	again := false
	return countHandles(t, nil, true, &again)
}

// isOurs reports whether t is what the runtime gives out, as a Ref.
func isOurs(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.PkgPath() == thisPackage && token.IsExported(t.Name())
}

// eachHandle calls visit for each reply handle in m, with its wish where that can be had: not from a field that is not
// exported.
func eachHandle[M any](s *System, m M, visit func(handle, *wish)) {
	k := s.kindOf(reflect.TypeFor[M]())
	switch {
	case k.marks == 0:
	case k.of.Kind() == reflect.Interface:
		if v := reflect.ValueOf(m); v.IsValid() && s.kindOf(v.Type()).marks != 0 {
			eachHandleIn(v, visit)
		}
	default:
		box := k.boxes.Get().(*M)
		*box = m
		if e, ok := any(box).(embedder); ok && k.marks == carries {
			if w, in := e.ask(); w != nil {
				visit(w.handle(in), w)
			}
		} else {
			eachHandleIn(reflect.ValueOf(box).Elem(), visit)
		}
		clear1(box)
		k.boxes.Put(box)
	}
}

func clear1[M any](box *M) {
	var none M
	*box = none
}

// eachHandleIn looks through v, as handlesIn does through its type.
func eachHandleIn(v reflect.Value, visit func(handle, *wish)) { lookThrough(v, visit, 0, false) }

// maxDepth is how deep a message is looked through, which may go round in circles.
const maxDepth = 8

// inMap stands for the handles in a map.
var inMap = handle{}

func lookThrough(v reflect.Value, visit func(handle, *wish), depth int, behind bool) {
	if !v.IsValid() || depth > maxDepth {
		return
	}
	t := v.Type()
	switch {
	case isReply(t):
		visitReply(v, visit)
		return
	case behind && handlesBehind(t) == 0, !behind && handlesIn(t) == 0:
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			lookThrough(v.Field(i), visit, depth+1, behind)
		}
	case reflect.Array, reflect.Slice:
		for i := range v.Len() {
			lookThrough(v.Index(i), visit, depth+1, behind)
		}
	case reflect.Map:
		if !v.IsNil() { // not even its length is read
			visit(inMap, nil)
		}
	case reflect.Pointer:
		lookThrough(v.Elem(), visit, depth+1, true)
	case reflect.Interface:
		lookThrough(v.Elem(), visit, depth+1, behind)
	}
}

func visitReply(v reflect.Value, visit func(handle, *wish)) {
	h := handle{v.Field(0).Pointer(), v.Field(1).Uint()}
	if h.at == 0 {
		return
	}
	var w *wish
	if v.CanInterface() {
		w, _ = v.Interface().(embedder).ask()
	}
	visit(h, w)
}

// passOn marks the asks whose handles m takes along as passed on, but for the one that m itself asks.
//
//go:noinline
func passOn[M any](s *System, m M, own *wish) {
	eachHandle(s, m, func(h handle, w *wish) {
		switch {
		case own != nil && h.at == own.handle(0).at:
		case w == nil:
			s.hidden.Store(true)
		default:
			w.passOn(h.round)
		}
	})
}
