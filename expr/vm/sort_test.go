package vm_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// orderable are numbers that tie, or differ in their last bits only, and ordinary ones; all are float32 too.
var orderable = rapid.OneOf(
	rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 1, -1, 0x1p-149, math.Inf(1), math.Inf(-1)}),
	rapid.Map(rapid.IntRange(0, 9), func(ulps int) float64 { return 1 + float64(ulps)*0x1p-23 }),
	rapid.Map(rapid.Float32Range(-8, 8), func(x float32) float64 { return float64(x) }),
)

// drawRows draws rows of one length, of which there are some on both sides of those at which the way to sort changes.
func drawRows(t *rapid.T) (x []float64, rows, n int) {
	n = rapid.OneOf(rapid.IntRange(1, 5), rapid.IntRange(1, 90)).Draw(t, "n")
	rows = rapid.IntRange(1, 4).Draw(t, "rows")
	return rapid.SliceOfN(orderable, rows*n, rows*n).Draw(t, "x"), rows, n
}

// place counts the entries before entry i in the sorted row, and those of them that do not tie with it. Entries are
// compared by their first key that differs.
func place(i int, keys ...[]float64) (at, first int) {
	for j := range keys[0] {
		differ := slices.IndexFunc(keys, func(k []float64) bool { return k[j] != k[i] })
		switch {
		case differ < 0 && j < i:
			at++
		case differ >= 0 && keys[differ][j] < keys[differ][i]:
			at++
			first++
		}
	}
	return at, first
}

// signedBits tells −0 from 0.
func signedBits(x []float64) []uint64 {
	out := make([]uint64, len(x))
	for i, v := range x {
		out[i] = math.Float64bits(v)
	}
	return out
}

// inPrecision runs a program of inputs with n entries in each of some rows.
func inPrecision(t require.TestingT, precision vm.Precision, rows, n int, in [][]float64, build func(x []expr.Node) []expr.Node) (out [][]float64, err error) {
	g := expr.NewGraph()
	var x []expr.Node
	for i := range in {
		x = append(x, g.Input(string(rune('a'+i)), rows, n))
	}
	f, err := g.Func(expr.In(x...), expr.Out(build(x)...))
	require.NoError(t, err)
	p, err := vm.Compile(f, vm.Options{Precision: precision})
	require.NoError(t, err)
	ws := p.NewWorkspace()
	for i, v := range in {
		copy(ws.In(i), v)
	}
	err = ws.Run()
	for i := range f.Out() {
		out = append(out, slices.Clone(ws.Out(i)))
	}
	return out, err
}

// orderBy is the stable order of rows by keys; any slot of one entry a row says so.
func orderBy(t require.TestingT, keys ...expr.Node) expr.Node {
	op, ok := expr.Lookup("permutation")
	require.True(t, ok)
	return op.Apply(nil, append(slices.Clone(keys), expr.Slice(keys[0], 0, 1))...)
}

// Each entry goes to its place, in both precisions, and what is made of sorted rows takes the entries from there.
func TestLawSortedPlaces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, rows, n := drawRows(t)
		k := rapid.IntRange(1, n).Draw(t, "k")
		sorted, order, back, top := make([]float64, rows*n), make([]float64, 2*rows*n), make([]float64, rows*n), make([]float64, rows*k)
		sum := make([]float64, rows)
		for b := range rows {
			row := x[b*n : (b+1)*n]
			for i, v := range row {
				at, first := place(i, row)
				sorted[b*n+at] = v
				order[2*b*n+at], order[(2*b+1)*n+at] = float64(i), float64(first)
				back[b*n+i] = row[at]
			}
			for i := range k {
				top[b*k+i] = sorted[(b+1)*n-1-i]
				sum[b] += top[b*k+i]
			}
		}
		for _, precision := range []vm.Precision{vm.Float64, vm.Float32} {
			got, err := inPrecision(t, precision, rows, n, [][]float64{x}, func(in []expr.Node) []expr.Node {
				p := orderBy(t, in[0])
				grouped := expr.GroupSort(expr.Reshape(in[0], rows*n), n)
				return []expr.Node{
					expr.Sort(in[0]), grouped, expr.Permute(p, in[0]), p, expr.Unpermute(p, in[0]), expr.TopK(in[0], k), expr.TopKSum(in[0], k),
				}
			})
			require.NoError(t, err)
			for i, want := range [][]float64{sorted, sorted, sorted, order, back, top} {
				require.Equal(t, signedBits(want), signedBits(got[i]), "output %d in %v", i, precision)
			}
			for b, want := range sum {
				if precision == vm.Float32 { // the sum is rounded once
					want = float64(float32(want))
				}
				require.True(t, want == got[6][b] || want != want && got[6][b] != got[6][b], "%v, not %v", want, got[6][b])
			}
		}
	})
}

