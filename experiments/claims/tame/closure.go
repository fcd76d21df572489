package tame

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// tameClosure derives programs from certified ones.
func tameClosure() claim.Claim {
	return claim.Claim{
		Numbers:  []int{22},
		Name:     "tame-closure",
		Theorem:  claim.Inequality,
		Decides:  []claim.Decision{claim.ByEquality},
		Sentence: "Definable functions are closed under composition, differentiation and partial minimisation: what is derived from certified programs is certified in the same class, and what is derived from a program such as sin(1/x) is not.",
		Source:   "Tarski (1951) and Seidenberg (1954); van den Dries and Miller, Duke Math. J. 84 (1996); Bolte, Daniilidis, Lewis and Shiota, SIAM J. Optim. 18 (2007); Pauwels, CIMI lecture 2021",
		Mathematics: "A set is definable in an o-minimal structure if a first-order formula describes it, and projections of definable sets are definable: for semialgebraic sets this is the theorem of Tarski and Seidenberg. Everything that a formula can say therefore stays inside,\n\n" +
			"\tg∘f,  x ↦ f'(x; d),  x ↦ min {f(x, y) : y ∈ Y},\n\n" +
			"for definable f, g and Y, and so does the set of points where f is differentiable. A gradient need not be continuous, but its graph is as tame as that of f; this is why chain rules and finitely many critical values come for free.\n\n" +
			"The class analysis of programs is a syntactic shadow of this. From pairs of certified programs the claim makes compositions, gradients (with the conventions at kinks wired to 0), and minima over a finite list of values of one variable, and asks for each whether it stays in the smallest class that contains those of its parts and products, which the minima bring in. From a program that is not definable it must find that none of them is. That is about programs on the whole space: the germ of sin(1/x) at any other point than 0 is analytic, and certified.\n\n" +
			"Partial minimisation over the line is more than a finite minimum, and yet a limit of it: with `f(x, y) = (x − y)^2/2 + |y|`, min over y is Huber's function, `x^2/2` for |x| ≤ 1 and |x| − 1/2 beyond, again piecewise polynomial. On a grid of y with step δ that contains 0 the error is largest where the minimiser `y^* = sign(x)·max(|x| − 1, 0)` lies in the middle between two points of the grid. There f is a parabola in y with second derivative 1, so that\n\n" +
			"\tmax_x (min_{y in grid} f(x, y) − min_y f(x, y)) = (1/2)·(δ/2)^2 = δ^2/8.",
		Params: []claim.Param{
			claim.Ints("grids", []int{2, 4, 8, 16}, "points of the grid of y in a unit").AtFull([]int{2, 4, 8, 16, 32, 64}).Between(1, 64),
		},
		Inputs: func(claim.Values) (claim.Inputs, error) {
			var in claim.Inputs
			for _, p := range slices.Concat(certifiedParts, deniedParts) {
				in.Programs = append(in.Programs, p.of("x", "y"))
			}
			return in, nil
		},
		Run: runClosure,
	}
}

// part is the text of a program of two variables X and Y.
type part string

// of puts texts in place of the variables.
func (p part) of(x, y string) string { return strings.NewReplacer("X", x, "Y", y).Replace(string(p)) }

// certifiedParts have a class below "not definable". They are unbounded, so that no
// part bounds the argument of another one's sine.
var certifiedParts = []part{
	"2*X - Y",
	"max(X, Y) - abs(X)",
	"relu(X*Y - 1) + X",
	"X^3 - Y^2 + 1",
	"X/(1 + Y^2)",
	"norm2([X, Y])",
	"exp(-X^2) + Y",
	"log1p(exp(Y - X))",
	"tanh(X)*abs(Y) - X",
	"erf(X) - Y",
	"sin(tanh(X)) + Y",
}

// deniedParts are not definable, whatever Y is.
var deniedParts = []part{
	"sin(1/X) + Y",
	"X*sin(1/X) - Y",
	"X^2*sin(1/X) + Y^2",
	"cos(exp(X)) + Y",
	"floor(X) + Y",
}

// oscillating are the first of deniedParts, those with a singularity at X = 0.
const oscillating = 3

