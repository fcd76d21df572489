package subgradient

import (
	"context"
	"fmt"
	"math/big"
	"strings"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

type vector = []*big.Rat

// strata are programs with a segment inside the stratum of some of their kinks.
var strata = []struct {
	text     string
	from, to []string
}{
	{"max(x, y) + min(x, y)", []string{"0", "0"}, []string{"1", "1"}},
	{"3*abs(x - y) + relu(y - x) + x", []string{"0", "0"}, []string{"2", "2"}},
	{"relu(x) - relu(-x) + y", []string{"0", "0"}, []string{"0", "1"}},
	{"relu(x + y) - relu(x) - relu(y)", []string{"0", "1"}, []string{"0", "3"}},
	{"relu(relu(x + y) - relu(x - y) + z) - z", []string{"0", "0", "1"}, []string{"0", "0", "2"}},
	{"relu(x - relu(y)) - relu(y - relu(x)) + 2*z", []string{"0", "0", "0"}, []string{"0", "0", "1"}},
	{"max([x, y, z])", []string{"0", "0", "0"}, []string{"1", "1", "1"}},
	{"let s = sort([x, y, z]); s[0] - 2*s[1] + 4*s[2]", []string{"1", "1", "0"}, []string{"3", "3", "-1"}},
	{"median([x, y, z]) - 2*min(x, z)", []string{"0", "0", "0"}, []string{"1", "1", "1"}},
	{"norminf([x, y, z])", []string{"1", "1", "-1"}, []string{"2", "2", "-2"}},
	{"max(abs(x), abs(y)) - abs(x - y)", []string{"1", "1"}, []string{"2", "2"}},
}

// slopes returns the smallest and the largest ⟨v, d⟩ that a rule gives at x.
type slopes func(ctx context.Context, x, d vector) (low, high *big.Rat, err error)

// wholeField gives the extremes over the conservative field.
func wholeField(p place) slopes {
	return func(ctx context.Context, x, d vector) (low, high *big.Rat, err error) {
		field, err := conservative.At(ctx, p.f, pointOf(x), conservative.Options{})
		if err != nil {
			return nil, nil, err
		}
		if high, err = support(ctx, field, d); err != nil {
			return nil, nil, err
		}
		if low, err = support(ctx, field, difference(origin(len(d)), d)); err != nil {
			return nil, nil, err
		}
		return new(big.Rat).Neg(low), high, nil
	}
}

// support is the support function of conv D, which has to be known.
func support(ctx context.Context, field *conservative.Field, d vector) (*big.Rat, error) {
	value, err := field.Support(ctx, clarke.Rational(d), 0)
	if err != nil {
		return nil, err
	}
	if !value.Closed || value.Lower.Exact == nil {
		return nil, fmt.Errorf("the support function of the field was not found exactly")
	}
	return value.Lower.Exact[0], nil
}

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

// chainErrors integrates the extreme slopes along a polygon, by the midpoint rule
// with so many nodes on each side, and returns the integrals minus the change
// of f.
func chainErrors(ctx context.Context, p place, rule slopes, nodes int, corners ...vector) (low, high *big.Rat, err error) {
	from, err := p.value(corners[0])
	if err != nil {
		return nil, nil, err
	}
	to, err := p.value(corners[len(corners)-1])
	if err != nil {
		return nil, nil, err
	}
	low = new(big.Rat).Sub(from, to)
	high = new(big.Rat).Set(low)
	for i := 1; i < len(corners); i++ {
		d := difference(corners[i], corners[i-1])
		for j := range nodes {
			t := big.NewRat(int64(2*j+1), int64(2*nodes))
			least, most, err := rule(ctx, moved(corners[i-1], t, d), d)
			if err != nil {
				return nil, nil, err
			}
			weight := big.NewRat(1, int64(nodes))
			low.Add(low, new(big.Rat).Mul(least, weight))
			high.Add(high, new(big.Rat).Mul(most, weight))
		}
	}
	return low, high, nil
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
