package claim

import (
	"context"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// Each calls f(ctx, i) for i in [0, n) on c.Workers goroutines (at least one). It returns the
// error of the smallest failing i that ran, or ctx's error; a panic in f becomes a *PanicError.
// For results that do not depend on the workers, f writes only to its own index of a slice
// and draws only from c.Rand with an axis that names i.
func (c *Context) Each(ctx context.Context, n int, f func(ctx context.Context, i int) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var next atomic.Int64
	var wait sync.WaitGroup
	errs := make([]error, n)
	for range min(max(c.Workers, 1), n) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				if errs[i] = Protect(func() error { return f(ctx, i) }); errs[i] != nil {
					stop(errs[i])
				}
			}
		})
	}
	wait.Wait()
	return firstError(ctx, errs)
}

// firstError prefers a failure of f over the cancellation that it caused.
func firstError(ctx context.Context, errs []error) error {
	for _, err := range errs {
		if err != nil && err != ctx.Err() {
			return err
		}
	}
	return ctx.Err()
}

// Protect calls f and returns its error; a panic becomes a *PanicError.
func Protect(f func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &PanicError{Value: value, Stack: debug.Stack()}
		}
	}()
	return f()
}
