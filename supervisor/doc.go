// Package supervisor decides what follows when a supervised child fails or ends: its directive, the delay before its
// restart, and which of its siblings it takes along. A runtime does what was decided.
//
// # Promises
//
// Pure: nothing here starts a goroutine, reads a clock, draws a random number, logs or waits. Time and randomness are
// arguments, so the same events give the same decisions, in a test as in service. A [Config] is a value that is never
// changed here, and may be used by any number of goroutines if its Decide may. A [History] and a [Record] belong to one
// supervisor each, which must not use them concurrently.
//
// Cheap: a decision takes amortized constant time, and allocates only to make room in a History. A Record is at most
// 32 bytes; a History keeps at most MaxRestarts+1 times, and none where MaxRestarts is [Unlimited].
//
// Total: every valid Config, see [Config.Validate], gives a decision for every event. The one way out is a panic of
// the caller's own Decide or random numbers, which is left to the caller.
//
// Not promised: that a decision is carried out. This package does not know whether a child runs; it knows what it is
// told by [Record.Started], [Config.Failed] and [Config.Ended], in the order of the times that come with them. Times
// must not go back; those of time.Now do not, as they carry a monotonic reading.
//
// # What a runtime does
//
// It keeps one History for each supervisor and one Record for each child. It calls Started when a child was started or
// restarted, Failed when the child failed, and Ended when the child returned of itself without failing. A restart that
// fails is a failure too, and is reported by Failed again.
//
// On Restart it stops what [Strategy.Affected] names in reverse start order, and starts it again in start order when
// Delay is over, without blocking the supervisor meanwhile. On Stop it asks [AutoShutdown.Ends] whether the supervisor
// ends as well. On Escalate it stops all children in reverse start order and fails the supervisor itself, to its own
// supervisor. A supervisor that is restarted begins with a zero History.
//
// # What is OTP's
//
// Where Erlang/OTP's supervisor has an opinion, this is it: restart strategies, restart types, restart intensity over
// the whole supervisor rather than for each child, the count of failed restart attempts, significant children and
// automatic shutdown.
//
// OTP counts a restart for as long as it is no older than the period: its add_restart keeps those with
// R >= Now - Period. The bound is inclusive, and it is here too: a restart still counts when it is exactly Within old,
// and has stopped counting one nanosecond later. OTP cuts its clock to whole seconds, which lets its window last for up
// to a second longer than the period; here the window is exact.
//
// It departs from OTP in four places. The default intensity is 3 restarts within 5 s, where OTP's is 1. Decide may
// answer otherwise than by a restart. A restart may be delayed, by [Backoff]. And a Permanent child may be significant,
// which OTP refuses: it ends for good where Decide says Stop.
package supervisor
