package expr_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// Classes and certificates that come from what losses, products and running sums
// say of their values and degrees.
func TestClassOfLossesAndScans(t *testing.T) {
	for _, c := range []struct {
		text, class string
		certified   bool
	}{
		{"elu(x, 2)", "definable in R_exp", true},
		{"elu(clamp(x, -1, 1), 2)", "definable in R_exp", true},
		{"log(elu(x, 2) + 2.01)", "definable in R_exp", true},
		{"log(elu(x, 2) + 1.99)", "definable in R_exp", false},
		{"log(elu(abs(x) + 1, 2))", "definable in R_exp", true},
		{"huber(x, 1)", "piecewise polynomial of degree 2", true},
		{"huber(x*y, 1)", "piecewise polynomial of degree 4", true},
		{"huber(sign(x), 1)", "piecewise polynomial of degree 0", false},
		{"1/(1 + huber(x, 1/3))", "semialgebraic", true},
		{"sqrt(huber(abs(x) + 1, 1))", "semialgebraic", true},
		{"log(huber(x, 1))", "definable in R_exp", false},
		{"pinball(x, 0.25)", "piecewise affine", true},
		{"pinball(x*y, 0.25)", "piecewise polynomial of degree 2", true},
		{"1/(1 + pinball(x, 1/3))", "semialgebraic", true},
		{"log(pinball(exp(x), 0.5))", "definable in R_exp", true},
		{"prod([x])", "affine", true},
		{"prod([x, y, z])", "piecewise polynomial of degree 3", true},
		{"prod([x*y, relu(z)])", "piecewise polynomial of degree 4", true},
		{"log(prod([exp(x), exp(y) + 1]))", "definable in R_exp", true},
		{"prodothers([x, y, z])[0]", "piecewise polynomial of degree 2", true},
		{"sin(prod([clamp(x, -1, 1), clamp(y, -2, 0)]))", "definable in R_an", true},
		{"cumsum([x, y])[1]", "affine", true},
		{"1/(1 + norm1(cumsum([x, y])))", "semialgebraic", true},
		{"sqrt(cumsum([abs(x) + 1, abs(y) + 1])[1])", "semialgebraic", true},
		{"sqrt(cumsum([abs(x), y])[1])", "semialgebraic", false},
		{"sin(pad(clamp([x, y], -1, 1), 1, 1, 1)[0])", "definable in R_an", true},
		{"sqrt(pad([exp(x), exp(y)], 1, 1, 0)[1])", "definable in R_exp", false}, // one of the zeros, for all it knows
		{"quantile([x, y, z], 1/3)", "piecewise affine", true},
		{"log(quantile([exp(x), 1], 1/3))", "definable in R_exp", true},
		{"gatherrows([1, 0], [[x, y]*2, [y, z]])[0][1]", "affine", true},
		{"permute([[1, 0], [0, 1]], [x*y, relu(x)])[0]", "piecewise polynomial of degree 2", true},
		{"groupsort([x, y*y], 2)[0]", "piecewise polynomial of degree 2", true},
	} {
		f, err := parse.Parse(c.text)
		require.NoError(t, err, c.text)
		require.Equal(t, c.class, f.Class().String(), c.text)
		require.Equal(t, c.certified, f.Class().Lipschitz, "%s: %s", c.text, f.Class().Why())
	}
}

// What the germ says: elu is restricted to a compact set near a point.
func TestGermOfELU(t *testing.T) {
	f, err := parse.Parse("elu(x, 2)")
	require.NoError(t, err)
	c, err := ad.ClassAt(f, [][]float64{{0}})
	require.NoError(t, err)
	require.Equal(t, expr.DefinableAn, c.Kind)
}

// Ranges hold for the values of the op's own samples, at operands whose entries
// are known to lie between their extremes.
func TestRangesHoldSamples(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, name := range []string{"elu", "huber", "pinball", "prod", "prodothers", "cumsum", "pad", "quantile", "groupsort"} {
		op, ok := expr.Lookup(name)
		require.True(t, ok)
		for range 200 {
			e := op.Sample(rng)
			lo, hi := math.Inf(1), math.Inf(-1)
			for _, v := range e.Values[0] {
				lo, hi = min(lo, v), max(hi, v)
			}
			g := expr.NewGraph()
			x := g.Input("x", e.Shapes[0].Dims()...)
			y := op.Apply(e.Attr, expr.Clamp(x, g.Const(lo), g.Const(hi)))
			f, err := g.Func(expr.In(x), expr.Out(y))
			require.NoError(t, err)
			p, err := vm.Compile(f, vm.Options{})
			require.NoError(t, err)
			w := p.NewWorkspace()
			copy(w.In(0), e.Values[0])
			require.NoError(t, w.Run())
			least, most := math.Inf(1), math.Inf(-1)
			for _, v := range w.Out(0) {
				least, most = min(least, v), max(most, v)
			}
			// a root is certified for positive values only: move the value to
			// just beyond 0 either way, and the certificate must not appear
			above, below := expr.Sqrt(expr.Shift(y, -least)), expr.Sqrt(expr.AffineOf(y, -1, most))
			for _, root := range []expr.Node{above, below} {
				f, err := g.Func(expr.In(x), expr.Out(root))
				require.NoError(t, err)
				require.False(t, f.Class().Lipschitz, "%s%v of [%v, %v] takes the values %v and %v", name, e.Attr, lo, hi, least, most)
			}
		}
	}
}

