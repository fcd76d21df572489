package layer

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// sorting looks at the Jacobians of sorting layers.
func sorting() claim.Claim {
	return claim.Claim{
		Numbers:  []int{30},
		Name:     "sorting",
		Theorem:  claim.Identity,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByTolerance},
		Sentence: "Sorting layers preserve the norm of gradients: the Jacobian of sort and of GroupSort is a permutation matrix almost everywhere, the Clarke Jacobian at a tie is the hull of the permutations that sort, and the conservative field of the same function spelled with separate max and min is strictly larger.",
		Source:   "Anil, Lucas, Grosse, ICML 2019, arXiv 1811.05381 (GroupSort); Pauwels, CIMI lecture 2021; Birkhoff 1946",
		Mathematics: `On the open set of x with distinct entries ` + "`sort(x) = Px`" + ` with a permutation matrix P that is constant nearby, so ` + "`J = P`" + `: all singular values are 1 and

	‖Jᵀg‖ = ‖g‖ for every g.

GroupSort sorts groups of k entries apart, and its Jacobian is block diagonal with such blocks.

At a point with ties every permutation P with ` + "`Px = sort(x)`" + ` occurs nearby: perturb the tied entries so that P is the only one that sorts. No other does, by continuity. So the Clarke Jacobian is the hull of these matrices, which differ by permutations within the blocks of tied entries. It is the set of doubly stochastic matrices supported on the blocks, a face of Birkhoff's polytope, with ` + "`∏ b_i!`" + ` vertices for blocks of ` + "`b_i`" + ` entries. Its other elements shrink some gradients: the even split of two tied entries maps (1, −1) to 0. The primitive sort has one choice for the whole matrix, and its conservative field is the same set.

Spelled as ` + "`[min(x, y), max(x, y)]`" + `, two choices are independent: at x = y

	D = {(s, 1 − s) over (t, 1 − t) : 0 ≤ s, t ≤ 1},      ∂ = {s + t = 1}.

With s = t = 1, the first argument in both, D has a matrix of norm √2 that is no Clarke Jacobian. A network of such comparators for n entries has rows in the unit simplex whatever is chosen, so the norm is at most ` + "`(‖J‖_1‖J‖_∞)^{½} ≤ √n`" + `. It is attained where all entries tie and every comparator takes the entry that came from one and the same place.`,
		Params: []claim.Param{
			claim.Int("size", 4, "number of entries sorted where ties are enumerated").Between(2, 4),
			claim.Int("trials", 200, "random points with distinct entries").AtFull(5000).Between(1, 1e5),
			claim.Int("width", 8, "number of entries at random points; even").Between(2, 32),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runSorting(ctx, c, expr.Sort)
		},
	}
}

func runSorting(ctx context.Context, c *claim.Context, sort func(expr.Node) expr.Node) (claim.Outcome, error) {
	if c.Int("width")%2 != 0 {
		return claim.Outcome{}, fmt.Errorf("width: GroupSort with groups of two needs an even number of entries, such as %d", c.Int("width")+1)
	}
	var checks []claim.Check
	pairs := func(x expr.Node) expr.Node { return expr.GroupSort(x, 2) }
	for _, l := range []struct {
		name  string
		layer func(expr.Node) expr.Node
	}{{"sort", sort}, {"groupsort", pairs}} {
		more, err := distinctEntries(ctx, c, l.name, l.layer)
		if err != nil {
			return claim.Outcome{}, err
		}
		checks = append(checks, more...)
	}
	ties, err := tiedEntries(ctx, c, sort)
	if err != nil {
		return claim.Outcome{}, err
	}
	network, result, err := comparators(ctx, c)
	if err != nil {
		return claim.Outcome{}, err
	}
	return claim.Outcome{Checks: slices.Concat(checks, ties, network), Result: result}, nil
}

// layerOf is the program of a layer on a vector.
func layerOf(layer func(expr.Node) expr.Node, n int) (*expr.Func, error) {
	g := expr.NewGraph()
	x := g.Input("x", n)
	return g.Func(expr.In(x), expr.Out(layer(x)))
}