func runClosure(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
	sound, err := tally(ctx, certifiedParts, certifiedParts)
	if err != nil {
		return claim.Outcome{}, err
	}
	outer, err := tally(ctx, deniedParts, certifiedParts)
	if err != nil {
		return claim.Outcome{}, err
	}
	inner, err := tally(ctx, certifiedParts, deniedParts)
	if err != nil {
		return claim.Outcome{}, err
	}
	germs, err := germChecks()
	if err != nil {
		return claim.Outcome{}, err
	}
	minima, err := minimumChecks(ctx, c)
	if err != nil {
		return claim.Outcome{}, err
	}
	return claim.Outcome{
		Checks: slices.Concat([]claim.Check{
			{Label: "escapes", Sentence: "Programs derived from certified ones that leave the class of their parts.", Predicted: claim.Exact(0), Measured: claim.Measured(float64(sound.escaped))},
			{Label: "denied", Sentence: "Programs derived from one that is not definable that are taken for definable.", Predicted: claim.Exact(0), Measured: claim.Measured(float64(outer.definable + inner.definable))},
		}, germs, minima),
		Result: jsonnum.Object{"derived_from_certified": sound.programs, "derived_from_denied": outer.programs + inner.programs},
	}, nil
}

// derived are programs made from an outer and an inner one: compositions in either
// variable, the minimum over some values of Y, and their gradients.
func derived(outer, inner part) ([]*expr.Func, error) {
	let := "let u = " + inner.of("x", "y") + "; "
	least := make([]string, 4)
	for i, y := range []string{"(-1)", "0.5", "2", "u"} {
		least[i] = outer.of("x", y) + " + x*" + y
	}
	var out []*expr.Func
	for _, text := range []string{
		let + outer.of("u", "y"),
		let + outer.of("x", "u"),
		let + "min(" + strings.Join(least, ", ") + ")",
	} {
		f, err := parse.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
		gradient, err := gradientOf(f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
		out = append(out, f, gradient)
	}
	return out, nil
}

// gradientOf is the program of value and gradient, with conventions 0 at kinks.
func gradientOf(f *expr.Func) (*expr.Func, error) {
	g, err := ad.Gradient(f)
	if err != nil {
		return nil, err
	}
	return ad.Wire(g, ad.AtKink(0))
}

// counts of derived programs: those that are definable, and those outside of the
// smallest class that contains those of both parts.
type counts struct{ programs, definable, escaped int }

func tally(ctx context.Context, outer, inner []part) (counts, error) {
	var c counts
	for _, o := range outer {
		for _, i := range inner {
			if err := ctx.Err(); err != nil {
				return c, err
			}
			programs, err := derived(o, i)
			if err != nil {
				return c, err
			}
			ceiling, err := joined(o, i)
			if err != nil {
				return c, err
			}
			for _, f := range programs {
				kind := f.Class().Kind
				c.programs++
				if kind != expr.NotDefinable {
					c.definable++
				}
				if !kind.Within(ceiling) {
					c.escaped++
				}
			}
		}
	}
	return c, nil
}

// joined is the smallest class that contains those of both parts and products, which
// the minimum above has.
func joined(parts ...part) (expr.Kind, error) {
	kind := expr.PiecewisePolynomial
	for _, p := range parts {
		f, err := parse.Parse(p.of("x", "y"))
		if err != nil {
			return kind, err
		}
		kind = kind.Join(f.Class().Kind)
	}
	return kind, nil
}

// germChecks asks for certificates at points: near a singularity there is none, and
// away from it every part is analytic.
func germChecks() ([]claim.Check, error) {
	refused, accepted := 0, 0
	for i, p := range deniedParts {
		f, err := parse.Parse(p.of("x", "y"))
		if err != nil {
			return nil, err
		}
		at0, err := clarke.Refusal(f, clarke.FloatPoint([]float64{0}, []float64{0}))
		if err != nil {
			return nil, err
		}
		if i < oscillating && at0 != "" {
			refused++
		}
		away, err := clarke.Refusal(f, clarke.FloatPoint([]float64{0.5}, []float64{1}))
		if err != nil {
			return nil, err
		}
		if away == "" {
			accepted++
		}
	}
	return []claim.Check{
		{Label: "germ-at-singularity", Sentence: "Oscillating programs refused at their singularity.", Predicted: claim.Exact(oscillating), Measured: claim.Measured(float64(refused))},
		{Label: "germ-elsewhere", Sentence: "Programs certified at a point away from it, by their germ.", Predicted: claim.Exact(float64(len(deniedParts))), Measured: claim.Measured(float64(accepted))},
	}, nil
}
