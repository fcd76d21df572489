package problem_test

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/problem"
)

// A certificate combines elements of ∂f(x*) to 0. The vertices of ∂f(x*) come from package clarke:
// in rationals where the minimiser is a short decimal, else within a tolerance.
func TestCertificates(t *testing.T) {
	listed := 0
	for _, p := range problem.All() {
		c := p.Certificate
		if c == nil {
			continue
		}
		listed++
		total, sum := 0.0, make([]float64, p.N)
		for i, w := range c.Weights {
			require.Positive(t, w, p.Name)
			total += w
			for j := range sum {
				sum[j] += w * c.Gradients[i][j]
			}
		}
		require.InDelta(t, 1, total, 1e-15, p.Name)
		require.InDeltaSlice(t, make([]float64, p.N), sum, 1e-14, p.Name)
		d := subdifferential(t, p)
		require.Empty(t, d.Refused, p.Name)
		require.InDelta(t, 0, d.Distance, 1e-12, p.Name)
		require.Len(t, d.Vertices, len(c.Weights), p.Name)
		for _, g := range c.Gradients {
			require.True(t, isVertex(d.Vertices, g), "%s: %v is no vertex of %v", p.Name, g, d.Vertices)
		}
	}
	require.Equal(t, 9, listed)
}

func subdifferential(t *testing.T, p problem.Problem) *clarke.Subdifferential {
	t.Helper()
	f, err := p.Func()
	require.NoError(t, err)
	x, o := clarke.RationalPoint(decimals(t, p.Minimizer)), clarke.Options{}
	if irrational := map[string]bool{"cb2": true, "lq": true}; irrational[p.Name] {
		x, o = clarke.FloatPoint(p.Minimizer), clarke.Options{Tol: 1e-12}
	}
	d, err := clarke.At(context.Background(), f, x, o)
	require.NoError(t, err)
	return d
}

// decimals returns the shortest decimals that read as the floats: 6/5 for 1.2.
func decimals(t *testing.T, x []float64) []*big.Rat {
	out := make([]*big.Rat, len(x))
	for i, v := range x {
		r, ok := new(big.Rat).SetString(strconv.FormatFloat(v, 'g', -1, 64))
		require.True(t, ok)
		out[i] = r
	}
	return out
}

func isVertex(vertices []clarke.Vector, g []float64) bool {
	for _, v := range vertices {
		largest := 0.0
		for i := range g {
			largest = max(largest, math.Abs(v.Float[i]-g[i]))
		}
		if largest <= 1e-12 {
			return true
		}
	}
	return false
}

// optimum is a minimax problem by pieces, of which some are active at the minimiser.
type optimum struct {
	pieces func(x []float64) []float64
	active []int
}

var optima = map[string]optimum{
	"cb2": {
		func(x []float64) []float64 {
			return []float64{x[0]*x[0] + math.Pow(x[1], 4), (2-x[0])*(2-x[0]) + (2-x[1])*(2-x[1]), 2 * math.Exp(x[1]-x[0])}
		},
		[]int{0, 1},
	},
	"shor":    {naiveShor, []int{1, 3, 4, 8}},
	"maxquad": {naiveMaxquad, []int{1, 2, 3, 4}},
	"wong1":   {naiveWong1, []int{0, 1, 4}},
}

// Newton's method on Σ wₖ∇fₖ(x) = 0, fₖ(x) = t for active k, Σ wₖ = 1, from the minimiser rounded to
// two digits, finds the recorded minimiser and least value. It uses differences of the naive pieces
// as derivatives: the error of gradients, about 1e-10, bounds that of x; that of f is its square, for
// the value is stationary on the set where the active pieces agree.
func TestOptimaByNewton(t *testing.T) {
	for name, o := range optima {
		p, err := problem.Lookup(name)
		require.NoError(t, err)
		x := make([]float64, p.N)
		for i, v := range p.Minimizer {
			x[i] = math.Round(v*100) / 100
		}
		w := o.solve(t, x)
		values := o.pieces(x)
		require.InDelta(t, p.Minimum, slicesMax(values), 1e-12*(1+math.Abs(p.Minimum)), name)
		require.InDeltaSlice(t, p.Minimizer, x, 1e-7, name)
		active := map[int]bool{}
		for i, k := range o.active {
			active[k] = true
			require.Positive(t, w[i], name)
			require.InDelta(t, p.Minimum, values[k], 1e-12*(1+math.Abs(p.Minimum)), name)
		}
		for k, v := range values {
			require.True(t, active[k] || v < p.Minimum-1e-3, "%s: piece %d", name, k)
		}
	}
}

// solve moves x to the minimiser and returns the weights.
func (o optimum) solve(t *testing.T, x []float64) []float64 {
	n, m := len(x), len(o.active)
	w := make([]float64, m)
	for i := range w {
		w[i] = 1 / float64(m)
	}
	for range 15 {
		a, b := mat.NewDense(n+m+1, n+m+1, nil), mat.NewVecDense(n+m+1, nil)
		values := o.pieces(x)
		gradients, hessian := o.derivatives(x, w)
		for i := range n {
			for j := range n {
				a.Set(i, j, hessian[i][j])
			}
			for k := range m {
				a.Set(i, n+k, gradients[k][i])
				a.Set(n+k, i, gradients[k][i])
			}
		}
		for k, piece := range o.active {
			a.Set(n+k, n+m, -1)
			b.SetVec(n+k, -values[piece])
			a.Set(n+m, n+k, 1)
		}
		b.SetVec(n+m, 1)
		var step mat.VecDense
		require.NoError(t, step.SolveVec(a, b))
		for i := range x {
			x[i] += step.AtVec(i)
		}
		for k := range w {
			w[k] = step.AtVec(n + k)
		}
	}
	return w
}

