package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/patterns/pipeline"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

var errOnPurpose = errors.New("on purpose")

// failures are the ways in which a function fails.
var failures = map[string]func() error{
	"error":  func() error { return errOnPurpose },
	"panic":  func() error { panic(errOnPurpose) },
	"Goexit": func() error { goruntime.Goexit(); return nil },
}

// shapes are a sequential stage and a parallel one.
var shapes = map[string]pipeline.Stage{
	"sequential":            {Name: "odd"},
	"sequential, no chunks": {Name: "odd", Buffer: 1},
	"parallel":              {Name: "odd", Parallel: 4},
	"unordered":             {Name: "odd", Parallel: 4, Unordered: true},
}

func eachFailure(t *testing.T, f func(t *testing.T, fail func() error, stage pipeline.Stage)) {
	for shape, stage := range shapes {
		for way, fail := range failures {
			t.Run(shape+"/"+way, func(t *testing.T) { f(t, fail, stage) })
		}
	}
}

func isFailure(err error) bool {
	return errors.Is(err, errOnPurpose) || errors.Is(err, runtime.ErrGoexit)
}

func TestStopEndsTheRunWithTheNameOfTheStage(t *testing.T) {
	eachFailure(t, func(t *testing.T, fail func() error, stage pipeline.Stage) {
		flow := pipeline.Map(pipeline.FromSeq(numbers(1<<40)), func(_ context.Context, n int) (int, error) {
			if n == 1000 {
				return 0, fail()
			}
			return n, nil
		}, stage)
		run := start(t, newSystem(t), pipeline.ForEach(flow, func(context.Context, int) error { return nil }))
		err := run.Wait(t.Context())
		var failed *pipeline.StageError
		if !errors.As(err, &failed) || failed.Stage != "odd" || !isFailure(err) {
			t.Fatalf("the run ends with %v, want the failure of stage odd", err)
		}
		if s := run.Stats().Stages[1]; s.Name != "odd" || s.Failed != 1 || s.Skipped != 0 {
			t.Errorf("stats are %+v", s)
		}
	})
}

func TestSkipMakesDeadLettersOfItemsWithTheReason(t *testing.T) {
	eachFailure(t, func(t *testing.T, fail func() error, stage pipeline.Stage) {
		synctest.Test(t, func(t *testing.T) {
			system := newSystem(t)
			var dead []int
			system.DeadLetters(func(d runtime.DeadLetter) {
				item, ok := d.Message.(int)
				var reason *pipeline.StageError
				if !ok {
					return // the message in whose handling a goroutine has ended
				}
				if !errors.As(d.Reason, &reason) || reason.Stage != "odd" || !isFailure(reason) {
					t.Errorf("the reason is %v", d.Reason)
				}
				dead = append(dead, item)
			})
			stage.OnError = pipeline.Skip
			const n = 500
			flow := pipeline.Map(pipeline.FromSeq(numbers(n)), func(_ context.Context, n int) (int, error) {
				if n%10 == 7 {
					return 0, fail()
				}
				return n, nil
			}, stage)
			var got []int
			stats := finish(t, start(t, system, pipeline.ToSlice(flow, &got)))
			synctest.Wait()
			if !stage.Unordered && !slices.IsSorted(got) {
				t.Error("what was not skipped is out of order")
			}
			all := append(got, dead...)
			slices.Sort(all)
			want(t, all, slices.Collect(numbers(n)))
			want(t, stats.Stages[1], pipeline.StageStats{Name: "odd", In: n, Out: n - n/10, Failed: n / 10, Skipped: n / 10})
			want(t, stats.Dropped, 0)
		})
	})
}

func TestRetriesWaitForTheirBackoffAndKeepTheOrder(t *testing.T) {
	eachFailure(t, func(t *testing.T, fail func() error, stage pipeline.Stage) {
		synctest.Test(t, func(t *testing.T) {
			stage.Retries = 3
			stage.Backoff = supervisor.Backoff{Min: time.Second, Factor: 2}
			calls := 0
			began := time.Now()
			flow := pipeline.Map(pipeline.FromSeq(numbers(20)), func(_ context.Context, n int) (int, error) {
				if n != 7 {
					return n, nil
				}
				if calls++; calls <= 3 {
					return 0, fail()
				}
				return n, nil
			}, stage)
			var got []int
			stats := finish(t, start(t, newSystem(t), pipeline.ToSlice(flow, &got)))
			if took := time.Since(began); took != 7*time.Second {
				t.Errorf("three tries took %v, want 1 s, 2 s and 4 s", took)
			}
			if stage.Unordered {
				want(t, got[len(got)-1], 7) // the others did not wait for it
				slices.Sort(got)
			}
			want(t, got, slices.Collect(numbers(20)))
			want(t, stats.Stages[1], pipeline.StageStats{Name: "odd", In: 20, Out: 20, Failed: 3, Retried: 3})
		})
	})
}

