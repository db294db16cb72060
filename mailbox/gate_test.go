package mailbox_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/troupe-go/troupe/mailbox"
)

// A put that takes the short way looks at nothing but what was prepared for it. Whatever was done before, that must not be
// so where it has something to consider: it would wake nobody, or pass the capacity.
func TestPutIsNeverSentTheShortWayWithoutReason(t *testing.T) {
	eachPolicy(t, func(t *testing.T, k kind, policy mailbox.Overflow) {
		rapid.Check(t, func(t *rapid.T) {
			o := newOwned(t, k.config(policy, rapid.IntRange(1, 12).Draw(t, "capacity")))
			awake, n := true, 0
			put := func(how func(letter) (bool, error)) {
				n++
				if wake, _ := how(letter{n: n, level: n % levels}); wake {
					awake = true
				}
			}
			owner := func(f func()) {
				if awake {
					f()
				}
			}
			hold := func(l letter) (bool, error) { _, wake, err := o.Hold(l); return wake, err }
			steps := map[string]func(){
				"put":     func() { put(o.TryPut) },
				"put two": func() { put(o.TryPut); put(o.TryPut) },
				"put many": func() {
					for range 12 {
						put(o.TryPut)
					}
				},
				"hold":      func() { put(hold) },
				"next":      func() { owner(func() { _, s := o.Next(); awake = s != mailbox.Idle }) },
				"rest":      func() { owner(func() { awake = !o.Rest() }) },
				"suspend":   func() { owner(func() { awake = !o.Suspend() }) },
				"settle":    func() { owner(func() { o.Settle() }) },
				"stay":      func() { owner(o.Stay) },
				"loiter":    func() { owner(func() { o.Loiter(true) }) },
				"interrupt": func() { awake = o.Interrupt() || awake },
				"look":      func() { o.Len(); o.Stats() },
			}
			names := []string{"put", "put two", "put many", "loiter", "hold", "next", "rest", "suspend", "settle", "stay", "interrupt", "look"}
			for range rapid.IntRange(1, 60).Draw(t, "steps") {
				steps[rapid.SampledFrom(names).Draw(t, "step")]()
				if mailbox.Roomy(o) && mailbox.Considers(o) {
					t.Fatalf("a put would consider nothing: %+v", o.Stats())
				}
				if mailbox.Dozing(o) && mailbox.DozesInVain(o) {
					t.Fatalf("a put would consider only that the owner sleeps: %+v", o.Stats())
				}
				if mailbox.Easy(o) && mailbox.EasyInVain(o) {
					t.Fatalf("the owner would sleep without considering anything: %+v", o.Stats())
				}
			}
			o.Close()
			if mailbox.Roomy(o) || mailbox.Dozing(o) {
				t.Fatal("a put would consider nothing, and the mailbox is closed")
			}
		})
	})
}
