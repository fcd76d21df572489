package verify

import (
	"context"
	"errors"
	"fmt"
)

// Status is what became of a check.
type Status string

// The statuses: a check holds, it fails, or it is left open, that is not rechecked.
const (
	Holds Status = "holds"
	Fails Status = "fails"
	Open  Status = "not rechecked"
)

// Check is one line of the result: a key of the object, or a group of keys.
type Check struct {
	Name   string // such as "clarke.vertices"
	Status Status
	// Text says what was found: of a failing check it begins with the path of the
	// value at fault.
	Text string
}

// Result is what became of an object.
type Result struct {
	Expression string
	Checks     []Check
}

// Count returns how many checks have a status.
func (r *Result) Count(s Status) (n int) {
	for _, c := range r.Checks {
		if c.Status == s {
			n++
		}
	}
	return n
}

// Recheck checks an object. The error is a *FormatError if the object contradicts
// itself so much that nothing can be computed, such as a value of another shape than
// the expression's, or the end of ctx.
func Recheck(ctx context.Context, o *Object) (*Result, error) { return recheckWithin(ctx, o, maxWork) }

// recheckWithin is Recheck for checks that compute at most as many numbers.
func recheckWithin(ctx context.Context, o *Object, work int) (*Result, error) {
	p, err := build(o)
	if err != nil {
		return nil, err
	}
	r := &recheck{ctx: ctx, o: o, p: p, work: work, result: &Result{Expression: o.Expression}}
	checks := []func(){r.numbers, r.class, r.value, r.kinks, r.selections, r.lexicographic, r.directional, r.sets}
	if (o.Field == nil) == (o.Clarke == nil) { // else sets fails, and the rest means nothing
		checks = append(checks, r.field, r.clarke, r.support, r.spurious, r.verdicts)
	}
	for _, check := range checks {
		if check(); ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return r.result, nil
}

// recheck is a check at work.
type recheck struct {
	ctx    context.Context
	o      *Object
	p      *program
	work   int // numbers that each check may compute
	result *Result

	// affine says that the program is piecewise affine near the point, so that
	// derivatives do not change along short segments.
	affine bool
	// products is the field at the point under all combinations of extreme
	// choices; nil if there are too many.
	products *field
}

// check runs one check, which returns what it found. A *fault fails; what a budget
// left out is open.
func (r *recheck) check(name string, f func() (found string, err error)) {
	r.p.left = r.work
	found, err := f()
	c := Check{name, Holds, found}
	var bad *fault
	switch {
	case errors.As(err, &bad):
		c.Status, c.Text = Fails, bad.Error()
	case err != nil:
		c.Status, c.Text = Open, err.Error()
	}
	r.result.Checks = append(r.result.Checks, c)
}

// fault says which value does not hold.
type fault struct{ path, why string }

func (f *fault) Error() string { return f.path + ": " + f.why }

func faulty(path, format string, args ...any) error {
	return &fault{path, fmt.Sprintf(format, args...)}
}

// open says why something is not rechecked.
func open(format string, args ...any) error { return fmt.Errorf(format, args...) }
