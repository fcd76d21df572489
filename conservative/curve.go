package conservative

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// Rule says which derivative of a program is tested: how ops are differentiated,
// and how slots are then closed. The zero value is the field D itself, with all
// choices that the program's kinks leave open; with a wiring it is a selection,
// such as a preset's; with rules of one's own, right or wrong, it is what these
// return. Slots that stay open stand for all their values.
type Rule struct {
	Rules  ad.Rules
	Wiring ad.Wiring
}

// gradient returns the program of f and its gradient by the rule.
func (r Rule) gradient(f *expr.Func) (*expr.Func, error) {
	g, err := r.Rules.Gradient(f)
	if err != nil {
		return nil, err
	}
	if g, err = ad.Wire(g, r.Wiring); err != nil {
		return nil, err
	}
	if len(g.In()) != len(f.In()) {
		return nil, &OptionError{"Wiring", "brings in inputs of its own; wire along constants"}
	}
	return g, nil
}

// CurveFamily is a family of curves on which the chain rule is tested.
type CurveFamily int

// The families. Random curves meet kinks at isolated times only, where nothing is
// asked; the inner ones stay in the stratum of kinks that are active at the point,
// and there wrong rules at ties show. A projection is a point of a stratum at which
// all choices must agree along it (Bolte and Pauwels 2021, section 4.2).
const (
	Segments      CurveFamily = iota // in general position, about half of them through the point
	Arcs                             // quadratic, in general position
	Loops                            // closed polygons: the upper and the lower integral are 0
	InnerSegments                    // in the null space of the active switches' gradients
	InnerArcs                        // in a curved stratum, or a bent one
	InnerLoops                       // closed polygons with one side in a stratum
	Projections                      // all choices agree along the stratum
	families
)

// String returns the name of the family.
func (c CurveFamily) String() string {
	return [...]string{"segments", "arcs", "loops", "inner segments", "inner arcs", "inner loops", "projections"}[c]
}

// CurveOptions of CheckCurves; the zero value is the default.
type CurveOptions struct {
	// Curves is how many of each family are drawn; 0 means 8.
	Curves int
	// Seed is that of the curves.
	Seed uint64
	// Radius bounds how far in each coordinate curves begin from the point, in the
	// units of the inputs; they are drawn at this scale and at 1/4, 1/16 and 1/64
	// of it in turn. In float64 steps of difference quotients are in proportion. 0
	// means 1.
	Radius float64
	// Tol is the largest |z| at which a switch counts as active at the point, see
	// ad.Within: curves then start from the stratum nearby. 0 means exact ties.
	Tol float64
	// Families are those that are drawn; none means all.
	Families []CurveFamily
}

const defaultCurves = 8

func (o *CurveOptions) complete() error {
	switch {
	case o.Curves < 0:
		return &OptionError{"Curves", "must be at least 0"}
	case !(o.Radius >= 0) || math.IsInf(o.Radius, 0):
		return &OptionError{"Radius", "must be finite and at least 0"}
	case !(o.Tol >= 0) || math.IsInf(o.Tol, 0):
		return &OptionError{"Tol", "must be finite and at least 0"}
	}
	for _, c := range o.Families {
		if c < 0 || c >= families {
			return &OptionError{"Families", fmt.Sprintf("has no family %d", int(c))}
		}
	}
	if o.Curves == 0 {
		o.Curves = defaultCurves
	}
	if o.Radius == 0 {
		o.Radius = 1
	}
	return nil
}

// CurveVerdict is what CheckCurves says about a rule.
type CurveVerdict string

// The verdicts. Rejected comes with a witness; Conservative says no more than that
// the curves tested show nothing else.
const (
	ConservativeOnCurves CurveVerdict = "conservative on the curves tested"
	Rejected             CurveVerdict = "rejected"
	Undecided            CurveVerdict = "undecided"
	NotApplicable        CurveVerdict = "not applicable"
)

// CurveCount counts what was done in one family.
type CurveCount struct {
	Family CurveFamily
	// Curves counts those drawn: for projections, segments and arcs in strata it counts
	// their points, with a curve for each of some velocities.
	Curves int
	// Compared counts pairs of a point and a velocity at which the chain rule was
	// held; sides of polygons between two kinks for loops.
	Compared int
	// Excluded counts those at which it was not: the program is not certified
	// Lipschitz there, or not differentiable along the curve, or what was seen was
	// an isolated crossing of a kink.
	Excluded int
}

// CurveReport is the outcome of CheckCurves.
type CurveReport struct {
	Verdict CurveVerdict
	// Why is a sentence: what was tested, or why nothing was.
	Why string
	// Witness contradicts the chain rule; only with Rejected.
	Witness *CurveWitness
	// Arithmetic is "rational" or "float64". In the former, curves in strata without
	// enough rational points are in float64 all the same, and so are loops of
	// programs that are not piecewise affine.
	Arithmetic string
	Counts     []CurveCount // of all families, in order
	Seed       uint64
}

