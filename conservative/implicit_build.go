package conservative

import (
	"context"

	"github.com/tamegrad/tamegrad/clarke"
)

// implicitSet copies what the set of matrices is.
func (s *squareSystem) implicitSet(m *matrixSet) *ImplicitSet {
	set := &ImplicitSet{
		Arithmetic: m.arithmetic(), Refused: m.refused, Residual: m.value, Kinks: m.kinks,
		Rows: s.rows, Columns: len(s.known) / s.rows,
		Complete: m.complete, Why: m.why, Regular: clarke.Unknown, s: s, m: m,
	}
	for _, e := range m.elements {
		set.A, set.B = append(set.A, entriesOf(e, s.known)), append(set.B, entriesOf(e, s.unknown))
	}
	return set
}

// mostHullWork bounds the square of the number of elements times their entries
// where extreme points are looked for, which no context interrupts.
const mostHullWork = 1 << 22

func (s *ImplicitSet) build(ctx context.Context, o ImplicitOptions) error {
	if o.Cells == 0 {
		o.Cells = defaultCells
	}
	if err := s.decideRegular(ctx, o.Cells); err != nil {
		s.Regular, s.RegularWhy = clarke.Unknown, "the search was stopped"
		return err
	}
	if s.Regular == clarke.No {
		return nil
	}
	for i := range s.A {
		x, regular, err := solveIn(ctx, s.Rows, s.B[i], negativeIn(s.A[i]))
		switch {
		case err != nil:
			return err
		case regular:
			s.Elements = append(s.Elements, x)
		}
	}
	return s.decideHull(ctx)
}

// decideHull finds the convex hull of S, if its extreme points are known to be
// among the elements.
//
// If a block changes [A B] by a column u times a row [p q], X = −B⁻¹A changes by
// −B⁻¹u·(p + q·X)/(1 + q·B⁻¹u). With u fixed that is a linear-fractional function
// of [p q], with the row fixed one of u, and the denominator is a quotient of
// determinants and positive. Such functions map segments onto segments, so the
// value at a convex combination of choices is a convex combination of the values
// at these choices: block by block, one of the values at products of extreme
// points. With one unknown −A/B is such a function of [A B] on the whole hull.
func (s *ImplicitSet) decideHull(ctx context.Context) error {
	rankOne := s.m.ofRankOne()
	switch {
	case s.Regular != clarke.Yes:
		s.HullWhy = "B may be singular: " + s.RegularWhy
	case s.m.j.o.Tol > 0:
		s.HullWhy = "kinks count as active within a tolerance, which widens the set"
	case s.Rows == 1:
		s.Hull, s.HullWhy = true, "with one unknown, −A/B maps segments onto segments"
	case rankOne:
		s.Hull, s.HullWhy = true, "every kink changes the Jacobian by matrices of rank one, so −B⁻¹A maps segments of choices onto segments"
	default:
		s.HullWhy = "choices at one kink may change the Jacobian by a matrix of higher rank"
	}
	if !s.Hull {
		return nil
	}
	s.Convex = len(s.Kinks) == 0 || len(s.Kinks) == 1 && rankOne || s.Rows == 1 && (s.m.affine() || s.Columns == 1)
	if n := len(s.Elements); n*n > mostHullWork/(s.Rows*s.Columns) {
		return nil
	}
	index, err := hullOf(ctx, s.Elements)
	s.Vertices = pick(s.Elements, index)
	return err
}