// distinctEntries checks Jacobians at random rational points.
func distinctEntries(ctx context.Context, c *claim.Context, name string, layer func(expr.Node) expr.Node) ([]claim.Check, error) {
	n := c.Int("width")
	f, err := layerOf(layer, n)
	if err != nil {
		return nil, err
	}
	p, err := wiredJacobian(f)
	if err != nil {
		return nil, err
	}
	rng := c.Rand(claim.At("layer", name))
	permutations, worst := 0, new(big.Rat)
	low, high := math.Inf(1), 0.0
	for range c.Int("trials") {
		out, err := p.Run(distinct(n, rng))
		if err != nil {
			return nil, err
		}
		j := out[1]
		if isPermutation(j, n) {
			permutations++
		}
		if d := normChange(j, distinct(n, rng)); d.Cmp(worst) > 0 {
			worst = d
		}
		values, err := singularValues(j, n)
		if err != nil {
			return nil, err
		}
		low, high = min(low, slices.Min(values)), max(high, slices.Max(values))
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	change, _ := worst.Float64()
	return []claim.Check{
		{Label: name + "-permutation", Predicted: claim.Exact(1), Measured: claim.Measured(float64(permutations) / float64(c.Int("trials"))), Sentence: "At points with distinct entries the Jacobian is a permutation matrix."},
		{Label: name + "-norm", Predicted: claim.Exact(0), Measured: claim.Measured(change), Sentence: "‖Jᵀg‖² = ‖g‖², in rationals."},
		{Label: name + "-smallest-singular-value", Predicted: claim.Near(1, rounding), Measured: claim.Measured(low), Sentence: "All singular values of the Jacobian are 1."},
		{Label: name + "-largest-singular-value", Predicted: claim.Near(1, rounding), Measured: claim.Measured(high), Sentence: "All singular values of the Jacobian are 1."},
	}, nil
}

// rounding is what float64 singular values and distances may be off by.
const rounding = 1e-12

// wiredJacobian runs values and Jacobian in rationals, ties wired as frameworks
// that sort stably do.
func wiredJacobian(f *expr.Func) (*exact.Program, error) {
	g, err := ad.Jacobian(f)
	if err != nil {
		return nil, err
	}
	if g, err = ad.Wire(g, ad.AtSlot(0)); err != nil {
		return nil, err
	}
	return exact.Compile(g)
}

// distinct draws n different rationals.
func distinct(n int, rng *rand.Rand) []*big.Rat {
	out := make([]*big.Rat, n)
	for i, v := range rng.Perm(8 * n)[:n] {
		out[i] = big.NewRat(int64(v-4*n), 7)
	}
	return out
}

func isPermutation(j []*big.Rat, n int) bool {
	rows, columns := make([]int, n), make([]int, n)
	one := big.NewRat(1, 1)
	for i, v := range j {
		switch {
		case v.Cmp(one) == 0:
			rows[i/n]++
			columns[i%n]++
		case v.Sign() != 0:
			return false
		}
	}
	single := func(k int) bool { return k != 1 }
	return !slices.ContainsFunc(rows, single) && !slices.ContainsFunc(columns, single)
}

// normChange is |‖Jᵀg‖² − ‖g‖²|.
func normChange(j, g []*big.Rat) *big.Rat {
	n := len(g)
	sum := new(big.Rat)
	for col := range n {
		dot := new(big.Rat)
		for row := range n {
			dot.Add(dot, new(big.Rat).Mul(j[row*n+col], g[row]))
		}
		sum.Add(sum, dot.Mul(dot, dot))
		sum.Sub(sum, new(big.Rat).Mul(g[col], g[col]))
	}
	return sum.Abs(sum)
}

func singularValues(j []*big.Rat, n int) ([]float64, error) {
	m := mat.NewDense(len(j)/n, n, nil)
	for i, v := range j {
		x, _ := v.Float64()
		m.Set(i/n, i%n, x)
	}
	var svd mat.SVD
	if !svd.Factorize(m, mat.SVDNone) {
		return nil, fmt.Errorf("the singular values of a Jacobian were not found")
	}
	return svd.Values(nil), nil
}
