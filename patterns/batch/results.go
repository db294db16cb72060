package batch

import (
	"context"
	"errors"
	"fmt"

	"github.com/troupe-go/troupe/runtime"
)

// ErrResults is wrapped by the error that all askers of a batch get when Call returned more results, or fewer, than there
// were requests: nobody knows then which is whose.
var ErrResults = errors.New("batch: wrong number of results")

// Errors is what Call returns as its error where not all requests have the same fate: an entry for each request, in their
// order, which is nil where the result counts. It may be wrapped.
type Errors []error

// Error says how many failed, and the first reason.
func (e Errors) Error() string {
	var failed int
	var first error
	for _, err := range e {
		if err == nil {
			continue
		}
		if failed++; first == nil {
			first = err
		}
	}
	return fmt.Sprintf("batch: %d of %d requests failed, the first one with: %v", failed, len(e), first)
}

// answer gives each asker what Call returned for it, and reports whether all of it is of use.
func (w *worker[Req, Res]) answer(ctx context.Context, results []Res, err error) bool {
	n := len(w.batch)
	var each Errors
	several := errors.As(err, &each)
	switch {
	case err != nil && !several:
		w.fail(stopped(ctx, err))
		return false
	case several && len(each) != n:
		w.fail(fmt.Errorf("%w: Call returned %d errors for %d requests: %w", ErrResults, len(each), n, err))
		return false
	case len(results) != n:
		err := fmt.Errorf("%w: Call returned %d results for %d requests", ErrResults, len(results), n)
		if several {
			err = fmt.Errorf("%w: %w", err, each)
		}
		w.fail(err)
		return false
	}
	for i, a := range w.batch {
		if several && each[i] != nil {
			a.Fail(stopped(ctx, each[i]))
		} else {
			a.TrySend(results[i])
		}
	}
	return !several
}

// fail gives all askers of the batch the same error.
func (w *worker[Req, Res]) fail(err error) {
	for _, a := range w.batch {
		a.Fail(err)
	}
}

// stopped says of an error that Call returned after its batcher was stopped that this may be why.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() == nil || errors.Is(err, runtime.ErrStopped) {
		return err
	}
	return fmt.Errorf("%w: %w", runtime.ErrStopped, err)
}
