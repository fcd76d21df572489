package clarke

import (
	"context"
	"errors"
	"fmt"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// Options of At and NewAnalyzer; the zero value is the default.
type Options struct {
	// Cells bounds the cells that are enumerated; 0 means 16384, or fewer such
	// that all cells together have at most 2^24 coefficients: the number of kinks
	// times those of inputs and outputs is what a cell takes. Of medians and the like
	// the places are bounded too at which cells are looked for, by 4096 and four for
	// each cell.
	Cells int
	// Tol is the largest |z| at which a switch counts as active, see ad.Within.
	// With a positive one nothing is exact but programs without kinks.
	Tol float64
	// Directions is how many random directions are drawn where an active norm
	// keeps the set from being a polytope; 0 means 64. Seed is that of the draws.
	Directions int
	Seed       uint64
}

const (
	defaultDirections = 64
	defaultCells      = 1 << 14
	coefficients      = 1 << 24
)

// Subdifferential is what is known of the Clarke subdifferential ∂f(x); for a
// program of several output entries, of the Clarke Jacobian, with the rows of
// matrices one after the other.
type Subdifferential struct {
	// Arithmetic is "rational" or "float64": that of the vertices. Kinks may be
	// decided in rationals in both.
	Arithmetic string
	// Refused is the reason why f is not certified locally Lipschitz near x; all
	// that follows is empty then.
	Refused string
	// Outputs is the number of output entries: rows of a Jacobian.
	Outputs int
	// Vertices are the extreme points of the hull of the limiting gradients found,
	// flat over f.Wrt(), distinct and sorted lexicographically. The hull is
	// contained in ∂f(x), and equal to it if Exact and not Round.
	Vertices []Vector
	// Certificates has for each vertex a direction d such that the vertex is the
	// limit of ∇f(x + td) for t ↓ 0.
	Certificates []Certificate
	// Exact says that ∂f(x) is proved to be the hull of Vertices, or, if Round,
	// the hull of the conservative field. Vertices in float64 are then exact up to
	// rounding. Why gives the reason either way.
	Exact bool
	Why   string
	// Round says that an active norm keeps the set from being known as a
	// polytope: Vertices span an inner bound.
	Round bool
	// Qualified says that the linear independence kink qualification is proved,
	// so that ∂f(x) = conv D(x), the hull of the conservative field.
	Qualified bool
	// Cells is the number of cells seen, Complete says that there are no more, but for
	// cells that tell nothing new: those of a median that differ in the entries above
	// it only.
	Cells    int
	Complete bool
	// MinNorm is the point of the hull nearest to 0 and Distance its norm, an
	// upper bound of the distance from 0 to ∂f(x).
	MinNorm  Vector
	Distance float64
	// ContainsZero answers 0 ∈ ∂f(x), whether x is Clarke critical: Unknown if 0
	// is not in the hull and the hull is not known to be ∂f(x).
	ContainsZero Verdict
	// Minimality is about scalar programs, and Descent a direction along which f
	// decreases, if x is proved not to be a local minimum.
	Minimality Minimality
	Descent    Vector
}

// Certificate names a direction along which a vertex is the limiting gradient.
type Certificate struct{ Vertex, Direction Vector }

// Analyzer computes Clarke subdifferentials of one program at many points. It is
// safe for concurrent use.
type Analyzer struct {
	f *expr.Func
	l *ad.Linearizer
	o Options
}

// NewAnalyzer derives and compiles what At needs.
func NewAnalyzer(f *expr.Func, o Options) (*Analyzer, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	l, err := ad.NewLinearizer(f, o.Tol)
	return &Analyzer{f, l, o}, err
}

func (o *Options) complete() error {
	switch {
	case !(o.Tol >= 0) || o.Tol-o.Tol != 0:
		return &InputError{"", "option Tol must be finite and at least 0"}
	case o.Cells < 0 || o.Directions < 0:
		return &InputError{"", "options Cells and Directions must be at least 0"}
	}
	if o.Directions == 0 {
		o.Directions = defaultDirections
	}
	return nil
}

// At returns the Clarke subdifferential of f at x, see Analyzer.At.
func At(ctx context.Context, f *expr.Func, x Point, o Options) (*Subdifferential, error) {
	if err := x.Check(f); err != nil {
		return nil, err
	}
	a, err := NewAnalyzer(f, o)
	if err != nil {
		return nil, err
	}
	return a.At(ctx, x)
}

// At enumerates the limiting gradients of f at x by cells. It is exact, with the
// reason in Why, if the kinks are decided in rationals and
//
//   - all active switches (differences of tied entries) are piecewise affine near
//     x by their own programs and all cells were seen: then the cells of
//     directions are those of points near x; or
//   - the kinks are Qualified.
//
// A switch that is NaN is a *vm.NaNError. When the budget or ctx ends, the result
// is an inner bound: the hull of up to 128 limiting gradients of those found by
// then, and of one along a random direction if there are none. Only for programs
// of several outputs may ctx leave nothing.
func (a *Analyzer) At(ctx context.Context, x Point) (*Subdifferential, error) {
	why, err := Refusal(a.f, x)
	if err != nil {
		return nil, err
	}
	s := &Subdifferential{Arithmetic: "float64", Refused: why, ContainsZero: Unknown, Minimality: UnknownMinimality}
	if x.IsExact() && a.l.SwitchesExactly() == nil {
		s.Arithmetic = "rational"
	}
	for _, y := range a.f.Out() {
		s.Outputs += y.Shape().Size()
	}
	if why != "" {
		s.Why = "the program is not certified to be locally Lipschitz: " + why
		return s, nil
	}
	lin, decided, err := a.linearize(ctx, x)
	switch {
	case ctx.Err() != nil:
		s.Why = "the search ended before it began: " + context.Cause(ctx).Error()
		return s, s.alone(ctx, a, x)
	case err != nil:
		return nil, err
	}
	if !lin.IsExact() || !decided {
		s.Arithmetic = "float64"
	}
	return s, s.build(ctx, a, newGerm(lin, sizeOf(a.f.Wrt())), x, decided)
}

// linearize works in rationals as far as it can; decided says that all kinks are
// decided exactly.
func (a *Analyzer) linearize(ctx context.Context, x Point) (lin *ad.Linearization, decided bool, err error) {
	if x.IsExact() && a.o.Tol == 0 && a.l.SwitchesExactly() == nil {
		lin, err = a.l.AtExact(ctx, x.Exact()...)
		var fault *exact.FaultError
		if !errors.As(err, &fault) { // numbers that grow too long
			return lin, true, err
		}
	}
	lin, err = a.l.At(ctx, x.Floats()...)
	return lin, a.l.Smooth(), err
}

// build finds limiting gradients and says what they are.
func (s *Subdifferential) build(ctx context.Context, a *Analyzer, g *germ, x Point, decided bool) (err error) {
	c := newCollection(a, g, s.Outputs == 1)
	s.Qualified = decided && g.qualified()
	var stopped string
	if k, round := g.round(); round {
		s.Round = true
		s.Exact, s.Why = s.Qualified, roundWhy(k, s.Qualified)
		err = c.draw(ctx, x.IsExact())
	} else {
		stopped, err = c.enumerate(ctx)
		s.Complete = stopped == "" && err == nil
		if stopped != "" && len(c.found) == 0 {
			err = c.drawOne(c.draws(), x.IsExact())
		}
	}
	if err != nil {
		return err
	}
	s.Cells = c.cells
	if !s.Round {
		if s.Exact, s.Why, err = a.proof(g, x, s, decided, stopped); err != nil {
			return err
		}
	}
	return s.conclude(ctx, a, c, x)
}

func roundWhy(k *ad.Kink, qualified bool) string {
	if qualified {
		return "the active kinks satisfy LIKQ, so the set is the hull of the conservative field; it is round because of " + name(k)
	}
	return fmt.Sprintf("the norm %s is active: limiting gradients along random directions are an inner bound", name(k))
}

// proof says whether the cells seen are proved to give all of ∂f(x).
func (a *Analyzer) proof(g *germ, x Point, s *Subdifferential, decided bool, stopped string) (ok bool, why string, err error) {
	switch {
	case stopped != "":
		return false, stopped, nil
	case a.o.Tol > 0 && !decided:
		return false, "kinks are active within a tolerance", nil
	case !decided && a.l.SwitchesExactly() != nil:
		return false, "kinks are decided in float64: " + a.l.SwitchesExactly().Error(), nil
	case !decided:
		return false, "kinks are decided in float64; give a rational point", nil
	case s.Qualified && len(g.live) > 0:
		return true, "the active kinks satisfy LIKQ, so every combination of choices has a cell", nil
	}
	curved, err := a.curved(g, x)
	if err != nil || curved != "" {
		return false, curved, err
	}
	if len(g.live) == 0 {
		return true, "no kink matters to first order here: the program is strictly differentiable at the point", nil
	}
	return true, fmt.Sprintf("all active switches are piecewise affine near the point, and all %d cells were seen", s.Cells), nil
}
