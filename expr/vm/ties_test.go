package vm_test

import (
	"cmp"
	"math"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// tiedRow draws a row with many equal entries.
func tiedRow(t *rapid.T) []float64 {
	n := rapid.IntRange(1, 7).Draw(t, "n")
	return rapid.SliceOfN(rapid.SampledFrom([]float64{0, 1, -1}), n, n).Draw(t, "row")
}

// weights settles ties by counting: the entries above x[i], those tied with it,
// and its place among them.
func weights(x []float64, from, to int, mode expr.TieMode) []*big.Rat {
	out := make([]*big.Rat, len(x))
	for i, v := range x {
		above, tied, before := 0, 0, 0
		for j, w := range x {
			switch {
			case w > v:
				above++
			case w == v:
				tied++
				if j < i {
					before++
				}
			}
		}
		count := max(0, min(above+tied, to)-max(above, from)) // how many of the block are selected
		picked := false
		switch mode {
		case expr.TieFirst:
			picked = before < count
		case expr.TieLast:
			picked = before >= tied-count
		case expr.TieAll:
			picked = count > 0
		case expr.TieEven:
			out[i] = big.NewRat(int64(count), int64(tied))
			continue
		}
		out[i] = new(big.Rat)
		if picked {
			out[i].SetInt64(1)
		}
	}
	return out
}

func TestLawTieOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := tiedRow(t)
		from := rapid.IntRange(0, len(row)-1).Draw(t, "from")
		to := rapid.IntRange(from+1, len(row)).Draw(t, "to")
		for _, mode := range []expr.TieMode{expr.TieFirst, expr.TieLast, expr.TieEven, expr.TieAll} {
			g := expr.NewGraph()
			x := g.Input("x", len(row))
			f, err := g.Func(expr.In(x), expr.Out(expr.TieBreak(mode, from, to, x)))
			require.NoError(t, err)
			want := weights(row, from, to, mode)
			require.Equal(t, optest.Strings([][]*big.Rat{want}), optest.Strings(optest.Exact(t, f, optest.ToRats(row))), "mode %d", mode)
			for i, w := range want {
				near, _ := w.Float64()
				require.Equal(t, near, optest.Float(t, f, row)[0][i])
			}
		}
	})
}

// A slot of 1 gives tied entries their stable order, 0 the reverse of it, and ½
// the mean over all orders.
func TestLawSortedTies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := tiedRow(t)
		n := len(row)
		bar := optest.Dyadics(t, n, "bar")
		g := expr.NewGraph()
		x := g.Input("x", n)
		f, err := g.Func(expr.In(x), expr.Out(expr.Sort(x)))
		require.NoError(t, err)
		backward, err := ad.Backward(f)
		require.NoError(t, err)
		for slot, last := range map[float64]bool{1: false, 0: true} {
			wired, err := ad.Wire(backward, ad.AtSlot(slot))
			require.NoError(t, err)
			want := make([]float64, n)
			for p, i := range sortedIndices(row, last) {
				want[i] = bar[p]
			}
			require.Equal(t, want, optest.Float(t, wired, row, bar)[1], "slot %v", slot)
		}
		even, err := ad.Wire(backward, ad.AtSlot(0.5))
		require.NoError(t, err)
		got := optest.Exact(t, even, optest.ToRats(row), optest.ToRats(bar))[1]
		for i := range row {
			require.Equal(t, blockMean(row, bar, i).RatString(), got[i].RatString())
		}
	})
}

// The largest entries of a long row, which is looked at in parts, share what passes wherever they stand, and so do the
// smallest.
func TestLawTiesOfLongRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.SampledFrom([]int{512, 513, 1024, 1025}), rapid.IntRange(513, 3000)).Draw(t, "n")
		values := rapid.IntRange(1, 5).Draw(t, "values")
		row := make([]float64, n)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		for i := range row {
			row[i] = float64(1 + r.IntN(values))
		}
		switch order := rapid.IntRange(-1, 1).Draw(t, "order"); {
		case order > 0:
			slices.Sort(row)
		case order < 0:
			slices.SortFunc(row, func(a, b float64) int { return cmp.Compare(b, a) })
		}
		extreme, end := expr.Max, slices.Max(row)
		if rapid.Bool().Draw(t, "smallest") {
			extreme, end = expr.Min, slices.Min(row)
		}
		g := expr.NewGraph()
		x := g.Input("x", n)
		f, err := g.Func(expr.In(x), expr.Out(extreme(expr.Mul(x, x))))
		require.NoError(t, err)
		open, err := ad.Gradient(f)
		require.NoError(t, err)
		wired, err := ad.Wire(open, ad.PyTorch.Wiring())
		require.NoError(t, err)
		p, err := vm.CompileInBlocks(wired, vm.Options{}, rapid.Int32Range(2, 63).Draw(t, "entries"))
		require.NoError(t, err)
		out, ties := [][]float64{{0}, make([]float64, n)}, 0
		require.NoError(t, p.Run(out, row))
		for _, v := range row {
			if v == end {
				ties++
			}
		}
		for i, v := range row {
			want := 0.0
			if v == end {
				want = 2 * v * (1 / float64(ties))
			}
			require.InEpsilon(t, 1+want, 1+out[1][i], 1e-15, "entry %d of %d", i, n)
		}
	})
}

