package ad_test

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// productWithout multiplies all entries but those listed; 0 if one is listed
// twice, for the product is affine in each entry.
func productWithout(x []*big.Rat, skip ...int) *big.Rat {
	for a, i := range skip {
		for _, j := range skip[:a] {
			if i == j {
				return new(big.Rat)
			}
		}
	}
	p := big.NewRat(1, 1)
	for i, v := range x {
		if !slices.Contains(skip, i) {
			p.Mul(p, v)
		}
	}
	return p
}

// Derivatives of prod up to the third order are products of the other entries,
// in rows with no, one or several zeros.
func TestLawProdDerivatives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "n")
		x := optest.ToRats(optest.Dyadics(t, n, "x"))
		f := function(t, n, expr.Prod)
		first, err := ad.Gradient(f)
		require.NoError(t, err)
		second, err := ad.Forward(first)
		require.NoError(t, err)
		third, err := ad.Forward(second)
		require.NoError(t, err)
		u := optest.ToRats(optest.Dyadics(t, n, "u"))
		v := optest.ToRats(optest.Dyadics(t, n, "v"))
		all := optest.Exact(t, third, x, u, v)
		gradient, hessian, last := all[1], all[3], all[len(all)-1]
		for i := range n {
			want, more := new(big.Rat), new(big.Rat)
			for j := range n {
				want.Add(want, new(big.Rat).Mul(productWithout(x, i, j), u[j]))
				for k := range n {
					w := productWithout(x, i, j, k)
					more.Add(more, w.Mul(w.Mul(w, u[j]), v[k]))
				}
			}
			require.Zero(t, productWithout(x, i).Cmp(gradient[i]))
			require.Zero(t, want.Cmp(hessian[i]), "second derivative %d at %v", i, x)
			require.Zero(t, more.Cmp(last[i]), "third derivative %d at %v", i, x)
		}
	})
}

// The gradient of a long product takes a number of operations in proportion to
// it, and needs no division where an entry is 0.
func TestProdIsLinear(t *testing.T) {
	const n = 1000
	f := function(t, n, expr.Prod)
	g, err := ad.Gradient(f)
	require.NoError(t, err)
	p, err := vm.Compile(g, vm.Options{})
	require.NoError(t, err)
	require.LessOrEqual(t, p.Cost().Operations, 6*n)
	x := make([]float64, n)
	for i := range x {
		x[i] = 1
	}
	x[17] = 0
	want := make([]float64, n)
	want[17] = 1
	require.Equal(t, want, evaluate(t, g, 1, x))
}

// Batches of products of the largest rank have second derivatives.
func TestProdOfRank5(t *testing.T) {
	g := expr.NewGraph()
	x := g.Input("x", 1, 2, 1, 1, 3)
	f, err := g.Func(expr.In(x), expr.Out(expr.Sum(expr.Prod(x))))
	require.NoError(t, err)
	df, err := ad.Gradient(f)
	require.NoError(t, err)
	ddf, err := ad.Forward(df)
	require.NoError(t, err)
	got := evaluate(t, ddf, 3, []float64{2, 3, 5, 0, 0, 7}, []float64{1, 0, 0, 1, 1, 0})
	require.Equal(t, []float64{0, 5, 3, 7, 7, 0}, got)
}

// An infinite factor does not reach the derivatives in which it has no part.
func TestProdOfInfinity(t *testing.T) {
	first, err := ad.Gradient(function(t, 2, expr.Prod))
	require.NoError(t, err)
	second, err := ad.Forward(first)
	require.NoError(t, err)
	x := []float64{math.Inf(1), 2}
	require.Equal(t, []float64{2, x[0]}, evaluate(t, second, 1, x, []float64{1, 0}))
	require.Equal(t, []float64{0, 1}, evaluate(t, second, 3, x, []float64{1, 0}))
}
