package conservative

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"

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
	// their convex hull is that of J_F(x̂, ŷ); otherwise samples, for the reason
	// Why.
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
	// HullWhy, and Vertices are its extreme points then, sorted lexicographically.
	// For systems whose choices at one kink change [A B] by more than a matrix of
	// rank one S may reach out of the hull of the Elements.
	Hull     bool
	HullWhy  string
	Vertices []clarke.Vector
	// Convex says that S itself is proved to be convex, hence equal to its hull; S
	// is an interval if it has one row and one column.
	Convex bool

	s *system
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
	s, err := newSystem(f, unknowns, o.Options)
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

// implicitSet copies what the set of matrices is.
func (s *system) implicitSet(m *matrixSet) *ImplicitSet {
	set := &ImplicitSet{
		Arithmetic: m.at.arithmetic(), Refused: m.refused, Residual: m.value, Kinks: m.at.kinks,
		Rows: s.rows, Columns: len(s.known) / s.rows,
		Complete: m.complete, Why: m.why, Regular: clarke.Unknown, s: s, m: m,
	}
	for _, e := range m.elements {
		set.A, set.B = append(set.A, entries(e, s.known)), append(set.B, entries(e, s.unknown))
	}
	return set
}

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
		x, regular, err := solveIn(ctx, s.Rows, s.B[i], negated(s.A[i]))
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
// If a block changes [A B] to [A B] + u·rᵀ with u fixed, X = −B⁻¹A changes by
// −B⁻¹u·(r_A + r_B·X)ᵀ/(1 + r_B·B⁻¹u): a linear-fractional function of r, whose
// denominator is a quotient of determinants and positive. Such functions map
// segments onto segments, so the value at a convex combination of choices is a
// convex combination of the values at these choices; likewise with r fixed. Block
// by block the value at any choice is a convex combination of those at products
// of extreme points. With one unknown all this holds for the whole hull at once.
func (s *ImplicitSet) decideHull(ctx context.Context) error {
	rankOne := s.m.ofRankOne()
	switch {
	case s.Regular != clarke.Yes:
		s.HullWhy = "B may be singular: " + s.RegularWhy
	case s.m.at.a.o.Tol > 0:
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
	s.Convex = len(s.Kinks) == 0 || len(s.Kinks) == 1 && rankOne || s.Rows == 1 && (s.m.affine || s.Columns == 1)
	index, err := hullOf(ctx, s.Elements)
	if err != nil {
		s.Hull, s.HullWhy = false, err.Error()
		return ctx.Err()
	}
	s.Vertices = pick(s.Elements, index)
	return nil
}

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
	x := s.m.at.x
	if !j.rational(x) {
		x = clarke.FloatPoint(x.Floats()...)
	}
	return s.s.solved((&at{a: j.a, x: x}).one(nil))
}

// Sample draws an element of S, at random values of all active slots.
func (s *ImplicitSet) Sample(rng *rand.Rand) (clarke.Vector, error) {
	if s.Refused != "" {
		return clarke.Vector{}, &RefusedError{s.Refused}
	}
	return s.s.solved(s.m.at.one(s.m.at.random(rng)))
}

func (s *system) solved(e clarke.Vector, err error) (clarke.Vector, error) {
	if err != nil {
		return clarke.Vector{}, err
	}
	b := entries(e, s.unknown)
	x, regular, err := solveIn(context.Background(), s.rows, b, negated(entries(e, s.known)))
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

// system is a program of as many outputs as some of its inputs, the unknowns, have
// entries.
type system struct {
	*jacobians
	unknowns       []expr.Node
	known, unknown []int // positions of both parts of the Jacobian in an element
}

// SystemError says why a program does not define one function of its inputs.
type SystemError struct{ Why string }

func (e *SystemError) Error() string { return "conservative: " + e.Why }

// ResidualError says that a point does not solve an equation.
type ResidualError struct {
	Entry    int // of all outputs in order
	Residual float64
	Allowed  float64
}

func (e *ResidualError) Error() string {
	return fmt.Sprintf("conservative: the point does not solve the equation: it is off by %g at output %d, where %g is allowed; solve it more accurately or allow more", e.Residual, e.Entry, e.Allowed)
}

// SingularError says that a matrix B cannot be inverted.
type SingularError struct{ B clarke.Vector }

func (e *SingularError) Error() string {
	return fmt.Sprintf("conservative: the derivative %v by the unknowns is singular; choose other values at the kinks", e.B.Float)
}

func newSystem(f *expr.Func, unknowns []expr.Node, o Options) (*system, error) {
	var known []expr.Node
	for _, n := range f.Wrt() {
		if !slices.Contains(unknowns, n) {
			known = append(known, n)
		}
	}
	distinct := len(known)+len(unknowns) == len(f.Wrt())
	switch {
	case len(unknowns) == 0 || !distinct:
		return nil, &SystemError{"the unknowns must be inputs that the program is differentiated by, each listed once"}
	case len(known) == 0:
		return nil, &SystemError{"all inputs are unknowns; leave one to differentiate by"}
	case total(unknowns) != total(f.Out()):
		return nil, &SystemError{fmt.Sprintf("the unknowns have %d entries and the outputs %d; they must be as many", total(unknowns), total(f.Out()))}
	}
	j, err := newJacobians(f, o)
	if err != nil {
		return nil, err
	}
	return &system{j, unknowns, j.columns(known), j.columns(unknowns)}, nil
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