// One look at a row serves its extreme entry, the weights of its ties and what gates by them, with the bits of the ops
// themselves, which run where there are two rows: also where a key is NaN, a zero has a sign, ties lie in several chunks, and
// in float32.
func TestLawOneLookAtRow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.SampledFrom([]int{1, 8, 9, 512, 513, 516, 1024}), rapid.IntRange(2, 2000)).Draw(t, "n")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		keys, x := make([]float64, n), make([]float64, n)
		levels := rapid.SampledFrom([]int{1, 2, 5, 4 * n}).Draw(t, "levels")
		for i := range n {
			keys[i], x[i] = float64(r.IntN(levels)-levels/2), number.Draw(t, "entry")
			if keys[i] == 0 && r.IntN(2) == 0 {
				keys[i] = math.Copysign(0, -1)
			}
		}
		if rapid.IntRange(0, 4).Draw(t, "edge") == 0 {
			keys[r.IntN(n)] = number.Draw(t, "key")
		}
		isLargest := rapid.Bool().Draw(t, "largest")
		mode := rapid.SampledFrom([]expr.TieMode{expr.TieEven, expr.TieAll}).Draw(t, "mode")
		entries := rapid.SampledFrom([]int32{2, 7, 64, 512}).Draw(t, "entries")
		shown := rapid.IntRange(1, 7).Draw(t, "shown")
		program := func(dims ...int) *expr.Func {
			g := expr.NewGraph()
			k, y := g.Input("k", dims...), g.Input("y", dims...)
			from, extreme := 0, expr.Max
			if !isLargest {
				from, extreme = n-1, expr.Min
			}
			w := expr.TieBreak(mode, from, from+1, k)
			gated := expr.Gate(w, y)
			var out []expr.Node
			for i, o := range []expr.Node{expr.Add(gated, gated), extreme(k), w} { // a group after the gate
				if shown>>i&1 == 1 {
					out = append(out, o)
				}
			}
			f, err := g.Func(expr.In(k, y), expr.Out(out...))
			require.NoError(t, err)
			return f
		}
		for _, precision := range []vm.Precision{vm.Float64, vm.Float32} {
			p, err := vm.CompileInBlocks(program(n), vm.Options{Precision: precision}, entries)
			require.NoError(t, err)
			if shown == 3 {
				require.Equal(t, n > 8, slices.Contains(vm.Ops(p), "look for ties"))
				require.Equal(t, n > 8, slices.Contains(vm.Ops(p), "gate of ties"))
				require.Equal(t, n <= 8, slices.Contains(vm.Ops(p), "amax") || slices.Contains(vm.Ops(p), "amin"))
			}
			if precision == vm.Float64 {
				requireNaive(t, optest.Program{Func: p.Func(), At: [][]float64{keys, x}}, p)
			}
			q, err := vm.Compile(program(2, n), vm.Options{Precision: precision})
			require.NoError(t, err)
			require.NotContains(t, vm.Ops(q), "look for ties")
			one, two := p.NewWorkspace(), q.NewWorkspace()
			copy(one.In(0), keys)
			copy(one.In(1), x)
			for i := range 2 {
				copy(two.In(0)[i*n:], keys)
				copy(two.In(1)[i*n:], x)
			}
			_, _ = one.Run(), two.Run() // a NaN key is a fault of both
			for i := range bits.OnesCount(uint(shown)) {
				require.Equal(t, optest.Bits(two.Out(i)[:len(one.Out(i))]), optest.Bits(one.Out(i)), "output %d", i)
			}
		}
	})
}

// sortedIndices lists the entries in ascending order, tied ones by index, or
// against it.
func sortedIndices(x []float64, last bool) []int {
	idx := make([]int, len(x))
	for i := range idx {
		idx[i] = i
	}
	if last {
		slices.Reverse(idx)
	}
	slices.SortStableFunc(idx, func(i, j int) int {
		if x[i] < x[j] {
			return -1
		}
		if x[i] > x[j] {
			return 1
		}
		return 0
	})
	return idx
}

// blockMean averages bar over the sorted positions of the entries tied with i.
func blockMean(x, bar []float64, i int) *big.Rat {
	sum, count := new(big.Rat), int64(0)
	for p, j := range sortedIndices(x, false) {
		if x[j] == x[i] {
			sum.Add(sum, new(big.Rat).SetFloat64(bar[p]))
			count++
		}
	}
	return sum.Quo(sum, big.NewRat(count, 1))
}

// Selections follow the entries: when a row without ties is permuted, so are
// the derivatives of every op that orders it, bit for bit.
func TestLawOrderIsEquivariant(t *testing.T) {
	ops := map[string]func(expr.Node) expr.Node{
		"amax":    func(x expr.Node) expr.Node { return expr.Max(x) },
		"amin":    func(x expr.Node) expr.Node { return expr.Min(x) },
		"median":  expr.Median,
		"topksum": func(x expr.Node) expr.Node { return expr.TopKSum(x, 2) },
		"norminf": expr.NormInf,
		"sort":    func(x expr.Node) expr.Node { return expr.Max(expr.Mul(expr.Sort(x), expr.Sort(x))) },
	}
	rapid.Check(t, func(t *rapid.T) {
		row := rapid.Permutation([]float64{-3, -1, 0.5, 2, 4}).Draw(t, "row")
		perm := rapid.Permutation([]int{0, 1, 2, 3, 4}).Draw(t, "perm")
		moved := make([]float64, len(row))
		for i, p := range perm {
			moved[i] = row[p]
		}
		for name, op := range ops {
			g := expr.NewGraph()
			x := g.Input("x", len(row))
			f, err := g.Func(expr.In(x), expr.Out(op(x)))
			require.NoError(t, err)
			open, err := ad.Gradient(f)
			require.NoError(t, err)
			for _, slot := range []float64{0, 0.5, 1} {
				wired, err := ad.Wire(open, ad.AtSlot(slot))
				require.NoError(t, err)
				here, there := optest.Float(t, wired, row), optest.Float(t, wired, moved)
				require.Equal(t, here[0], there[0], name)
				for i, p := range perm {
					require.Equal(t, here[1][p], there[1][i], name)
				}
			}
		}
	})
}
