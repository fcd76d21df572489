package clarke

import (
	"context"
	"errors"
)

// CountCells counts the cells of directions into which the active kinks cut the space around x: all that At goes
// through, without taking the hull of their gradients. Rational points have their cells decided in rationals where the
// switches allow. It errs where At knows no cells, because f is not certified locally Lipschitz or a norm is active, when
// there are more than Options.Cells, and when ctx ends.
func (a *Analyzer) CountCells(ctx context.Context, x Point) (int, error) {
	why, err := Refusal(a.f, x)
	switch {
	case err != nil:
		return 0, err
	case why != "":
		return 0, &InputError{"", "the program is not certified to be locally Lipschitz: " + why}
	}
	lin, _, err := a.linearize(ctx, x)
	if err != nil {
		return 0, err
	}
	g := newGerm(lin, sizeOf(a.f.Wrt()))
	if k, round := g.round(); round {
		return 0, &InputError{"", "there are no cells around the norm " + name(k)}
	}
	s := &search{g: g, ctx: ctx, most: newCollection(a, g, true).budget(), leaf: func(Vector, *Cone) error { return nil }}
	if complete, err := s.run(); err != nil || !complete {
		return s.leaves, errors.Join(err, errorOf(s.stopped))
	}
	return s.leaves, nil
}

func errorOf(stopped string) error {
	if stopped == "" {
		return nil
	}
	return errors.New(stopped)
}
