package conservative

import (
	"cmp"
	"context"
	"math"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/clarke/convex"
)

// LimitOptions are those of Iteration.Limit; the zero value is the default.
type LimitOptions struct {
	// Residual is the largest |Fᵢ(x, θ) − xᵢ| that counts as 0; where it is not 0, the
	// answer is that for F shifted so that x is fixed.
	Residual float64
	// Gap is the distance from the true set at which the search ends; 0 means
	// 1e-6 times the radius of the first bound.
	Gap float64
	// Steps bounds the steps; 0 means 64. Points bounds the points A·X + B that one
	// of them takes the hull of, which no context interrupts; 0 means √(2²²/n) for
	// matrices of n entries.
	Steps, Points int
}

const (
	defaultShrink = 1e-6
	defaultSteps  = 64
)

// complete checks the options and fills in the defaults, for matrices of n entries.
func (o *LimitOptions) complete(n int) error {
	for name, v := range map[string]float64{"Residual": o.Residual, "Gap": o.Gap} {
		if !(v >= 0) || math.IsInf(v, 0) {
			return &OptionError{name, "must be finite and at least 0"}
		}
	}
	for name, v := range map[string]int{"Steps": o.Steps, "Points": o.Points} {
		if v < 0 {
			return &OptionError{name, "must be positive, or 0 for the default"}
		}
	}
	o.Steps = cmp.Or(o.Steps, defaultSteps)
	o.Points = cmp.Or(o.Points, int(math.Sqrt(float64(mostHullWork/n))))
	return nil
}

// LimitSet describes fix(J_F), the set that piggyback Jacobians converge to where
// the iteration contracts to a fixed point x̄(θ), whatever elements of J_F are
// taken: the only compact set 𝒥 that is not empty with
//
//	𝒥 = {A·X + B : [A B] ∈ J_F(x̄, θ), X ∈ 𝒥}.
//
// It is a conservative Jacobian of x̄ (Bolte, Pauwels and Vaiter 2022, see
// Iteration). The implicit set {(I − A)⁻¹B} is part of it: what stays with one
// [A B] for ever.
//
// What is computed is the convex hull C of 𝒥. Since A·X + B is affine in X, and
// multi-affine in the slots, C is the only solution of
//
//	C = conv {A·X + B : [A B] at products of extreme points, X ∈ C},
//
// and the right-hand side, as a map of C, contracts Hausdorff distances by the
// factor Rho. Iterated from the hull C₀ of the implicit elements it gives polytopes
// C₀ ⊂ C₁ ⊂ … ⊂ C. No element of 𝒥 is farther than R = max ‖A·X₀ + B − X₀‖/(1 − Rho)
// from any X₀, in the norm of the Contraction, so none is farther from C_k than
// Rho^k·R, with X₀ in C₀: the middle between two implicit elements.
type LimitSet struct {
	Arithmetic    string // as in ImplicitSet
	Kinks         []ad.Kink
	Rows, Columns int
	Contraction   Contraction
	// Implicit are the elements (I − A)⁻¹B of 𝒥 at products of extreme points.
	Implicit []clarke.Vector
	// Centre and Radius are X₀ and R: 𝒥 lies in that ball, in the Frobenius norm (the
	// Euclidean norm of the entries).
	Centre clarke.Vector
	Radius float64
	// Vertices are the extreme points of C_k, with k = Steps, or nil if there were
	// too many from the start. They are points of C, and no point of C is farther
	// from their hull than Gap, in the Frobenius norm.
	Vertices []clarke.Vector
	Steps    int
	Gap      float64
	// Exact says that C_k was proved to equal C, in rationals.
	Exact bool
	// Convex says that 𝒥 itself is proved to be C: it is an interval if it has one
	// row and one column, and one point if no kink is active.
	Convex bool
	// Why says why the search ended with a Gap larger than asked for, or "".
	Why string

	s      *squareSystem
	pieces []affineMap
}

// affineMap is X ↦ A·X + B.
type affineMap struct{ a, b clarke.Vector }

func (l *LimitSet) apply(p affineMap, x clarke.Vector) clarke.Vector {
	return productIn(l.Rows, p.a, x, p.b)
}

// Limit describes the limit set at a fixed point, which has a value for every
// input of F. The error is a *ContractionError if the iteration is not known to
// contract there, a *ResidualError if the point is not fixed, and a *RefusedError
// if F is not certified locally Lipschitz. If the context ends, what is known so
// far comes with its error.
func (it *Iteration) Limit(ctx context.Context, at clarke.Point, o LimitOptions) (*LimitSet, error) {
	if err := o.complete(it.Rows * it.Columns); err != nil {
		return nil, err
	}
	m, err := it.s.at(ctx, at)
	switch {
	case err != nil:
		return nil, err
	case m.refused != "":
		return nil, &RefusedError{m.refused}
	}
	state := it.s.stateOf(m.x)
	if err := smallResidual(minusIn(m.value, state), o.Residual); err != nil {
		return nil, err
	}
	c, err := it.s.contraction(ctx, m)
	switch {
	case err != nil:
		return nil, err
	case c.Holds != clarke.Yes:
		return nil, &ContractionError{c}
	}
	l := &LimitSet{
		Arithmetic: m.arithmetic(), Kinks: m.kinks, Rows: it.Rows, Columns: it.Columns,
		Contraction: c, Radius: math.Inf(1), Gap: math.Inf(1), s: it.s,
		Convex: len(m.elements) == 1 || it.Rows*it.Columns == 1,
	}
	return l, l.build(ctx, m, o)
}

// HullContains reports whether the matrix v is in C, the hull of the limit set:
// Yes if it is in the polytope of Vertices, No if it is farther from that than
// Gap, or outside the ball if there are no Vertices, else Unknown.
func (l *LimitSet) HullContains(v clarke.Vector) (clarke.Verdict, error) {
	points, slack := l.Vertices, l.Gap
	if points == nil {
		points, slack = []clarke.Vector{l.Centre}, l.Radius
	}
	inside, err := clarke.HullContains(points, v)
	switch {
	case err != nil:
		return clarke.Unknown, err
	case inside:
		return clarke.Yes, nil
	case l.Exact:
		return clarke.No, nil
	}
	m, err := convex.Contains(clarke.Point(points).Floats(), v.Float, slack)
	if err != nil || m.Margin <= slack {
		return clarke.Unknown, err
	}
	return clarke.No, nil
}
