package conservative

import (
	"context"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
)

// Options of At and NewAnalyzer; the zero value is the default.
type Options struct {
	// Tol is the largest |z| at which a switch counts as active, see ad.Within.
	// A positive one widens the field: nothing is exact then.
	Tol float64
	// MaxSlots bounds the products of extreme points that are enumerated, by
	// 2^MaxSlots; 0 means 16 and the largest value is 20.
	MaxSlots int
	// Seed is that of the elements sampled where D is not enumerated.
	Seed uint64
}

const (
	defaultSlots = 16
	largestSlots = 20
)

// Field is the conservative field D(x) of a scalar program at a point, with
// vectors flat over the inputs f.Wrt().
//
// With g(x, λ) the gradient program as a function of the values λ of its active
// slots, D(x) = {g(x, λ) : λ ∈ Λ}, where Λ = Λ₁ × Λ₂ × … is the product of the
// slot sets, one for each active block. Every rule is affine in each of its
// slots, and a first derivative passes each of them once, so g is multi-affine:
// affine in each block when the others are held. Hence
//
//	conv D(x) = conv {g(x, v) : v a product of extreme points}:
//
// in the first block g(x, λ₁, λ₂, …) is a convex combination of its values at
// extreme points of Λ₁, each of these is one of values at extreme points of Λ₂,
// and so on. D itself need not be convex.
type Field struct {
	// Arithmetic is "rational" or "float64".
	Arithmetic string
	// Refused is the reason why f is not certified locally Lipschitz near x; D is
	// not given then, but Value is.
	Refused string
	// Value is f(x), a vector of one number.
	Value clarke.Vector
	// Kinks are the active blocks.
	Kinks []ad.Kink

	// Complete says that Vertices are all of conv D; Why gives the reason
	// otherwise: a budget, or an active Direction, whose set is a ball.
	Complete bool
	Why      string
	// Vertices are the extreme points of conv D, distinct and sorted
	// lexicographically; nil unless Complete.
	Vertices []clarke.Vector
	// MinNorm is the point of conv D nearest to 0 and Distance its norm. Where D
	// is not Complete they belong to the hull of the elements sampled, and
	// Distance is an upper bound.
	MinNorm  clarke.Vector
	Distance float64
	// HullContainsZero answers 0 ∈ conv D.
	HullContainsZero clarke.Verdict
	// ContainsZero answers 0 ∈ D itself, and ContainsZeroWhy says on what grounds.
	ContainsZero    clarke.Verdict
	ContainsZeroWhy string
	// Affine says that g is proved to be affine in all active slots jointly, so
	// that D is convex.
	Affine bool

	at    *at
	inner []clarke.Vector // elements of D evaluated
}

// At returns the conservative field of f at x, in rationals if x is rational,
// Tol is 0 and the program has an exact gradient, else in float64, where all
// answers hold up to rounding. A switch that is NaN is a *vm.NaNError. Use an
// Analyzer for many points of one program.
func At(ctx context.Context, f *expr.Func, x clarke.Point, o Options) (*Field, error) {
	if err := x.Check(f); err != nil {
		return nil, err
	}
	a, err := NewAnalyzer(f, o)
	if err != nil {
		return nil, err
	}
	return a.At(ctx, x)
}

// HullContains reports whether v is in conv D: Yes or No where D is Complete,
// Yes or Unknown otherwise.
func (d *Field) HullContains(v clarke.Vector) (clarke.Verdict, error) {
	points := d.Vertices
	if !d.Complete {
		points = d.inner
	}
	if len(points) == 0 {
		return clarke.Unknown, nil
	}
	inside, err := clarke.HullContains(points, v)
	switch {
	case err != nil:
		return clarke.Unknown, err
	case inside:
		return clarke.Yes, nil
	case d.Complete:
		return clarke.No, nil
	}
	return clarke.Unknown, nil
}

// Sample draws an element of D: g at random values of all active slots, about
// half of them extreme points of the slot's set. It fails where D is refused.
func (d *Field) Sample(rng *rand.Rand) (clarke.Vector, error) {
	if d.Refused != "" {
		return clarke.Vector{}, &RefusedError{d.Refused}
	}
	out, err := d.at.evaluate(context.Background(), listed(d.at.random(rng)))
	if err != nil {
		return clarke.Vector{}, err
	}
	return out[0], nil
}

// RefusedError says that a program is not certified locally Lipschitz at the
// point, so that it has no conservative field there.
type RefusedError struct{ Why string }

func (e *RefusedError) Error() string {
	return "conservative: the program is not certified to be locally Lipschitz: " + e.Why
}
