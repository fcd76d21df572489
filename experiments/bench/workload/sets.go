package workload

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/expr"
)

// Zonotope is Σ |aᵢ·x| + ⟨c, x⟩ for k vectors in ℝⁿ, with c outside the sum of the segments [−aᵢ, aᵢ]: at x = 0 all kinks
// are active, and 0 is not in conv D.
func Zonotope(k, n int) *expr.Func {
	rng := rand.New(rand.NewPCG(3, 3))
	g := expr.NewGraph()
	x := g.Input("x", n)
	a := make([]float64, k*n)
	for i := range a {
		a[i] = float64(rng.IntN(2001)-1000) / 1024
	}
	// c = 1.02 h(u) u for a unit vector u, where h is the support function: so ⟨c, u⟩
	// is above it.
	c, h := make([]float64, n), 0.0
	for j := range c {
		c[j] = float64(rng.IntN(2001) - 1000)
	}
	for i := range k {
		h += math.Abs(dot(a[i*n:(i+1)*n], c))
	}
	square := dot(c, c)
	for j := range c {
		c[j] *= 1.02 * h / square
	}
	y := expr.Add(expr.Sum(expr.Abs(expr.MatMul(g.Tensor(a, k, n), x))), expr.Dot(g.Tensor(c, n), x))
	return must(g.Func(expr.In(x), expr.Out(y)))
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i := range a {
		s += float64(a[i] * b[i])
	}
	return s
}

// GenericKinks is Σ |aᵢ·x| for m vectors of small integers in ℝⁿ, which are in general position.
func GenericKinks(m, n int) *expr.Func {
	rng := rand.New(rand.NewPCG(7, uint64(m)))
	a := make([]float64, m*n)
	for i := range a {
		a[i] = float64(rng.IntN(2001) - 1000)
	}
	g := expr.NewGraph()
	x := g.Input("x", n)
	return must(g.Func(expr.In(x), expr.Out(expr.Sum(expr.Abs(expr.MatMul(g.Tensor(a, m, n), x))))))
}

// GenericCells is the number of cells into which m hyperplanes through 0 in general position cut ℝⁿ: 2·Σ_{i<n} C(m−1, i)
// (L. Schläfli; R. Buck, "Partition of space", Amer. Math. Monthly 50, 1943).
func GenericCells(m, n int) int {
	cells, c := 0, 1
	for i := range n {
		cells += 2 * c
		c = c * (m - 1 - i) / (i + 1)
	}
	return cells
}

// Names of the workloads of cells.
const (
	Cells         = "sets/cells"
	RationalCells = "sets/cells/rational"
	WholeSet      = "sets/clarke"
)

// CellKinks generic kinks in so many dimensions are searched for cells.
const (
	CellKinks     = 20
	CellDimension = 5
)

// Size is that of a zonotope whose point nearest to 0 is sought.
type Size struct{ Kinks, N int }

// Zonotopes are those that are measured.
var Zonotopes = []Size{{20, 10}, {200, 50}}

// Name is that of the workload.
func (s Size) Name() string { return fmt.Sprintf("sets/min-norm/%dx%d", s.Kinks, s.N) }
