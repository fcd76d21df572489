package conservative

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
)

// HullContains reports whether the matrix v is in the convex hull of S: Yes or No
// where Hull is known, else Yes or Unknown.
func (s *ImplicitSet) HullContains(v clarke.Vector) (clarke.Verdict, error) {
	if len(s.Elements) == 0 {
		return clarke.Unknown, nil
	}
	inside, err := clarke.HullContains(s.Elements, v)
	switch {
	case err != nil:
		return clarke.Unknown, err
	case inside:
		return clarke.Yes, nil
	case s.Hull:
		return clarke.No, nil
	}
	return clarke.Unknown, nil
}

// Element returns −B⁻¹A for the Jacobian [A B] that a wiring gives: an element of
// S if the wiring stays within the slots' sets, and what implicit differentiation
// returns under the conventions of a framework. The error is a *SingularError if
// that B is singular.
func (s *ImplicitSet) Element(w ad.Wiring) (clarke.Vector, error) {
	if s.Refused != "" {
		return clarke.Vector{}, &RefusedError{s.Refused}
	}
	j, err := s.s.wired(w)
	if err != nil {
		return clarke.Vector{}, err
	}
	_, e, err := j.element(j.inArithmetic(s.m.x), nil, nil)
	return s.s.solved(e, err)
}

// Sample draws an element of S, at random values of all active slots.
func (s *ImplicitSet) Sample(rng *rand.Rand) (clarke.Vector, error) {
	if s.Refused != "" {
		return clarke.Vector{}, &RefusedError{s.Refused}
	}
	_, e, err := s.m.j.element(s.m.x, s.m.kinks, drawAssignment(s.m.kinks, rng))
	return s.s.solved(e, err)
}

func (s *squareSystem) solved(e clarke.Vector, err error) (clarke.Vector, error) {
	if err != nil {
		return clarke.Vector{}, err
	}
	b := entriesOf(e, s.unknown)
	x, regular, err := solveIn(context.Background(), s.rows, b, negativeIn(entriesOf(e, s.known)))
	if err == nil && !regular {
		err = &SingularError{b}
	}
	return x, err
}

// Directional returns the extreme points of {X·d : X in the hull of Elements}, for
// a direction d with one entry for each column. Where Hull is known, the one-sided
// directional derivative of G along d, if it exists, is in their hull.
func (s *ImplicitSet) Directional(d clarke.Vector) ([]clarke.Vector, error) {
	if len(d.Float) != s.Columns {
		return nil, &SystemError{fmt.Sprintf("the direction has %d entries; the inputs have %d", len(d.Float), s.Columns)}
	}
	var out []clarke.Vector
	for _, x := range s.Elements {
		out = append(out, productIn(s.Rows, x, d, clarke.Vector{}))
	}
	if len(out) == 0 {
		return nil, nil
	}
	extreme, _, err := clarke.ExtremePoints(out)
	return extreme, err
}

// SingularError says that a matrix B cannot be inverted.
type SingularError struct{ B clarke.Vector }

func (e *SingularError) Error() string {
	return fmt.Sprintf("conservative: the derivative %v by the unknowns is singular; choose other values at the kinks", e.B.Float)
}
