package conservative

import (
	"context"
	"math/big"
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
	// MaxSlots bounds the extreme points that are enumerated, by 2^MaxSlots; 0
	// means 16 and the largest value is 20. It also bounds the partial combinations of
	// choices that are looked at, a second or two by default for a hundred kinks on
	// common paths. Only Vertices depend on it.
	MaxSlots int
	// MaxParts bounds the parts into which the choices at kinks are split to
	// decide whether 0 ∈ D; 0 means 4,096, a few seconds. It is meant for a dozen
	// kinks: parts of more count for more, by their linear programs. Where Vertices are
	// not known it bounds the search for the point of conv D nearest to a vector as
	// well, at 64 times as many regions of choices in all; then DistanceLower is what
	// they show.
	MaxParts int
}

const (
	defaultSlots = 16
	largestSlots = 20
	defaultParts = 4096
)

// Field is the conservative field D(x) of a program at a point. Its elements are
// gradients, flat over the inputs f.Wrt(), or Jacobians, flat [output][input].
//
// With g(x, λ) the derivative as a function of the values λ of its active slots,
// D(x) = {g(x, λ) : λ ∈ Λ}, where Λ = Λ₁ × Λ₂ × … is the product of the slot sets,
// one for each active block. Everything but λ is a number at the point, so that g
// is known from a linearisation of the program, ad.Linearization, and is computed
// without running it again. g is multi-affine: affine in each block when the
// others are held. Hence
//
//	conv D(x) = conv {g(x, v) : v a product of extreme points}:
//
// in the first block g(x, λ₁, λ₂, …) is a convex combination of its values at
// extreme points of Λ₁, each of these is one of values at extreme points of Λ₂,
// and so on. D itself need not be convex.
//
// A Field is safe for concurrent use.
type Field struct {
	// Arithmetic is "rational" or "float64". In the latter kinks may still have
	// been decided in rationals, if all switches are rational.
	Arithmetic string
	// Refused is the reason why f is not certified locally Lipschitz near x; D is
	// not given then, but Value is.
	Refused string
	// Value is f(x), flat over the outputs.
	Value clarke.Vector
	// Kinks are the active blocks, in topological order.
	Kinks []ad.Kink
	// Affine says that g is affine in all active slots jointly, so that D is
	// convex: no path leads from one kink with a choice to another.
	Affine bool
	// Groups lists the kinks (indices of Kinks) whose choices make a difference;
	// those that paths join together are in one group, and choices in different
	// groups add up. Depth is the largest number of such kinks on one path.
	Groups [][]int
	Depth  int

	// Complete says that Vertices are all of conv D; Why gives the reason
	// otherwise: a budget, an active Direction, whose set is a ball, or the context.
	Complete bool
	Why      string
	// Vertices are the extreme points of conv D, distinct and sorted
	// lexicographically; nil unless Complete.
	Vertices []clarke.Vector
	// MinNorm is the point of conv D nearest to 0 and Distance its norm. The
	// distance is at least DistanceLower, and MinNorm the nearest point found if the
	// two differ by more than rounding.
	MinNorm                 clarke.Vector
	Distance, DistanceLower float64
	// HullContainsZero answers 0 ∈ conv D.
	HullContainsZero clarke.Verdict
	// ContainsZero answers 0 ∈ D itself, and ContainsZeroWhy says on what grounds.
	ContainsZero    clarke.Verdict
	ContainsZeroWhy string
	// ZeroSlots has slots for which g is 0 and ZeroCertificate a proof that there
	// are none, where that was the ground: see Membership.
	ZeroSlots       []clarke.Vector
	ZeroCertificate *Certificate

	options Options
	lin     *ad.Linearization
	float   *parts[float64]
	exact   *parts[*big.Rat] // nil in float64
}

// At returns the conservative field of f at x, in rationals if x is rational,
// Tol is 0 and f has rational derivatives, else in float64, where all answers
// hold up to rounding. A switch that is NaN is a *vm.NaNError, a derivative that
// is not finite a *NonFiniteError. Use an Analyzer for many points of one program.
//
// When the context ends, the field comes back with the bounds found by then and
// Why names the reason; that is no error.
func At(ctx context.Context, f *expr.Func, x clarke.Point, o Options) (*Field, error) {
	a, err := NewAnalyzer(f, o)
	if err != nil {
		return nil, err
	}
	return a.At(ctx, x)
}

// adopt takes a linearisation over.
func (d *Field) adopt(lin *ad.Linearization) error {
	if err := finite(lin); err != nil {
		return err
	}
	d.lin, d.Kinks, d.Arithmetic = lin, lin.Kinks, "float64"
	if lin.IsExact() {
		d.Arithmetic = "rational"
		d.exact = newParts(newSystem(ratNumbers, lin))
	}
	d.float = newParts(newSystem(floatNumbers, lin))
	shape := d.shape()
	d.Affine = shape.affine()
	for g, list := range shape.groups {
		var group []int
		for _, b := range list {
			if shape.free[b] {
				group = append(group, b)
			}
		}
		d.Groups, d.Depth = append(d.Groups, group), max(d.Depth, shape.depth[g])
	}
	return nil
}

// shape is the structure in the better arithmetic.
func (d *Field) shape() *structure {
	if d.exact != nil {
		return d.exact.shape
	}
	return d.float.shape
}

// Sample draws an element of D: g at random values of all active slots, about
// half of them extreme points of the slot's set. It fails where D is refused, or
// not known at all.
func (d *Field) Sample(rng *rand.Rand) (clarke.Vector, error) {
	if err := d.absent(); err != nil {
		return clarke.Vector{}, err
	}
	return d.at(d.random(rng)), nil
}

// at returns g at slots.
func (d *Field) at(s assignment) clarke.Vector {
	if d.exact != nil {
		return clarke.Rational(d.exact.element(valuesOf(ratNumbers, s)))
	}
	return clarke.Floats(d.float.element(valuesOf(floatNumbers, s)))
}

// absent says why there is no field: a *RefusedError or an *UnfinishedError.
func (d *Field) absent() error {
	switch {
	case d.Refused != "":
		return &RefusedError{d.Refused}
	case d.lin == nil:
		return &UnfinishedError{d.Why}
	}
	return nil
}

// UnfinishedError says that the context ended before the program was linearised, so
// that nothing is known of its field.
type UnfinishedError struct{ Why string }

func (e *UnfinishedError) Error() string {
	return "conservative: nothing is known of the field: " + e.Why + "; allow more time"
}

// RefusedError says that a program is not certified locally Lipschitz at the
// point, so that it has no conservative field there.
type RefusedError struct{ Why string }

func (e *RefusedError) Error() string {
	return "conservative: the program is not certified to be locally Lipschitz: " + e.Why
}