// String describes the report in one line.
func (r *CurveReport) String() string {
	if r.Witness != nil {
		return fmt.Sprintf("%s: %v", r.Verdict, r.Witness)
	}
	return fmt.Sprintf("%s: %s", r.Verdict, r.Why)
}

// CheckCurves tests whether a rule of differentiation is conservative for f near x.
//
// A set-valued map D is conservative for f if and only if along every absolutely
// continuous curve γ, for almost all t,
//
//	d/dt f(γ(t)) = ⟨v, γ′(t)⟩ for every v ∈ D(γ(t))
//
// (J. Bolte, E. Pauwels, "Conservative set valued fields, automatic
// differentiation, stochastic gradient methods and deep learning", Math.
// Programming 188, 2021). Isolated crossings of kinks are excluded by "almost", but
// whole intervals inside a stratum of kinks are not. The left side is computed
// from values of f alone; v is the rule's vector, for all extreme choices at the
// active kinks if they are few, else for random ones. Points of a curve are in
// general position on it, and a contradiction counts only if two more points of the
// curve, inside the same stratum, show one too: then it is no isolated crossing.
//
// All numbers are rational if x is and f, the rule and the switches have rational
// values. Slopes of piecewise polynomials of degree up to 8 are then exact, unless a
// kink is nearer than 2⁻²⁵³, and compared for equality; those of others are known
// within 2⁻¹²⁸. In float64 the slope is a central difference quotient, and slopes may
// differ by 10⁻⁵ of their size, and by what rounding leaves in the quotient, even
// of terms that cancel; Why says so where that is more.
//
// A rule that passes may still return vectors outside of D: any error that is a
// multiple of the switch's gradient is invisible along curves. Ask
// [CheckMembership] for that.
//
// When ctx ends, the report says what was found until then. An error means that the
// question makes no sense.
func CheckCurves(ctx context.Context, f *expr.Func, x clarke.Point, rule Rule, o CurveOptions) (*CurveReport, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	refused, err := clarke.Refusal(f, x)
	if err != nil {
		return nil, err
	}
	if refused != "" {
		return notApplicable(o, "the program is not certified to be locally Lipschitz: "+refused), nil
	}
	t, err := newCurveTester(ctx, f, x, rule, o)
	var missing *ad.NoRuleError
	switch {
	case errors.As(err, &missing):
		return notApplicable(o, missing.Error()), nil
	case err != nil:
		return nil, err
	}
	err = t.findBlocks()
	var fault *exact.FaultError
	if errors.As(err, &fault) { // numbers that grow too long
		t = t.rounded()
		err = t.findBlocks()
	}
	if err != nil && ctx.Err() == nil {
		return nil, err
	}
	return t.report(t.search()), nil
}

func notApplicable(o CurveOptions, why string) *CurveReport {
	return &CurveReport{Verdict: NotApplicable, Why: why, Counts: make([]CurveCount, 0), Seed: o.Seed}
}

// report makes the report, given the witness or nil.
func (t *curveTester) report(w *CurveWitness) *CurveReport {
	r := &CurveReport{Verdict: ConservativeOnCurves, Witness: w, Arithmetic: t.arithmetic(), Counts: t.counts[:], Seed: t.o.Seed}
	compared, curves := 0, 0
	for _, c := range r.Counts {
		compared += c.Compared
		curves += c.Curves
	}
	r.Why = fmt.Sprintf("the chain rule holds with every choice tried at %d points of %d curves", compared, curves) + t.blurred() + t.blindness()
	switch err := t.ctx.Err(); {
	case w != nil:
		r.Verdict, r.Why = Rejected, w.String()
	case err != nil:
		r.Verdict, r.Why = Undecided, fmt.Sprintf("stopped early, %v; until then %s", err, r.Why)
	case compared == 0:
		r.Verdict, r.Why = Undecided, "the chain rule could not be held at any point of the curves; try another Radius"
	}
	return r
}

// blurred says which slopes rounding kept from being told apart, if any.
func (t *curveTester) blurred() string {
	if *t.blur == 0 {
		return ""
	}
	return fmt.Sprintf("; at some of them slopes nearer than %.1g are within rounding", *t.blur)
}

// blindness says why no curve runs inside a stratum, if none does.
func (t *curveTester) blindness() string {
	inner := t.counts[InnerSegments].Curves + t.counts[InnerArcs].Curves + t.counts[InnerLoops].Curves
	switch {
	case inner > 0:
		return ""
	case len(t.blocks) == 0:
		return "; no kink is active at the point, so none of them runs inside one"
	case t.counts[InnerArcs].Excluded > 0:
		return "; none of them runs inside a kink, since no point of the strata was reached"
	case t.draws(InnerSegments) || t.draws(InnerArcs):
		return "; none of them runs inside a kink, since the strata at the point are that point alone"
	}
	return "; none of them runs inside a kink"
}
