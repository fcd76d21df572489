package optest

import (
	"math"
	"math/big"
	"slices"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
)

// stepBits makes the step 2^-stepBits of exact difference quotients: far below
// any switch crossing of programs of small dyadic numbers.
const stepBits = 256

// CheckDirectional holds the one-sided directional derivative, on kinks as well
// as off them, against the difference quotient. In rationals the two agree for
// piecewise affine programs (affine = true), and otherwise up to C·t with
// C = 2^64. In float64 a Richardson step removes the error of first order, and
// points are passed over that rounding may have moved off a kink. Programs that
// are not certified continuous at the point are passed over.
func CheckDirectional(t *rapid.T, p Program, affine bool) {
	if !regular(p) {
		return
	}
	f, err := ad.Directional(p.Func)
	require.NoError(t, err)
	d := PointsFor(t, p.Func.Wrt(), "d")
	outs := len(p.Func.Out())
	if !IsRational(f) {
		if !nearKink(t, p) {
			checkQuotient(t, p, d, Float(t, f, Join(p.At, d)...)[outs:])
		}
		return
	}
	slope := Exact(t, f, AllToRats(Join(p.At, d))...)[outs:]
	step := TwoTo(-stepBits)
	y, z := Exact(t, p.Func, p.Rats()...), Exact(t, p.Func, Moved(p.Func, p.Rats(), step, AllToRats(d))...)
	for i := range y {
		for j := range y[i] {
			q := new(big.Rat).Sub(z[i][j], y[i][j])
			q.Quo(q, step)
			if affine {
				require.Equal(t, q.RatString(), slope[i][j].RatString(), "difference quotient and directional derivative")
				continue
			}
			gap := new(big.Rat).Sub(q, slope[i][j])
			require.Negative(t, gap.Abs(gap).Cmp(TwoTo(64-stepBits)), "the quotient is %v away from %v", gap.FloatString(20), slope[i][j].RatString())
		}
	}
}

// Moved returns the inputs of f with t·d added to those that are differentiated.
func Moved(f *expr.Func, x [][]*big.Rat, t *big.Rat, d [][]*big.Rat) [][]*big.Rat {
	out := make([][]*big.Rat, len(x))
	for i, n := range f.In() {
		out[i] = x[i]
		for k, w := range f.Wrt() {
			if w == n {
				out[i] = AddScaled(x[i], t, d[k])
			}
		}
	}
	return out
}

// checkQuotient passes over entries whose quotient has not settled: they jump, or
// an end of a domain is near.
func checkQuotient(t *rapid.T, p Program, d, slope [][]float64) {
	const h = 1.0 / (1 << 20)
	y := Float(t, p.Func, p.At...)
	q := func(h float64) [][]float64 {
		x := make([][]float64, len(p.At))
		for i, row := range Moved(p.Func, p.Rats(), ToRats([]float64{h})[0], AllToRats(d)) {
			for _, v := range row {
				f, _ := v.Float64()
				x[i] = append(x[i], f)
			}
		}
		return combine(y, -1, Float(t, p.Func, x...))
	}
	far, near := q(h), q(h/2)
	for i := range y {
		for j := range y[i] {
			got := (4*near[i][j] - far[i][j]) / h
			if change := math.Abs(2*near[i][j]-far[i][j]) / h; !(change <= 1e-3*(1+math.Abs(slope[i][j]))) {
				continue
			}
			require.InDelta(t, got, slope[i][j], 1e-4*(1+math.Abs(slope[i][j])), "difference quotient and directional derivative")
		}
	}
}

// nearKink reports whether a switch of p is within 1e-3 of a tie, without being
// tied.
func nearKink(t *rapid.T, p Program) bool {
	forward := forward(t, p.Func)
	in := Join(p.At, buffers(p.Func.Wrt(), 1), buffers(forward.Slots(), 1))
	value, _ := Floats(forward, in...)
	for _, n := range forward.Slots() {
		s, _ := n.Slot()
		key := s.Keys()[0]
		if nearTie(s.Kind, value[key], key.Shape()) {
			return true
		}
	}
	return false
}

func nearTie(kind expr.SlotKind, key []float64, s expr.Shape) bool {
	close := func(z float64) bool { return z != 0 && math.Abs(z) < 1e-3 }
	if kind == expr.StepSlot || kind == expr.DirectionSlot {
		return slices.ContainsFunc(key, close)
	}
	n := s.Dim(-1)
	for i, v := range key {
		if slices.ContainsFunc(key[i/n*n:i], func(w float64) bool { return close(v - w) }) {
			return true
		}
	}
	return false
}
