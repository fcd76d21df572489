package conservative

import (
	"context"
	"fmt"
	"math"
	"math/big"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
)

// ImplicitOptions are those of Implicit; the zero value is the default.
type ImplicitOptions struct {
	Options
	// Residual is the largest |Fᵢ| that counts as 0. Where F(x̂, ŷ) is not exactly
	// 0, the answer is that for the equation F(x, y) = F(x̂, ŷ).
	Residual float64
	// Cells bounds the pieces of the hull in which B is examined, where nothing
	// simpler decides; 0 means 1024.
	Cells int
}

const defaultCells = 1024

// ImplicitSet is the conservative Jacobian at x̂ of the function G with
// F(x, G(x)) = 0 and G(x̂) = ŷ, for a program F with as many outputs as y has
// entries.
//
// Let J_F(x̂, ŷ) be the set of all Jacobians [A B] that differentiation can return
// when every active slot takes any value of its set, A by x and B by y. If B is
// invertible for every [A B] in the convex hull of J_F(x̂, ŷ), then G exists near
// x̂, is unique and path differentiable, and
//
//	S = {−B⁻¹A : [A B] ∈ J_F(x̂, ŷ)}
//
// is its conservative Jacobian (J. Bolte, T. Le, E. Pauwels, A. Silveti-Falls,
// "Nonsmooth implicit differentiation for machine learning and optimization",
// NeurIPS 2021, the implicit function theorem). The hull is conservative too, which
// gives G; then along a curve 0 = A·ẋ + B·ẏ almost everywhere for every [A B] in
// J_F itself, so that the smaller set S will do. S depends on the program of F.
// ∂G(x̂) is in the convex hull of S, and may be smaller.
//
// Matrices are flat and row-major, with one row for each entry of y in the order
// of the unknowns, and one column for each entry of the other inputs of F.Wrt().
type ImplicitSet struct {
	// Arithmetic is "rational" or "float64". In float64 every answer is about the
	// matrices that were computed, so it holds up to their rounding.
	Arithmetic string
	// Refused is the reason why F is not certified locally Lipschitz near the
	// point; there is no set then.
	Refused string
	// Residual is F(x̂, ŷ).
	Residual clarke.Vector
	// Kinks are the active blocks.
	Kinks         []ad.Kink
	Rows, Columns int

	// A and B are the two parts of distinct elements of J_F(x̂, ŷ). If Complete,
	// they are those at all products of extreme points of the slots' sets, and
	// their convex hull is that of J_F(x̂, ŷ); otherwise up to 256 random ones, the
	// same in every run, for the reason Why.
	A, B     []clarke.Vector
	Complete bool
	Why      string

	// Regular says whether B is invertible for every [A B] in the hull: Yes or No
	// are proved as RegularWhy tells. If No, Singular is a matrix of the hull that
	// is not invertible, and there are no elements: the theorem does not apply.
	Regular    clarke.Verdict
	RegularWhy string
	Singular   *Singular

	// Elements are −B⁻¹A for A and B in order, elements of S each. If Regular is
	// Unknown, some may lack, and S is conservative only if the open question has
	// the answer Yes.
	Elements []clarke.Vector
	// Hull says that the convex hull of Elements is proved to be that of S, by
	// HullWhy. Vertices are its extreme points then, sorted lexicographically, or nil
	// if there are too many elements to look for them at once. If choices at one kink
	// change [A B] by more than a matrix of rank one, S may reach out of the hull of
	// Elements.
	Hull     bool
	HullWhy  string
	Vertices []clarke.Vector
	// Convex says that S itself is proved to be convex, hence equal to its hull; S
	// is an interval if it has one row and one column.
	Convex bool

	s *squareSystem
	m *matrixSet
}

// Implicit returns the conservative Jacobian of y as a function of the other
// inputs of f.Wrt() that f = 0 defines near the point, which has a value for every
// input of f. The unknowns y are some of the inputs f.Wrt(); their entries are as
// many as those of all outputs of f. It works in rationals if the point is
// rational, Tol is 0 and f has an exact Jacobian.
//
// The error is a *SystemError if the sizes do not fit, and a *ResidualError if
// the point does not solve the equation. If the context ends, what is known so
// far comes with its error.
func Implicit(ctx context.Context, f *expr.Func, unknowns []expr.Node, at clarke.Point, o ImplicitOptions) (*ImplicitSet, error) {
	if o.Cells < 0 {
		return nil, &OptionError{"Cells", "must be positive, or 0 for 1024"}
	}
	if !(o.Residual >= 0) || math.IsInf(o.Residual, 0) {
		return nil, &OptionError{"Residual", "must be finite and at least 0"}
	}
	s, err := newSquareSystem(f, unknowns, o.Options)
	if err != nil {
		return nil, err
	}
	m, err := s.at(ctx, at)
	if m == nil || err != nil && ctx.Err() == nil {
		return nil, err
	}
	set := s.implicitSet(m)
	if err != nil {
		return set, err
	}
	if m.refused != "" {
		set.RegularWhy = "the program is not certified to be locally Lipschitz: " + m.refused
		return set, nil
	}
	if err := smallResidual(m.value, o.Residual); err != nil {
		return nil, err
	}
	return set, set.build(ctx, o)
}

// ResidualError says that a point does not solve an equation.
type ResidualError struct {
	Entry    int // of all outputs in order
	Residual float64
	Allowed  float64
}

func (e *ResidualError) Error() string {
	return fmt.Sprintf("conservative: the point does not solve the equation: it is off by %g at output %d, where %g is allowed; solve it more accurately or allow more", e.Residual, e.Entry, e.Allowed)
}

// smallResidual checks the entries of F(x̂, ŷ) against what is allowed.
func smallResidual(v clarke.Vector, allowed float64) error {
	most := new(big.Rat).SetFloat64(allowed)
	for i, r := range exactly(v) {
		if r == nil || new(big.Rat).Abs(r).Cmp(most) > 0 {
			return &ResidualError{i, v.Float[i], allowed}
		}
	}
	return nil
}
