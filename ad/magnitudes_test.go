package ad_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

// followed are ops through which magnitudes follow all errors, and so they do through
// their derivatives.
var followed = []string{
	"add", "sub", "mul", "neg", "affine", "dot", "matvec", "matmul", "outer", "conv2d", "sum", "mean", "cumsum", "relu", "abs",
	"max", "min", "clamp", "hinge", "leakyrelu", "pinball", "softthreshold", "amax", "amin", "maxpool", "norminf", "median",
	"quantile", "sort", "topk", "groupsort", "norm1", "topksum", "prod", "pow", "div", "index",
	"slice", "take", "stack", "concat", "transpose", "reshape", "broadcast", "pad", "windows",
}

func TestMagnitudes(t *testing.T) {
	for text, want := range map[string]float64{
		"v[0] - v[1]":                    5,  // 3 and 2
		"v[0] + v[1] - (v[0] + v[1])":    10, // what cancels
		"(v[0] - v[1])*v[1]":             1*2 + 5*2,
		"(v[0] - v[1])/v[1]":             (5 + 0.5*2) / 2,
		"2*v[0] - 7":                     2*3 + 2*3 + 7,
		"huber(v[0] - v[1], 2)":          10,
		"elu(v[1] - v[0], 3)":            15,
		"affine(v[0] - v[1], -2, 1)":     1 + 10,
		"[v[0] - v[1], 1][0]":            5,
		"-(v[0] - v[1])":                 5,
		"dot(v - 1, [-1, 4])":            4*1 + 3*4 + 2*1 + 1*4,
		"relu(v[1] - v[0])":              5,
		"max(v[1] - v[0], v[0])":         5,
		"exp(v[1] - v[0])":               math.Exp(-1) * 6,
		"v[0]^0":                         1,
		"tanh(100*v[0])":                 1,
		"prod(v - [2, 1])":               1*1 + 1*5 + 1*3,
		"logsumexp(v - v)":               math.Ln2 + 6/2 + 4/2,
		"softmax(v - v)[0]":              0.5 * (1 + 2*6),
		"sort(v - [3, 1])[0]":            6,
		"median(v - [3, 1])":             6,
		"topksum(v - [3, 1], 1)":         6,
		"norm1(v - [3, 1])":              6 + 3,
		"clamp(v[0] - 3, -1, 1)":         6,
		"hinge(v[0] - v[1])":             6,
		"leakyrelu(v[0] - v[1], 3)":      15,
		"sum(v - 3)":                     11,
		"where(v[0], v[1] - 4, v[0], 4)": 6,
		"norm2(v - [3, 1])*(1 - v[0])":   1*4 + math.Sqrt(45)*2,
	} {
		m, err := ad.Magnitudes(parsed(t, text, 2))
		require.NoError(t, err)
		require.InEpsilon(t, want, optest.Float(t, m, []float64{3, 2})[0][0], 1e-15, text)
	}
}

// notFollowed are the ops through which magnitudes follow no errors: those that jump, and
// three of derivatives.
var notFollowed = []string{"compare", "farthest", "floor", "knn", "sign", "where", "snap", "direction", "permutation", "prodothers", "rank", "step"}

// The magnitude is a bound of the condition, for all other ops: entries that are moved by a
// part of their size move a value by that part of its magnitude, to first order. The
// oracle is values alone.
func TestLawMagnitudesBoundPerturbations(t *testing.T) {
	var ops []string
	for _, op := range expr.Ops() {
		if !op.Constant && !slices.Contains(notFollowed, op.Name) {
			ops = append(ops, op.Name)
		}
	}
	programs := optest.Programs(optest.Config{Ops: ops, Repeat: true})
	rapid.Check(t, func(t *rapid.T) {
		p := programs.Draw(t, "program")
		m, err := ad.Magnitudes(p.Func)
		require.NoError(t, err)
		const part, second = 0x1p-30, 0x1p-40 // the latter is what is left of second order
		moved := make([][]float64, len(p.At))
		for i, x := range p.At {
			for _, v := range x {
				moved[i] = append(moved[i], v+float64(part*v)*rapid.SampledFrom([]float64{-1, 0, 1}).Draw(t, "sign"))
			}
		}
		here, fault := optest.Floats(p.Func, p.At...)
		there, other := optest.Floats(p.Func, moved...)
		if fault.Set || other.Set {
			t.Skip("no values")
		}
		sizes, _ := optest.Floats(m, p.At...)
		for i, n := range p.Func.Out() {
			for j, v := range here[n] {
				size := sizes[m.Out()[i]][j]
				require.False(t, math.Abs(there[n][j]-v) > float64(size*(part*1.01+0x1p-46))+second, "entry %d of output %d: %v, %v, %v", j, i, v, there[n][j], size)
			}
		}
	})
}

// Magnitudes are those of programs with the same slots, and nowhere below the values.
func TestLawMagnitudesBoundValues(t *testing.T) {
	each(t, []string{"affine", "polynomial", "vector", "any", "jumps"}, func(t *rapid.T, p optest.Program) {
		g, err := ad.Backward(p.Func)
		require.NoError(t, err)
		m, err := ad.Magnitudes(g)
		require.NoError(t, err)
		require.Equal(t, g.Slots(), m.Slots())
		in := optest.Join(p.At, optest.PointsFor(t, g.In()[len(p.At):], "cotangent"), optest.PointsFor(t, g.Slots(), "slots"))
		values, fault := optest.Floats(g, in...)
		if fault.Set {
			t.Skip("no values")
		}
		sizes, _ := optest.Floats(m, in...)
		for i, n := range g.Out() {
			for j, v := range values[n] {
				size := float64(sizes[m.Out()[i]][j] * (1 + 0x1p-40))
				require.False(t, size < math.Abs(v), "entry %d of output %d: %v, %v", j, i, v, size)
			}
		}
	})
}

// Gradients in float64 differ from those in rationals by some units of rounding of
// their magnitudes, if all selectors agree, however much cancels.
func TestLawMagnitudesBoundRounding(t *testing.T) {
	programs := optest.Programs(optest.Config{Class: expr.PiecewisePolynomial, Ops: followed, Repeat: true})
	rapid.Check(t, func(t *rapid.T) {
		p := programs.Draw(t, "program")
		g, err := ad.Gradient(p.Func)
		require.NoError(t, err)
		m, err := ad.Magnitudes(g)
		require.NoError(t, err)
		var in [][]float64
		for _, x := range p.At {
			in = append(in, optest.Rough(t, len(x), "x"))
		}
		in = append(in, optest.PointsFor(t, g.Slots(), "slots")...)
		want, fault := optest.Rationals(g, optest.AllToRats(in)...)
		if fault.Set {
			t.Skip("no rational values")
		}
		values, _ := optest.Floats(g, in...)
		for n, v := range values {
			_, selects := n.SelectorSlot()
			for i := range v {
				if w, _ := want[n][i].Float64(); selects && w != v[i] {
					t.Skip("another side of a kink")
				}
			}
		}
		sizes, _ := optest.Floats(m, in...)
		for i, n := range g.Out() {
			for j, v := range values[n] {
				w, _ := want[n][j].Float64()
				require.InDelta(t, w, v, float64(0x1p-46*sizes[m.Out()[i]][j]), "entry %d of output %d", j, i)
			}
		}
	})
}
