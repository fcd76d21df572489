package optest

import (
	"math"
	"math/big"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/expr"
)

// CheckAdjoint holds ⟨v, J u⟩ = ⟨Jᵀ v, u⟩ for one random wiring of the slots
// that Forward and Backward share: exactly for rational programs, else up to
// rounding. Derivatives that are not defined at the point are passed over.
func CheckAdjoint(t *rapid.T, p Program) {
	forward := forward(t, p.Func)
	backward := backward(t, p.Func)
	u := PointsFor(t, p.Func.Wrt(), "u")
	v := PointsFor(t, p.Func.Out(), "v")
	c := Choices{}
	fin, bin := Join(p.At, u, c.Of(t, forward)), Join(p.At, v, c.Of(t, backward))
	outs := len(p.Func.Out())
	if IsRational(forward) && IsRational(backward) {
		ju := Exact(t, forward, AllToRats(fin)...)[outs:]
		jv := Exact(t, backward, AllToRats(bin)...)[outs:]
		left, right := DotRats(AllToRats(v), ju), DotRats(jv, AllToRats(u))
		require.Equal(t, left.RatString(), right.RatString(), "⟨v, Ju⟩ and ⟨Jᵀv, u⟩")
		return
	}
	ju, jv := Float(t, forward, fin...)[outs:], Float(t, backward, bin...)[outs:]
	left, a := dot(v, ju)
	right, b := dot(jv, u)
	if finite(a) && finite(b) { // else a derivative is not defined here
		room := float64(1e-9*(1+a+b)) + Noise(forward, fin...) + Noise(backward, bin...)
		require.InDelta(t, left, right, room, "⟨v, Ju⟩ and ⟨Jᵀv, u⟩")
	}
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// dot returns the inner product of lists of buffers, and the sum of the
// absolute values of its terms.
func dot(x, y [][]float64) (sum, size float64) {
	for i := range x {
		for j, v := range x[i] {
			sum += v * y[i][j]
			size += math.Abs(v * y[i][j])
		}
	}
	return sum, size
}

// CheckLinear holds J(a·u + v) = a·Ju + Jv for one random wiring.
func CheckLinear(t *rapid.T, p Program) {
	forward := forward(t, p.Func)
	u, v := PointsFor(t, p.Func.Wrt(), "u"), PointsFor(t, p.Func.Wrt(), "v")
	a := dyadics.Draw(t, "a")
	slots := Choices{}.Of(t, forward)
	j := func(d [][]float64) [][]float64 { return Join(p.At, d, slots) }
	outs := len(p.Func.Out())
	if IsRational(forward) {
		ju := Exact(t, forward, AllToRats(j(u))...)[outs:]
		jv := Exact(t, forward, AllToRats(j(v))...)[outs:]
		both := Exact(t, forward, AllToRats(j(combine(u, a, v)))...)[outs:]
		for i := range ju {
			ju[i] = AddScaled(jv[i], ToRats([]float64{a})[0], ju[i])
		}
		require.Equal(t, Strings(ju), Strings(both), "J(au + v) and aJu + Jv")
		return
	}
	ju, jv := Float(t, forward, j(u)...)[outs:], Float(t, forward, j(v)...)[outs:]
	want, both := combine(ju, a, jv), Float(t, forward, j(combine(u, a, v))...)[outs:]
	noise := float64((1 + math.Abs(a)) * (Noise(forward, j(u)...) + Noise(forward, j(v)...)))
	for i := range want {
		for k, w := range want[i] {
			if finite(w) {
				require.InDelta(t, w, both[i][k], float64(1e-9*(1+float64(math.Abs(a*ju[i][k]))+math.Abs(jv[i][k])))+noise)
			}
		}
	}
}

// combine returns a·u + v.
func combine(u [][]float64, a float64, v [][]float64) [][]float64 {
	out := make([][]float64, len(u))
	for i := range u {
		out[i] = make([]float64, len(u[i]))
		for j := range u[i] {
			out[i][j] = float64(a*u[i][j]) + v[i][j]
		}
	}
	return out
}

// valuesOf returns the values of all nodes, so that what is a tie is one: those
// of rational programs are rounded from exact ones, others to a grid that is wide
// against rounding.
func valuesOf(p Program) map[expr.Node][]float64 {
	value, _ := Floats(p.Func, p.At...)
	if IsRational(p.Func) {
		if exact, fault := Rationals(p.Func, p.Rats()...); !fault.Set {
			for n, v := range exact {
				value[n] = toFloats([][]*big.Rat{v})[0]
			}
			return value
		}
	}
	for n, v := range value {
		value[n] = onGrid(v)
	}
	return value
}

// onGrid rounds to multiples of 2^-20.
func onGrid(x []float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = math.RoundToEven(v*(1<<20)) / (1 << 20)
	}
	return out
}

// regular reports whether every op of p is continuous and locally Lipschitz at
// the point, as far as the ops certify it.
func regular(p Program) bool {
	value := valuesOf(p)
	for _, n := range p.Func.Nodes() {
		op := n.Op()
		if op.Regular == nil {
			continue
		}
		var fault expr.Fault
		c := callOf[float64](n, &fault)
		for _, a := range n.Args() {
			c.In = append(c.In, value[a])
		}
		if op.Regular(c) != "" {
			return false
		}
	}
	return true
}
