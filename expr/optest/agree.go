package optest

import (
	"math/big"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// CheckExact holds float64 against rationals: equal wherever all numbers of the
// run are so short that no operation rounds. It reports whether they were.
func CheckExact(t *rapid.T, f *expr.Func, in [][]float64) bool {
	if !IsRational(f) {
		return false
	}
	value, fault := Rationals(f, AllToRats(in)...)
	if fault.Set {
		return false
	}
	for n, v := range value {
		if !short(v) || !shortAttr(n.Attr()) {
			return false
		}
	}
	got := Float(t, f, in...)
	for i, n := range f.Out() {
		for j, v := range value[n] {
			want, _ := v.Float64()
			require.Equal(t, want, got[i][j]+0, "entry %d of output %d, %v", j, i, n)
		}
	}
	return true
}

// short reports whether sums of 2^10 products of any two of the numbers fit the
// 53 bits of a float64.
func short(x []*big.Rat) bool {
	const bits = 10
	for _, v := range x {
		d := v.Denom()
		if v.Num().BitLen()-d.BitLen() > bits || d.TrailingZeroBits()+1 != uint(d.BitLen()) || d.BitLen() > bits+1 {
			return false
		}
	}
	return true
}

func shortAttr(at expr.Attr) bool {
	for _, a := range at {
		if _, exact := a.Rat().Float64(); !exact {
			return false
		}
	}
	return true
}

// CheckLanes holds runs in lanes against single runs, bit for bit. Lane 0 is the
// given point (slots included); the others differ from it in some entries. Some
// inputs are shared by all lanes.
func CheckLanes(t *rapid.T, f *expr.Func, at [][]float64) {
	lanes := rapid.IntRange(1, 4).Draw(t, "lanes")
	leaves := append(f.In(), f.Slots()...)
	var shared []expr.Node
	in := make([][]float64, len(leaves))
	single := make([][][]float64, lanes)
	for i, n := range leaves {
		same := rapid.Bool().Draw(t, "shared")
		if same {
			shared, in[i] = append(shared, n), at[i]
		}
		for l := range single {
			x := at[i]
			if !same {
				x = near(t, x, l)
				in[i] = append(in[i], x...)
			}
			single[l] = append(single[l], x)
		}
	}
	p, err := vm.Compile(f, vm.Options{Lanes: lanes, Shared: shared})
	require.NoError(t, err)
	got := buffers(f.Out(), lanes)
	gotErr := p.Run(got, in...)
	failed := false
	for l := range single {
		want, err := float(t, f, single[l])
		failed = failed || err != nil
		for i := range want {
			n := len(want[i])
			require.Equal(t, Bits(want[i]), Bits(got[i][l*n:(l+1)*n]), "output %d of lane %d: %v and %v", i, l, want[i], got[i][l*n:(l+1)*n])
		}
	}
	require.Equal(t, failed, gotErr != nil, "an error of a lane and of the run: %v", gotErr)
}

// near draws a point that has about half of its entries in common with x. The
// others are dyadic or, to make sums round, have full mantissas.
func near(t *rapid.T, x []float64, lane int) []float64 {
	if lane == 0 {
		return x
	}
	out := Dyadics(t, len(x), "lane")
	if rapid.Bool().Draw(t, "rough") {
		out = Rough(t, len(x), "lane")
	}
	for i := range out {
		if rapid.Bool().Draw(t, "common") {
			out[i] = x[i]
		}
	}
	return out
}