func TestRetriesThatAreUsedUpFollowThePolicy(t *testing.T) {
	eachFailure(t, func(t *testing.T, fail func() error, stage pipeline.Stage) {
		for _, policy := range []pipeline.Policy{pipeline.Stop, pipeline.Skip} {
			stage.Retries, stage.OnError = 2, policy
			flow := pipeline.Filter(pipeline.FromSeq(numbers(20)), func(_ context.Context, n int) (bool, error) {
				if n == 7 {
					return false, fail()
				}
				return true, nil
			}, stage)
			run := start(t, newSystem(t), pipeline.ForEach(flow, func(context.Context, int) error { return nil }))
			err := run.Wait(t.Context())
			if s := run.Stats().Stages[1]; s.Failed != 3 || s.Retried != 2 {
				t.Errorf("stats are %+v", s)
			}
			if stopped := isFailure(err); stopped != (policy == pipeline.Stop) {
				t.Errorf("under policy %d the run ends with %v", policy, err)
			}
		}
	})
}

func TestFailuresOfSourcesAndSinksStopTheRun(t *testing.T) {
	ok := func(context.Context, int) error { return nil }
	broken := func(yield func(int, error) bool) { _ = yield(1, nil) && yield(2, errOnPurpose) && yield(3, nil) }
	for name, sink := range map[string]pipeline.Sink{
		"panic of an iterator": pipeline.ForEach(pipeline.FromSeq(func(func(int) bool) { panic(errOnPurpose) },
			pipeline.Stage{Name: "it"}), ok),
		"error of an iterator": pipeline.ForEach(pipeline.FromSeq2(broken, pipeline.Stage{Name: "it"}), ok),
		"error of a reader": pipeline.ForEach(pipeline.Lines(badReader{}, pipeline.Stage{Name: "it"}),
			func(context.Context, string) error { return nil }),
		"error of a sink": pipeline.ForEach(pipeline.FromSeq(numbers(9)), func(context.Context, int) error { return errOnPurpose },
			pipeline.Stage{Name: "it"}),
		"error of a reduction": pipeline.ForEach(pipeline.Reduce(pipeline.FromSeq(numbers(9)), 0,
			func(context.Context, int, int) (int, error) { return 0, errOnPurpose }, pipeline.Stage{Name: "it"}), ok),
	} {
		t.Run(name, func(t *testing.T) {
			err := start(t, newSystem(t), sink).Wait(t.Context())
			var failed *pipeline.StageError
			if !errors.As(err, &failed) || failed.Stage != "it" || !errors.Is(err, errOnPurpose) {
				t.Errorf("the run ends with %v", err)
			}
		})
	}
}

type badReader struct{}

func (badReader) Read([]byte) (int, error) { return 0, errOnPurpose }

func TestReduceKeepsItsLastValueWhereAnItemIsSkipped(t *testing.T) {
	got := collect(t, pipeline.Reduce(pipeline.FromSeq(numbers(5)), 0, func(_ context.Context, sum, n int) (int, error) {
		if n == 3 {
			return 1 << 20, fmt.Errorf("not 3")
		}
		return sum + n, nil
	}, pipeline.Stage{OnError: pipeline.Skip}))
	want(t, got, []int{0 + 1 + 2 + 4})
}

// A Goexit goes on though a deferred call panics; an error that only looks like one is an error.
func TestWhatLooksLikeAGoexitAndWhatDoesNot(t *testing.T) {
	for shape, stage := range shapes {
		for name, fail := range map[string]func() error{
			"Goexit with a panic":  func() error { defer func() { panic("on purpose") }(); goruntime.Goexit(); return nil },
			"ErrGoexit, returned":  func() error { return runtime.ErrGoexit },
			"a panic in a recover": func() error { defer func() { panic(recover()) }(); panic("on purpose") },
		} {
			t.Run(shape+"/"+name, func(t *testing.T) {
				stage := stage
				stage.OnError, stage.Retries = pipeline.Skip, 1
				flow := pipeline.Map(pipeline.FromSeq(numbers(20)), func(_ context.Context, n int) (int, error) {
					if n == 7 {
						return 0, fail()
					}
					return n, nil
				}, stage)
				var got []int
				stats := finish(t, start(t, newSystem(t), pipeline.ToSlice(flow, &got)))
				if len(got) != 19 || stats.Stages[1].Skipped != 1 || stats.Stages[1].Failed != 2 {
					t.Errorf("%d items arrived; stats are %+v", len(got), stats)
				}
			})
		}
	}
}
