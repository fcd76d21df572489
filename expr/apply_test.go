package expr_test

import (
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// drawShape draws extents that fit often and are absurd at times.
func drawShape(t *rapid.T, label string) []int {
	extent := rapid.OneOf(rapid.IntRange(1, 3), rapid.IntRange(1, 3), rapid.IntRange(1, 3), rapid.SampledFrom([]int{1 << 10, 1 << 20, expr.MaxSize}))
	return rapid.SliceOfN(extent, 0, expr.MaxRank).Draw(t, label)
}

func drawAttr(t *rapid.T, integer bool) expr.Number {
	whole := rapid.OneOf(
		rapid.IntRange(-2, 5), rapid.IntRange(-2, 5), rapid.IntRange(0, 3),
		rapid.SampledFrom([]int{-expr.MaxSize, expr.MaxSize, math.MinInt, math.MaxInt}),
	)
	if integer || rapid.Bool().Draw(t, "whole") {
		return expr.Num(float64(whole.Draw(t, "n")))
	}
	return expr.Num(rapid.SampledFrom([]float64{-1.5, 0.25, 1e300, -1e-300, 1 << 40, math.NaN(), math.Inf(-1)}).Draw(t, "v"))
}

// drawOperands draws shapes, which agree more often than not, and attributes.
func drawOperands(t *rapid.T, op *expr.Op) (shapes [][]int, at expr.Attr) {
	count := rapid.OneOf(rapid.Just(op.MinArgs), rapid.Just(op.MinArgs), rapid.IntRange(0, 4)).Draw(t, "operands")
	common := drawShape(t, "common")
	for range count {
		dims := common
		if rapid.IntRange(0, 3).Draw(t, "own") == 0 {
			dims = drawShape(t, "dims")
		}
		shapes = append(shapes, dims)
	}
	for range rapid.OneOf(rapid.Just(op.Attrs.Min), rapid.IntRange(0, 8)).Draw(t, "attributes") {
		at = append(at, drawAttr(t, op.Attrs.Integer))
	}
	return shapes, at
}

// spoilSample takes the op's own sample and changes one attribute and one
// extent, or neither.
func spoilSample(t *rapid.T, op *expr.Op) (shapes [][]int, at expr.Attr) {
	e := op.Sample(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)))
	at = slices.Clone(e.Attr)
	if len(at) > 0 && rapid.Bool().Draw(t, "spoil") {
		at[rapid.IntRange(0, len(at)-1).Draw(t, "which")] = drawAttr(t, op.Attrs.Integer)
	}
	for _, s := range e.Shapes {
		dims := s.Dims()
		if len(dims) > 0 && rapid.IntRange(0, 3).Draw(t, "stretch") == 0 {
			dims[rapid.IntRange(0, len(dims)-1).Draw(t, "axis")] = rapid.IntRange(1, 6).Draw(t, "extent")
		}
		shapes = append(shapes, dims)
	}
	return shapes, at
}

// drawApplication applies a random op to random operands.
func drawApplication(t *rapid.T, g *expr.Graph) (n expr.Node, args []expr.Node) {
	ops := expr.Ops()
	op := ops[rapid.IntRange(0, len(ops)-1).Draw(t, "op")]
	draw := drawOperands
	if rapid.Bool().Draw(t, "sampled") {
		draw = spoilSample
	}
	shapes, at := draw(t, op)
	t.Logf("%s of %v with %v", op.Name, shapes, at)
	for i, dims := range shapes {
		args = append(args, g.Input(string(rune('a'+i)), dims...))
	}
	return op.Apply(at, args...), args
}

// Whatever an op is applied to, there is a node or an error, never a panic; and
// a node can be differentiated and run.
func TestLawApply(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := expr.NewGraph()
		n, args := drawApplication(t, g)
		require.Equal(t, n.Valid(), n.Graph() != nil && g.Err() == nil, "%v and %v", n, g.Err())
		if !n.Valid() || isHuge(n) {
			return
		}
		f, err := g.Func(expr.In(args...), expr.Out(n))
		require.NoError(t, err)
		runs(t, f)
		require.NotEmpty(t, f.Class().String())
		if d, err := ad.Backward(f); err == nil {
			runs(t, d)
		}
		if d, err := ad.Forward(f); err == nil {
			runs(t, d)
		}
	})
}

func isHuge(n expr.Node) bool {
	size := n.Shape().Size()
	for _, a := range n.Args() {
		size = max(size, a.Shape().Size())
	}
	return size > 50
}

// odd are values that ops may meet; the exact executor meets the finite ones.
var odd = []float64{0, 1, -1, 2, 0.5, math.Copysign(0, -1), 3, 1e18, -7, math.NaN(), math.Inf(1), math.SmallestNonzeroFloat64}

// runs executes a program at odd values; errors are fine.
func runs(t *rapid.T, f *expr.Func) {
	p, err := vm.Compile(f, vm.Options{})
	require.NoError(t, err)
	w := p.NewWorkspace()
	var at [][]*big.Rat
	for i := range w.Inputs() {
		var row []*big.Rat
		for j := range w.In(i) {
			v := rapid.SampledFrom(odd).Draw(t, "v")
			w.In(i)[j] = v
			r := new(big.Rat).SetFloat64(v)
			if r == nil {
				r = new(big.Rat)
			}
			row = append(row, r)
		}
		at = append(at, row)
	}
	_ = w.Run()
	if q, err := exact.Compile(f); err == nil {
		_, _ = q.Run(at...)
	}
}

// Every op's own sample has the shape that its rule says, in both arithmetics.
func TestLawSampleShapes(t *testing.T) {
	for _, op := range expr.Ops() {
		t.Run(op.Name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				e := op.Sample(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)))
				require.Len(t, e.Values, len(e.Shapes))
				if len(e.Shapes) == 0 {
					return // leaves have no operands
				}
				g := expr.NewGraph()
				args, at := make([]expr.Node, len(e.Shapes)), make([][]float64, len(e.Shapes))
				for i, s := range e.Shapes {
					require.Len(t, e.Values[i], s.Size())
					args[i], at[i] = g.Input(string(rune('a'+i)), s.Dims()...), e.Values[i]
				}
				n := op.Apply(e.Attr, args...)
				require.NoError(t, g.Err())
				compareArithmetics(t, n, args, at)
			})
		})
	}
}

// compareArithmetics runs one node in float64 and, if it can be, in rationals.
// Samples are small dyadic numbers, so sums and products are exact.
func compareArithmetics(t *rapid.T, n expr.Node, args []expr.Node, at [][]float64) {
	f, err := n.Graph().Func(expr.In(args...), expr.Out(n))
	require.NoError(t, err)
	p, err := vm.Compile(f, vm.Options{})
	require.NoError(t, err)
	out := make([]float64, n.Shape().Size())
	require.NoError(t, p.Run([][]float64{out}, at...))
	q, err := exact.Compile(f)
	var unsupported *exact.UnsupportedError
	if errors.As(err, &unsupported) {
		return
	}
	require.NoError(t, err)
	rats := make([][]*big.Rat, len(at))
	for i, x := range at {
		for _, v := range x {
			rats[i] = append(rats[i], new(big.Rat).SetFloat64(v))
		}
	}
	got, err := q.Run(rats...)
	require.NoError(t, err)
	require.Len(t, got[0], len(out))
	for i, r := range got[0] {
		v, _ := r.Float64() // quotients round once, and so do means
		require.Equal(t, v, out[i]+0, "entry %d of %v", i, n)
	}
}