// Entries that tie in the first key are ordered by the next, for orders and for ranks.
func TestLawSortedByKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, rows, n := drawRows(t)
		coarse := rapid.SliceOfN(rapid.SampledFrom([]float64{-1, 0, 1}), rows*n, rows*n).Draw(t, "coarse")
		to := rapid.IntRange(1, n).Draw(t, "to")
		order, smallest := make([]float64, 2*rows*n), make([]float64, rows*n)
		for b := range rows {
			keys := [][]float64{coarse[b*n : (b+1)*n], x[b*n : (b+1)*n]}
			for i := range n {
				at, first := place(i, keys...)
				order[2*b*n+at], order[(2*b+1)*n+at] = float64(i), float64(first)
			}
			down := [][]float64{negated(keys[0]), negated(keys[1])}
			for i := range n {
				if at, _ := place(i, down...); at < to {
					smallest[b*n+i] = 1
				}
			}
		}
		for _, precision := range []vm.Precision{vm.Float64, vm.Float32} {
			got, err := inPrecision(t, precision, rows, n, [][]float64{coarse, x}, func(in []expr.Node) []expr.Node {
				return []expr.Node{orderBy(t, in...), expr.TieBreak(expr.TieFirst, 0, to, in...)}
			})
			require.NoError(t, err)
			require.Equal(t, order, got[0], precision)
			require.Equal(t, smallest, got[1], precision)
		}
	})
}

func negated(x []float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = -v
	}
	return out
}

// A NaN spoils its own row and no other, and an order of it is a fault that tells where it is.
func TestNaNSpoilsItsRow(t *testing.T) {
	for _, n := range []int{2, 3, 100} {
		for _, precision := range []vm.Precision{vm.Float64, vm.Float32} {
			x := make([]float64, 40*n)
			for i := range x {
				x[i] = float64(i * 7 % 11)
			}
			build := func(in []expr.Node) []expr.Node {
				p := orderBy(t, in[0])
				return []expr.Node{expr.Sort(in[0]), expr.Median(in[0]), p, expr.Unpermute(p, in[0])}
			}
			want, err := inPrecision(t, precision, 40, n, [][]float64{x}, build)
			require.NoError(t, err)
			x[37*n+1] = math.NaN()
			got, err := inPrecision(t, precision, 40, n, [][]float64{x}, build)
			var e *vm.NaNError
			require.ErrorAs(t, err, &e)
			require.Equal(t, 37*n+1, e.Entry)
			for i, size := range []int{n, 1, 2 * n, n} {
				require.Equal(t, want[i][:37*size], got[i][:37*size])
				require.Equal(t, want[i][38*size:], got[i][38*size:])
				if i < 2 {
					for _, v := range got[i][37*size : 38*size] {
						require.True(t, math.IsNaN(v))
					}
				}
			}
		}
	}
}

