package optest

import (
	"math"
	"slices"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm"
)

var extremes = []float64{
	0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1),
	math.SmallestNonzeroFloat64, -math.SmallestNonzeroFloat64, 1e-310, math.MaxFloat64, -math.MaxFloat64, 1, -1,
}

// Extremes returns numbers at which modes like to differ: zeros of either sign,
// NaN, infinities, subnormal and the largest numbers.
func Extremes() []float64 { return slices.Clone(extremes) }

// extreme draws an application some of whose numbers are extremes.
func extreme(t *rapid.T, e expr.Example) expr.Example {
	out := expr.Example{Attr: e.Attr, Shapes: e.Shapes}
	for _, row := range e.Values {
		x := append([]float64(nil), row...)
		for i := range x {
			if rapid.Bool().Draw(t, "extreme") {
				x[i] = rapid.SampledFrom(extremes).Draw(t, "number")
			}
		}
		out.Values = append(out.Values, x)
	}
	return out
}

// CheckModes wants one value in all modes, ±0, NaN, infinities and subnormal
// numbers among the inputs: run alone, in lanes, read back from text, and as the
// value that forward and backward mode return besides derivatives, all against a
// naive evaluation. None panics.
func CheckModes(t *rapid.T, p Program) {
	value, fault := Floats(p.Func, p.At...)
	want := make([][]float64, len(p.Func.Out()))
	for i, n := range p.Func.Out() {
		want[i] = value[n]
	}
	same := func(got [][]float64, mode string) {
		for i := range want {
			require.Equal(t, same0(want[i]), same0(got[i]), "output %d, %v in a naive run and %v %s", i, want[i], got[i], mode)
		}
	}
	got, err := float(t, p.Func, p.At)
	require.Equal(t, fault.Set, err != nil, "a switch that is not a number: %v", err)
	same(got, "alone")

	for mode, f := range map[string]*expr.Func{"forward": forward(t, p.Func), "backward": backward(t, p.Func)} {
		in := p.At
		for _, n := range append(f.In()[len(p.At):], f.Slots()...) {
			in = append(in[:len(in):len(in)], make([]float64, n.Shape().Size()))
		}
		got, _ := float(t, f, in) // derivatives may have switches that the value has not
		same(got[:len(want)], "beside the derivative, "+mode)
	}

	const lanes = 3
	wide := make([][]float64, len(p.At))
	for i, x := range p.At {
		wide[i] = Join(Dyadics(t, len(x), "lane"), x, x)
	}
	program, err := vm.Compile(p.Func, vm.Options{Lanes: lanes})
	require.NoError(t, err)
	out := buffers(p.Func.Out(), lanes)
	_ = program.Run(out, wide...) // faults of the first lane are not in question
	for i := range out {
		n := len(out[i]) / lanes
		require.Equal(t, same0(out[i][n:2*n]), same0(out[i][2*n:]), "two equal lanes")
		out[i] = out[i][n : 2*n]
	}
	same(out, "in lanes")
	checkText(t, p, same)
}

// checkText reads a program of one output back from its text.
func checkText(t *rapid.T, p Program, same func(got [][]float64, mode string)) {
	if len(p.Func.Out()) > 1 || len(p.Func.Slots()) > 0 {
		return // text is for reading only then
	}
	f, err := parse.Parse(expr.Format(p.Func), parse.Like(p.Func))
	require.NoError(t, err)
	got, _ := float(t, f, p.At)
	same(got, "read back from text")
}

// same0 is Bits with one pattern for all NaNs: their payloads depend on the
// order of operands, which no law fixes.
func same0(x []float64) []uint64 {
	out := Bits(x)
	for i, v := range x {
		if v != v {
			out[i] = math.Float64bits(math.NaN())
		}
	}
	return out
}
