package optest

import (
	"math"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/expr"
)

// checkLeak wants branches that are not taken to leak nothing: where an entry of
// the derivative is 0 at a kink or a gate, neither a tangent nor a cotangent that
// is NaN or infinite passes it, and the other entries are those for a large
// number when the operand of the branch is infinite.
func checkLeak(t *rapid.T, op *expr.Op, e expr.Example) {
	p := Single(t, op, e)
	forward := forward(t, p.Func)
	backward := backward(t, p.Func)
	c := choices(t, forward, backward)
	j := &table{t: t, p: p, forward: forward, slots: c.Of(t, forward)}
	columns := j.at(p.At)
	bad := rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1)}).Draw(t, "bad")
	i := rapid.IntRange(0, len(columns)-1).Draw(t, "input")
	o := rapid.IntRange(0, len(columns[i])-1).Draw(t, "output")

	u := PointsFor(t, p.Func.In(), "u")
	dy := func(v float64) []float64 {
		return Float(t, forward, Join(p.At, with(u, i, v), j.slots)...)[1]
	}
	requireUnmoved(t, dy(0), dy(bad), columns[i], "the tangent %v of input entry %d", bad, i)

	v := PointsFor(t, p.Func.Out(), "v")
	row := make([]float64, len(columns))
	for k := range columns {
		row[k] = columns[k][o]
	}
	xbar := func(w float64) []float64 {
		return Join(Float(t, backward, Join(p.At, with(v, o, w), c.Of(t, backward))...)[1:]...)
	}
	requireUnmoved(t, xbar(0), xbar(bad), row, "the cotangent %v of output entry %d", bad, o)
	j.requireSame(i)
}

// choices draws slots for both modes that are 0 or 1, so that branches are taken
// or not.
func choices(t *rapid.T, f ...*expr.Func) Choices {
	c := Choices{}
	for _, g := range f {
		for _, n := range g.Slots() {
			if c[n] == nil {
				size := n.Shape().Size()
				c[n] = rapid.SliceOfN(rapid.SampledFrom([]float64{0, 1}), size, size).Draw(t, "slot")
			}
		}
	}
	return c
}

// requireUnmoved holds the entries where the derivative is 0 against each other.
func requireUnmoved(t require.TestingT, want, got, slope []float64, format string, args ...any) {
	for k, s := range slope {
		if s == 0 {
			require.Equal(t, want[k]+0, got[k]+0, append([]any{format + " reaches entry %d, where the derivative is 0"}, append(args, k)...)...)
		}
	}
}

// table computes the derivative by its columns, in float64 and for fixed slots.
type table struct {
	t       require.TestingT
	p       Program
	forward *expr.Func
	slots   [][]float64
}

func (j *table) at(x [][]float64) (columns [][]float64) {
	still := buffers(j.p.Func.In(), 1)
	for i := range sizeOf(j.p.Func.In()) {
		columns = append(columns, Float(j.t, j.forward, Join(x, with(still, i, 1), j.slots)...)[1])
	}
	return columns
}

// requireSame compares the derivative where entry i is ±2^100 with that where it
// is infinite: nothing more is taken or not.
func (j *table) requireSame(i int) {
	for _, sign := range []float64{1, -1} {
		far := j.at(with(j.p.At, i, math.Ldexp(sign, 100)))
		if len(far[i]) == 0 || !flatZero(far[i]) {
			continue // the branch of the entry is taken
		}
		at := j.at(with(j.p.At, i, math.Inf(int(sign))))
		for k := range far {
			require.Equal(j.t, plus0(far[k]), plus0(at[k]), "derivative in input entry %d, with entry %d infinite and not taken", k, i)
		}
	}
}

func flatZero(x []float64) bool {
	for _, v := range x {
		if v != 0 {
			return false
		}
	}
	return true
}

// with returns a copy of x whose entry of flat position i is v.
func with(x [][]float64, i int, v float64) [][]float64 {
	out := make([][]float64, len(x))
	for k, row := range x {
		out[k] = append([]float64(nil), row...)
		if i >= 0 && i < len(row) {
			out[k][i] = v
		}
		i -= len(row)
	}
	return out
}