func TestQuantileIsMedian(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for n := 1; n < 9; n++ {
		g := expr.NewGraph()
		x := g.Input("x", n)
		f, err := g.Func(expr.In(x), expr.Out(expr.Quantile(x, 0.5), expr.Median(x), expr.Quantile(x, 0), expr.Min(x), expr.Quantile(x, 1), expr.Max(x)))
		require.NoError(t, err)
		p, err := vm.Compile(f, vm.Options{})
		require.NoError(t, err)
		w := p.NewWorkspace()
		for range 50 {
			for i := range n {
				w.In(0)[i] = rng.NormFloat64()
			}
			require.NoError(t, w.Run())
			for i := 0; i < 6; i += 2 {
				require.Equal(t, w.Out(i+1), w.Out(i))
			}
		}
	}
}

// A quantile at a rank that floating point misses: (n − 1)·q is a whole number.
func TestQuantileRanksAreExact(t *testing.T) {
	for den := int64(1); den < 60; den++ {
		for num := range den + 1 {
			n := int(den) + 1
			g := expr.NewGraph()
			x := g.Input("x", n)
			f, err := g.Func(expr.In(x), expr.Out(expr.QuantileNumber(x, expr.Ratio(num, den))))
			require.NoError(t, err)
			p, err := vm.Compile(f, vm.Options{})
			require.NoError(t, err)
			w := p.NewWorkspace()
			for i := range n {
				w.In(0)[i] = math.Inf(-1) // a neighbour that is mixed in shows
				if i > int(num) {
					w.In(0)[i] = math.Inf(1)
				}
			}
			w.In(0)[num] = 7
			require.NoError(t, w.Run())
			require.Equal(t, []float64{7}, w.Out(0), "q = %d/%d", num, den)
		}
	}
}

// A cumulative sum and its adjoint.
func ExampleCumSum() {
	g := expr.NewGraph()
	x := g.Input("x", 4)
	f, _ := g.Func(expr.In(x), expr.Out(expr.CumSum(x), expr.CumSumReversed(x), expr.Pad(x, 1, 1, 2), expr.Prod(x)))
	p, _ := vm.Compile(f, vm.Options{})
	w := p.NewWorkspace()
	copy(w.In(0), []float64{1, 2, 3, 4})
	fmt.Println(w.Run(), w.Out(0), w.Out(1), w.Out(2), w.Out(3))
	// Output: <nil> [1 3 6 10] [10 9 7 4] [0 1 2 3 4 0 0] [24]
}

// The loss of a row whose target is one-hot is log Σ e^z less the logit that is
// right; its gradient is softmax(z) less the target.
func ExampleCrossEntropy() {
	g := expr.NewGraph()
	z, y := g.Param("z", 2, 2), g.Data("y", 2, 2)
	loss := expr.CrossEntropy(z, y)
	f, _ := g.Func(expr.In(z, y), expr.Out(expr.Mean(loss)))
	df, _ := ad.Gradient(f)
	p, _ := vm.Compile(df, vm.Options{})
	w := p.NewWorkspace()
	copy(w.In(0), []float64{0, 0, 1000, 0})
	copy(w.In(1), []float64{1, 0, 1, 0})
	fmt.Println(loss.Shape(), w.Run(), w.Out(1))
	fmt.Printf("%.4f\n", w.Out(0)[0])
	// Output:
	// [2] <nil> [-0.25 0.25 0 0]
	// 0.3466
}

// The activation of Lipschitz networks, and what regression losses charge.
func ExampleGroupSort() {
	g := expr.NewGraph()
	x := g.Input("x", 4)
	f, _ := g.Func(expr.In(x), expr.Out(expr.GroupSort(x, 2), expr.Huber(x, 1), expr.Pinball(x, 0.25), expr.ELU(expr.ReLU(x), 1), expr.Quantile(x, 0.25)))
	p, _ := vm.Compile(f, vm.Options{})
	w := p.NewWorkspace()
	copy(w.In(0), []float64{3, 1, -2, 0.5})
	fmt.Println(w.Run(), w.Out(0), w.Out(1), w.Out(2), w.Out(3), w.Out(4))
	// Output: <nil> [1 3 -2 0.5] [2.5 0.5 1.5 0.125] [0.75 0.25 1.5 0.125] [3 1 0 0.5] [-0.125]
}
