package deep

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/expr"
)

// Other products and other data are seen.
func TestLinearNetsSeeWrongLandscapes(t *testing.T) {
	spoiled := func(product func(expr.Node) expr.Node, scale float64) []string {
		return claimtest.Sabotaged(t, linearNets(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runLinearNets(ctx, c, product, scale)
		}, claim.Setting{Name: "starts", Value: "3"})
	}
	require.Empty(t, spoiled(expr.Prod, 1))
	require.Equal(t, []string{"critical", "curvature", "all-strict", "2-layers-of-2", "3-layers-of-2"}, spoiled(expr.Prod, 0.9), "without a bottleneck any M is reached")
	mean := func(x expr.Node) expr.Node { return expr.Mul(expr.Mean(x), expr.Mean(x)) }
	require.Equal(t, []string{
		"flat-3", "saddle-3", "flat-4", "saddle-4", "flat-5", "saddle-5", "flat-6", "saddle-6",
		"escape-3", "escape-4",
	}, spoiled(mean, 1), "for two layers the saddle is that of the mean")
}

// The time to escape by the trapezoidal rule for the integrand in the variable log t.
func TestEscapeTimeByQuadrature(t *testing.T) {
	for layers := 2; layers <= 5; layers++ {
		for _, delta := range []float64{0.01, 0.2} {
			l := float64(layers)
			const parts = 200000
			from, to := math.Log(delta), math.Log(0.5)/l
			sum := 0.0
			for i := range parts + 1 {
				x := math.Exp(from + (to-from)*float64(i)/parts)
				y := math.Pow(x, 2-l) / (1 - math.Pow(x, l))
				if i == 0 || i == parts {
					y /= 2
				}
				sum += y
			}
			require.InEpsilon(t, sum*(to-from)/parts, escapeTime(layers, delta), 1e-8)
		}
	}
}

func problem(t *testing.T) *factored {
	t.Helper()
	return newFactored(&claim.Context{Claim: "deep-linear-networks", Seed: 3}, 1)
}

// The global value by the singular values of XᵀY/n, and by the loss of the truncated product.
func TestGlobalValueBySingularValues(t *testing.T) {
	f := problem(t)
	x, y := mat.NewDense(linearRows, linearIn, f.x), mat.NewDense(linearRows, linearOut, f.y)
	var gram, m mat.Dense
	gram.Mul(x.T(), x)
	for i := range linearIn {
		for j := range linearIn {
			want := 0.0
			if i == j {
				want = linearRows
			}
			require.InDelta(t, want, gram.At(i, j), 1e-12)
		}
	}
	m.Mul(x.T(), y)
	m.Scale(1./linearRows, &m)
	var svd mat.SVD
	require.True(t, svd.Factorize(&m, mat.SVDNone))
	require.InDeltaSlice(t, singular, svd.Values(nil), 1e-12)
	for p := 1; p <= 5; p++ {
		var rest mat.Dense
		rest.Mul(x, f.product(min(p, len(singular))))
		rest.Sub(&rest, y)
		norm := mat.Norm(&rest, 2)
		require.InEpsilon(t, norm*norm/(2*linearRows), f.global(p), 1e-12)
	}
}

// The curvature of the turn from term j to term i of M by the loss itself, a polynomial of
// degree 4 along a line, whose second derivative five values determine.
func TestCurvatureByValues(t *testing.T) {
	f := problem(t)
	for _, c := range []struct {
		chosen uint
		unit   int
		to     int
	}{{0b0110, 1, 0}, {0b1001, 1, 1}, {0b0100, 1, 0}, {0, 0, 0}} {
		first, second := make([]float64, linearIn*bottleneck), make([]float64, bottleneck*linearOut)
		f.balanced(first, second, c.chosen)
		a, b := mat.NewDense(linearIn, bottleneck, first), mat.NewDense(bottleneck, linearOut, second)
		along := func(s float64) float64 {
			var u, v, w mat.Dense
			u.CloneFrom(a)
			v.CloneFrom(b)
			for r := range linearIn {
				u.Set(r, c.unit, u.At(r, c.unit)+s*f.u[r*linearOut+c.to]/math.Sqrt2)
			}
			for r := range linearOut {
				v.Set(c.unit, r, v.At(c.unit, r)+s*f.v[r*linearOut+c.to]/math.Sqrt2)
			}
			w.Mul(&u, &v)
			w.Sub(&w, f.product(len(singular)))
			norm := mat.Norm(&w, 2)
			return norm * norm / 2
		}
		const h = 0.25
		second2 := (-along(2*h) + 16*along(h) - 30*along(0) + 16*along(-h) - along(-2*h)) / (12 * h * h)
		require.InDelta(t, leastEigenvalue(c.chosen), second2, 1e-10)
	}
}
