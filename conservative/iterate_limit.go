package conservative

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/clarke/convex"
)

// LimitOptions are those of Iteration.Limit; the zero value is the default.
type LimitOptions struct {
	// Residual is the largest |Fᵢ(x, θ) − xᵢ| that counts as a fixed point.
	Residual float64
	// Gap is the distance from the true set at which the search ends; 0 means
	// 1e-6 times the radius of the first bound.
	Gap float64
	// Steps bounds the steps, and Points the points A·X + B that one of them takes
	// the hull of; 0 means 64 and 4096.
	Steps, Points int
}

const (
	defaultShrink = 1e-6
	defaultSteps  = 64
	defaultPoints = 4096
)

func (o *LimitOptions) complete() error {
	for name, v := range map[string]float64{"Residual": o.Residual, "Gap": o.Gap} {
		if !(v >= 0) || math.IsInf(v, 0) {
			return &OptionError{name, "must be finite and at least 0"}
		}
	}
	if o.Steps < 0 || o.Points < 0 {
		return &OptionError{"Steps and Points", "must be positive, or 0 for 64 and 4096"}
	}
	o.Steps, o.Points = cmp.Or(o.Steps, defaultSteps), cmp.Or(o.Points, defaultPoints)
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
// Rho^k·R, with X₀ the mean of the points of C₀.
type LimitSet struct {
	Arithmetic    string // as in ImplicitSet
	Kinks         []ad.Kink
	Rows, Columns int
	Contraction   Contraction
	// Implicit are the elements (I − A)⁻¹B of 𝒥 at products of extreme points.
	Implicit []clarke.Vector
	// Vertices are the extreme points of C_k, with k = Steps. Those are points of
	// C, and no point of C is farther from their hull than Gap, in the Frobenius
	// norm (the Euclidean norm of the entries).
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

	s      *system
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
	if err := o.complete(); err != nil {
		return nil, err
	}
	m, err := it.s.at(ctx, at)
	switch {
	case err != nil:
		return nil, err
	case m.refused != "":
		return nil, &RefusedError{m.refused}
	}
	state := it.s.stateOf(m.at.x)
	if err := smallResidual(difference(m.value, state), o.Residual); err != nil {
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
		Arithmetic: m.at.arithmetic(), Kinks: m.at.kinks, Rows: it.Rows, Columns: it.Columns,
		Contraction: c, Gap: math.Inf(1), s: it.s,
		Convex: len(m.elements) == 1 || it.Rows*it.Columns == 1,
	}
	return l, l.build(ctx, m, o)
}

// build iterates until the Gap is small, the set does not change any more, or a
// bound is met.
func (l *LimitSet) build(ctx context.Context, m *matrixSet, o LimitOptions) error {
	if err := l.begin(ctx, m); err != nil {
		return l.giveUp(err)
	}
	goal := cmp.Or(o.Gap, defaultShrink*l.Gap)
	for len(l.pieces) > 1 && l.Gap > goal {
		switch {
		case l.Steps == o.Steps:
			l.Why = fmt.Sprintf("the budget of %d steps is used up", o.Steps)
			return nil
		case len(l.pieces)*len(l.Vertices) > o.Points:
			l.Why = fmt.Sprintf("%d extreme points under %d elements of the Jacobian are more than the budget of %d", len(l.Vertices), len(l.pieces), o.Points)
			return nil
		}
		next, err := l.step(ctx)
		if err != nil {
			return l.giveUp(err)
		}
		if next[0].Exact != nil && slices.EqualFunc(next, l.Vertices, equal) {
			l.Exact, l.Gap = true, 0
			return nil
		}
		l.Vertices, l.Steps = next, l.Steps+1
		l.Gap = above(l.Contraction.Rho * l.Gap)
	}
	l.Exact = l.Exact || len(l.pieces) == 1 && l.Arithmetic == "rational"
	return nil
}

// giveUp ends the search where a hull has too many extreme points.
func (l *LimitSet) giveUp(err error) error {
	var many *tooMany
	if errors.As(err, &many) {
		l.Why = many.Error()
		return nil
	}
	return err
}

// begin finds the maps, C₀ and R.
func (l *LimitSet) begin(ctx context.Context, m *matrixSet) error {
	for _, e := range m.elements {
		p := affineMap{entries(e, l.s.unknown), entries(e, l.s.known)}
		x, _, err := solveIn(ctx, l.Rows, identityMinus(l.Rows, p.a), p.b)
		if err != nil {
			return err
		}
		l.pieces, l.Implicit = append(l.pieces, p), append(l.Implicit, x)
	}
	index, err := hullOf(ctx, l.Implicit)
	if err != nil {
		return err
	}
	l.Vertices = pick(l.Implicit, index)
	l.Gap = l.radius() * l.frobenius()
	return nil
}

// step returns the extreme points of the next polytope.
func (l *LimitSet) step(ctx context.Context) ([]clarke.Vector, error) {
	var images []clarke.Vector
	for _, p := range l.pieces {
		for _, x := range l.Vertices {
			images = append(images, l.apply(p, x))
		}
	}
	index, err := hullOf(ctx, images)
	return pick(images, index), err
}

// radius returns R around the mean of the first polytope.
func (l *LimitSet) radius() float64 {
	centre, largest := meanOf(l.Vertices), 0.0
	for _, p := range l.pieces {
		largest = max(largest, l.norm(difference(l.apply(p, centre), centre)))
	}
	return above(largest / (1 - l.Contraction.Rho))
}

// norm is the one that a matrix A with the norm of the Contraction contracts: the
// largest entry, the largest absolute sum of a column, or Frobenius' norm.
func (l *LimitSet) norm(v clarke.Vector) float64 {
	largest, columns, squares := 0.0, make([]float64, l.Columns), 0.0
	for i, x := range v.Float {
		largest = max(largest, math.Abs(x))
		columns[i%l.Columns] += math.Abs(x)
		squares += float64(x * x)
	}
	switch l.Contraction.Norm {
	case normRows:
		return largest
	case normColumns:
		return slices.Max(columns)
	}
	return math.Sqrt(squares)
}

// frobenius bounds Frobenius' norm by a multiple of that norm.
func (l *LimitSet) frobenius() float64 {
	switch l.Contraction.Norm {
	case normRows:
		return above(math.Sqrt(float64(l.Rows * l.Columns)))
	case normColumns:
		return above(math.Sqrt(float64(l.Columns)))
	}
	return 1
}

// above returns a number that exceeds x by more than the few roundings that led
// to it.
func above(x float64) float64 { return x * (1 + 0x1p-40) }

// HullContains reports whether the matrix v is in C, the hull of the limit set:
// Yes if it is in the polytope of Vertices, No if it is farther from that than
// Gap, else Unknown.
func (l *LimitSet) HullContains(v clarke.Vector) (clarke.Verdict, error) {
	if len(l.Vertices) == 0 {
		return clarke.Unknown, nil
	}
	inside, err := clarke.HullContains(l.Vertices, v)
	switch {
	case err != nil:
		return clarke.Unknown, err
	case inside:
		return clarke.Yes, nil
	case l.Exact:
		return clarke.No, nil
	}
	m, err := convex.Contains(clarke.Point(l.Vertices).Floats(), v.Float, l.Gap)
	if err != nil || m.Margin <= l.Gap {
		return clarke.Unknown, err
	}
	return clarke.No, nil
}

func equal(a, b clarke.Vector) bool { return compare(a, b) == 0 }

// difference returns a − b, rational if both are.
func difference(a, b clarke.Vector) clarke.Vector {
	if a.Exact != nil && b.Exact != nil {
		out := make([]*big.Rat, len(a.Exact))
		for i := range out {
			out[i] = new(big.Rat).Sub(a.Exact[i], b.Exact[i])
		}
		return clarke.Rational(out)
	}
	out := make([]float64, len(a.Float))
	for i := range out {
		out[i] = a.Float[i] - b.Float[i]
	}
	return clarke.Floats(out)
}

// meanOf returns the mean of vectors of one arithmetic.
func meanOf(list []clarke.Vector) clarke.Vector {
	weight := big.NewRat(1, int64(len(list)))
	w, _ := weight.Float64()
	sum, exact := make([]float64, len(list[0].Float)), make([]*big.Rat, len(list[0].Exact))
	for i := range exact {
		exact[i] = new(big.Rat)
	}
	for _, v := range list {
		for i, x := range v.Float {
			sum[i] += float64(w * x)
		}
		for i, x := range v.Exact {
			exact[i].Add(exact[i], new(big.Rat).Mul(weight, x))
		}
	}
	if len(exact) > 0 {
		return clarke.Rational(exact)
	}
	return clarke.Floats(sum)
}

// identityMinus returns I − A.
func identityMinus(m int, a clarke.Vector) clarke.Vector {
	if a.Exact != nil {
		return clarke.Rational(shifted(m, a.Exact, 1, -1))
	}
	out := make([]float64, len(a.Float))
	for i, x := range a.Float {
		out[i] = -x
		if i/m == i%m {
			out[i] = 1 - x
		}
	}
	return clarke.Floats(out)
}