// An operand that is no order is a fault that tells where it is; one that lists an index twice is none.
func TestNoOrder(t *testing.T) {
	for _, precision := range []vm.Precision{vm.Float64, vm.Float32} {
		g := expr.NewGraph()
		p, x := g.Input("p", 20, 2, 2), g.Input("x", 20, 2)
		f, err := g.Func(expr.In(p, x), expr.Out(expr.Permute(p, x), expr.Unpermute(p, x)))
		require.NoError(t, err)
		program, err := vm.Compile(f, vm.Options{Precision: precision})
		require.NoError(t, err)
		ws := program.NewWorkspace()
		for b := range 20 {
			ws.In(0)[4*b+1-b%2] = 1
			ws.In(1)[2*b], ws.In(1)[2*b+1] = 3, 4
		}
		require.NoError(t, ws.Run())
		require.Equal(t, []float64{3, 4, 4, 3}, ws.Out(0)[:4])
		ws.In(0)[4*5+1] = 1 // now 1 1
		require.NoError(t, ws.Run())
		require.Equal(t, []float64{4, 4}, ws.Out(0)[10:12])
		require.Equal(t, []float64{0, 4}, ws.Out(1)[10:12])
		ws.In(0)[4*6+1] = 2
		var e *vm.FaultError
		require.ErrorAs(t, ws.Run(), &e)
		require.Equal(t, expr.FaultOrder, e.Why)
		require.Equal(t, 4*6+1, e.Entry)
	}
}

// A gradient that needs the order of rows sorts them once, with the bits of a naive evaluator, also where entries are
// tied, are −0 or NaN.
func TestLawSortInOrder(t *testing.T) {
	checks, met := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		checks++
		n, rows := rapid.OneOf(rapid.IntRange(1, 5), rapid.IntRange(1, 90)).Draw(t, "n"), rapid.IntRange(1, 4).Draw(t, "rows")
		g := expr.NewGraph()
		x, w := g.Input("x", rows, n), g.Input("w", rows, n)
		z := x
		if rapid.Bool().Draw(t, "of something computed") {
			z = expr.Mul(x, w)
		}
		y := expr.Mul(w, expr.Sort(z))
		if rapid.Bool().Draw(t, "sorted again") {
			y = expr.Add(y, expr.Sort(y))
		}
		f, err := g.Func(expr.In(x, w), expr.Out(expr.Sum(y)))
		require.NoError(t, err)
		d, err := ad.Gradient(f)
		require.NoError(t, err)
		d, err = ad.Wire(d, ad.PyTorch.Wiring())
		require.NoError(t, err)
		if lanes := rapid.IntRange(0, 3).Draw(t, "lanes"); lanes > 0 {
			d, _, err = expr.Vmap(d, lanes, d.In()[:rapid.IntRange(0, 2).Draw(t, "shared inputs")])
			require.NoError(t, err)
		}
		program, err := vm.CompileInBlocks(d, vm.Options{}, rapid.Int32Range(2, 512).Draw(t, "entries"))
		require.NoError(t, err)
		if slices.Contains(vm.Ops(program), "sort in order") {
			met++
			require.NotContains(t, vm.Ops(program), "sort")
		}
		requireNaive(t, optest.Program{Func: d, At: numbersFor(t, d)}, program)
	})
	require.Greater(t, 2*met, checks-20, "most rows have more than two entries")
}

// An order by other keys, or of other rows, is of no use, and rows of two are sorted again.
func TestSortInOrderOfTheSameRowsOnly(t *testing.T) {
	g := expr.NewGraph()
	x, y, pair, slot := g.Input("x", 3), g.Input("y", 3), g.Input("pair", 2), g.Input("slot", 1)
	op, _ := expr.Lookup("permutation")
	outs := []expr.Node{expr.Sort(x), orderBy(t, y), orderBy(t, x, y), expr.Sort(pair), orderBy(t, pair)}
	f, err := g.Func(expr.In(x, y, pair, slot), expr.Out(outs...))
	require.NoError(t, err)
	p, err := vm.Compile(f, vm.Options{})
	require.NoError(t, err)
	require.NotContains(t, vm.Ops(p), "sort in order")
	f, err = g.Func(expr.In(x, y, pair, slot), expr.Out(append(outs, op.Apply(nil, x, slot))...))
	require.NoError(t, err)
	p, err = vm.Compile(f, vm.Options{})
	require.NoError(t, err)
	require.Contains(t, vm.Ops(p), "sort in order")
}