// derivatives returns the gradients of the active pieces and the Hessian of Σ wₖfₖ, by central
// differences.
func (o optimum) derivatives(x, w []float64) (gradients, hessian [][]float64) {
	at := func(i int, hi float64, j int, hj float64) []float64 {
		y := append([]float64(nil), x...)
		y[i] += hi
		y[j] += hj
		all := o.pieces(y)
		out := make([]float64, len(o.active))
		for k, piece := range o.active {
			out[k] = all[piece]
		}
		return out
	}
	const h, h2 = 1e-5, 1e-3
	gradients, hessian = make([][]float64, len(w)), make([][]float64, len(x))
	for i := range x {
		up, down := at(i, h, i, 0), at(i, -h, i, 0)
		hessian[i] = make([]float64, len(x))
		for k := range w {
			gradients[k] = append(gradients[k], (up[k]-down[k])/(2*h))
		}
		for j := range x {
			pp, pm, mp, mm := at(i, h2, j, h2), at(i, h2, j, -h2), at(i, -h2, j, h2), at(i, -h2, j, -h2)
			for k := range w {
				hessian[i][j] += w[k] * (pp[k] - pm[k] - mp[k] + mm[k]) / (4 * h2 * h2)
			}
		}
	}
	return gradients, hessian
}

// Chained Mifflin 2 is convex, so 0 ∈ ∂f(x) proves a minimum: with slopes λᵢ ∈ [0.25, 3.75] of the
// kinks uᵢ, 0.25 where uᵢ < 0, the derivative in xⱼ is −1 + 2xⱼ(λⱼ₋₁ + λⱼ) for j < n and 2xₙλₙ₋₁ in xₙ.
// That determines the slopes one after the other.
func TestChainedMifflinIsOptimal(t *testing.T) {
	for _, n := range []int{2, 3, 4, 5, 6, 7, 8, 9, 20, 21, 50, 1000} {
		x := at(t, "f8", n).Minimizer
		require.Zero(t, x[n-1])
		previous := 0.0
		for i := range n - 1 {
			slope := 1/(2*x[i]) - previous
			u := x[i]*x[i] + x[i+1]*x[i+1] - 1
			if math.Abs(u) < 1e-12 {
				require.Greater(t, slope, 0.25-1e-12, "n = %d, kink %d", n, i+1) // every other one is 0.25 for odd n
				require.Less(t, slope, 3.75, "n = %d, kink %d", n, i+1)
			} else {
				require.Negative(t, u)
				require.InDelta(t, 0.25, slope, 1e-12*float64(n), "n = %d, kink %d", n, i+1)
			}
			previous = slope
		}
	}
}

// No point is below the least value.
func TestMinimumIsALowerBoundLaw(t *testing.T) {
	for _, p := range problem.All() {
		rapid.Check(t, func(t *rapid.T) {
			x := near(t, p)
			require.GreaterOrEqual(t, naive[p.Name](x), p.Minimum-1e-12*(1+math.Abs(p.Minimum)), "%s at %v", p.Name, x)
		})
	}
}

// near draws a point at a distance between 1e-6 and 10 of the minimiser.
func near(t *rapid.T, p problem.Problem) []float64 {
	scale := math.Pow(10, rapid.Float64Range(-6, 1).Draw(t, "scale"))
	x := make([]float64, p.N)
	for i, d := range point(t, p.N) {
		x[i] = p.Minimizer[i] + scale*d/3
	}
	return x
}

// What is called convex is, and what is not is not.
func TestConvexityLaw(t *testing.T) {
	for _, p := range problem.All() {
		if !p.Convex {
			if p.Scalable() {
				p = at(t, p.Name, 2)
			}
			require.Greater(t, concavity(p), 1e-6, "no segment shows that %s is not convex", p.Name)
			continue
		}
		rapid.Check(t, func(t *rapid.T) {
			x, y := near(t, p), near(t, p)
			gap := overMean(p, x, y)
			require.LessOrEqual(t, gap, 1e-13*magnitude(p, append(x, y...)), "%s between %v and %v", p.Name, x, y)
		})
	}
}

// overMean returns by how much the middle of a segment is above the mean of its ends.
func overMean(p problem.Problem, x, y []float64) float64 {
	middle := make([]float64, p.N)
	for i := range middle {
		middle[i] = (x[i] + y[i]) / 2
	}
	f := naive[p.Name]
	return f(middle) - (f(x)+f(y))/2
}

// concavity searches for a segment whose middle is above, among short ones on which few coordinates
// move.
func concavity(p problem.Problem) float64 {
	rng := rand.New(rand.NewPCG(1, 2))
	worst := 0.0
	for range 20000 {
		x, y := make([]float64, p.N), make([]float64, p.N)
		for i := range x {
			x[i] = p.Minimizer[i] + 4*rng.Float64() - 2
			y[i] = x[i]
			if rng.IntN(p.N) < 2 {
				y[i] += rng.Float64() - 0.5
			}
		}
		if worst = max(worst, overMean(p, x, y)); worst > 1e-3 {
			break
		}
	}
	return worst
}

func ExampleProblem() {
	p, err := problem.Lookup("rosen-suzuki")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Title, p.N, p.Structure, p.Start, p.StartValue, p.Minimizer, p.Minimum)
	fmt.Println("0 ∈ ∂f with weights", p.Certificate.Weights)
	// Output:
	// Rosen–Suzuki 4 maximum of smooth functions [0 0 0 0] 0 [0 1 2 -1] -44
	// 0 ∈ ∂f with weights [0.7 0.1 0.2]
}
