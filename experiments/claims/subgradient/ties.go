package subgradient

import (
	"context"
	"fmt"
	"math/big"
	"strings"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// everyTied sends the cotangent to every entry that equals the maximum, in full.
var everyTied = ad.Derivative{VJP: func(r *expr.Rule, ct expr.Node) []expr.Node {
	n := r.In(0).Shape().Dim(-1)
	tied := expr.Where(expr.Sub(r.In(0), expr.Expand(r.Out(), n)), expr.Equal, r.Const(1), r.Const(0))
	return []expr.Node{expr.Mul(tied, expr.Expand(ct, n))}
}}

// allTiesRules differentiate the maximum over an axis by everyTied.
func allTiesRules() (ad.Rules, error) {
	amax, ok := expr.Lookup("amax")
	if !ok {
		return ad.Rules{}, fmt.Errorf("there is no op amax")
	}
	return ad.WithRule(amax, everyTied), nil
}

// allTies gives ⟨v, d⟩ for the one vector that these rules return.
func allTies(p place) (slopes, error) {
	rules, err := allTiesRules()
	if err != nil {
		return nil, err
	}
	g, err := rules.Gradient(p.f)
	if err != nil {
		return nil, err
	}
	program, err := exact.Compile(g)
	if err != nil {
		return nil, err
	}
	return func(_ context.Context, x, d vector) (low, high *big.Rat, err error) {
		out, err := program.Run(pointOf(x).Exact()...)
		if err != nil {
			return nil, nil, err
		}
		var v vector
		for _, part := range out[1:] {
			v = append(v, part...)
		}
		s := inner(v, d)
		return s, s, nil
	}, nil
}

// maximumOf is the maximum of n inputs at 0.
func maximumOf(n int) (place, error) {
	names, zeros := make([]string, n), make([]string, n)
	for i := range names {
		names[i], zeros[i] = fmt.Sprintf("x%d", i), "0"
	}
	return at("max(["+strings.Join(names, ", ")+"])", zeros...)
}

// allTiesError is the error of the control along (t, …, t) over its length Δt.
func allTiesError(ctx context.Context, n int) (claim.Check, error) {
	p, err := maximumOf(n)
	if err != nil {
		return claim.Check{}, err
	}
	rule, err := allTies(p)
	if err != nil {
		return claim.Check{}, err
	}
	end := make(vector, n)
	for i := range end {
		end[i] = big.NewRat(2, 1) // Δt
	}
	_, high, err := chainErrors(ctx, p, rule, 4, p.x, end)
	if err != nil {
		return claim.Check{}, err
	}
	return claim.Check{
		Label: fmt.Sprintf("all-ties-%d", n), At: map[string]any{"n": n},
		Predicted: claim.Exact(float64(n - 1)), Measured: claim.Measured(float(high) / 2),
	}, nil
}

// allTiesVerdicts asks the test of the library: it has to reject the control, and
// on random curves alone it cannot.
func allTiesVerdicts(ctx context.Context, c *claim.Context) ([]claim.Check, error) {
	rules, err := allTiesRules()
	if err != nil {
		return nil, err
	}
	rejected, blind := 0, 0
	for _, n := range c.Ints("ties") {
		p, err := maximumOf(n)
		if err != nil {
			return nil, err
		}
		o := conservative.CurveOptions{Curves: c.Int("curves"), Seed: c.Source(claim.At("ties", n)).Uint64()}
		all, err := conservative.CheckCurves(ctx, p.f, p.point(), conservative.Rule{Rules: rules}, o)
		if err != nil {
			return nil, err
		}
		if all.Verdict == conservative.Rejected {
			rejected++
		}
		o.Families = []conservative.CurveFamily{conservative.Segments, conservative.Arcs}
		random, err := conservative.CheckCurves(ctx, p.f, p.point(), conservative.Rule{Rules: rules}, o)
		if err != nil {
			return nil, err
		}
		if random.Verdict == conservative.ConservativeOnCurves {
			blind++
		}
	}
	count := float64(len(c.Ints("ties")))
	return []claim.Check{
		{Label: "all-ties-rejected", Sentence: "Curves inside strata reject the rule of all ties, with a witness.", Predicted: claim.Exact(count), Measured: claim.Measured(float64(rejected))},
		{Label: "all-ties-unseen", Sentence: "Random segments and arcs do not see that the rule of all ties is wrong.", Predicted: claim.Exact(count), Measured: claim.Measured(float64(blind))},
	}, nil
}
