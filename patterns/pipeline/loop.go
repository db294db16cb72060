package pipeline

import (
	"context"
	"slices"
)

// A loop calls a stage's function for the first items, one at least, one after the other, until one fails, or there is no
// room for more results, or, after a number of items that is a multiple of k.mask+1, k.token has come or ctx has ended. It
// adds the results to k.out, and notes how many items it has begun in k.begun, both by the time it is left, be it by a
// panic or a Goexit. Where an item fails, k.out has no results of it.
//
// There are several, because what a loop does beside the function itself is most of what an item costs.
type loop[A, B any] func(ctx context.Context, k *crank[A, B], items []A, room int) error

// byItem is the loop of a function that appends any number of results. Where it fails it leaves out as it was.
func byItem[A, B any](do func(ctx context.Context, v A, out []B) ([]B, error)) loop[A, B] {
	return func(ctx context.Context, k *crank[A, B], items []A, room int) (err error) {
		for k.begun < len(items) && len(k.out) < room {
			v := items[k.begun]
			k.begun++
			if k.out, err = do(ctx, v, k.out); err != nil || k.begun&k.mask == 0 && k.halts(ctx) {
				return err
			}
		}
		return nil
	}
}

// oneForOne is the loop of a function that makes one result of each item.
func oneForOne[A, B any](f func(context.Context, A) (B, error)) loop[A, B] {
	return func(ctx context.Context, k *crank[A, B], items []A, room int) error {
		before := len(k.out)
		items = items[:min(len(items), room-before)]
		out := slices.Grow(k.out, len(items))[:before+len(items)]
		made, failed := 0, true
		defer func() {
			k.out = out[:before+made]
			if k.begun = made; failed {
				k.begun++
			}
		}()
		results, mask, token := out[before:], k.mask, k.token
		for made < len(items) {
			v, err := f(ctx, items[made])
			if err != nil {
				return err
			}
			results[made] = v
			if made++; made&mask == 0 && (len(token) > 0 || ctx.Err() != nil) {
				break
			}
		}
		failed = false
		return nil
	}
}

// noneForOne is the loop of a function that makes no results.
func noneForOne[A any](f func(context.Context, A) error) loop[A, none] {
	return func(ctx context.Context, k *crank[A, none], items []A, _ int) error {
		mask, token := k.mask, k.token
		for i, v := range items {
			k.begun = i + 1
			if err := f(ctx, v); err != nil || k.begun&mask == 0 && (len(token) > 0 || ctx.Err() != nil) {
				return err
			}
		}
		return nil
	}
}

// unchanged is the loop where items are their own results.
func unchanged[T any](_ context.Context, k *crank[T, T], items []T, room int) error {
	k.begun = min(len(items), room-len(k.out))
	k.out = append(k.out, items[:k.begun]...)
	return nil
}
