package kernel

import "math"

// Real is an arithmetic of vectors.
type Real interface{ float32 | float64 }

// Vectors are the kernels on slices of one precision. Each computes entry i of dst from the entries i of its
// operands, for all i that every slice has; dst may be one of the operands. All paths (see [Path]) give the same
// bits, except for the payload of a NaN.
type Vectors[T Real] struct {
	Add, Sub, Mul, Div func(dst, x, y []T)
	Max, Min           func(dst, x, y []T)            // as the built-in functions: NaN if an operand is, −0 < +0
	Gate               func(dst, s, x []T)            // s·x, and 0 where s = 0 whatever x is
	Neg, Abs, Sqrt     func(dst, x []T)               //
	ReLU               func(dst, x []T)               // 0 where x < 0, else x: −0 and NaN stay
	Affine             func(dst, x []T, a, b float64) // a·x + b in float64, product and sum, then rounded to T
	Leaky              func(dst, x []T, a float64)    // a·x in float64 where x < 0, rounded to T; else x
	// The functions of those names, in float32 rounded once from their float64.
	Exp, Expm1, Log, Log1p, Tanh, Sigmoid, Softplus, Erf, Sin, Cos func(dst, x []T)

	Pow func(dst, x, y []T) // likewise

	// Step is 1 where z > 0, 0 where z < 0, else slot, and tells whether a z is NaN.
	Step func(dst, z, slot []T) (isNaN bool)
	// GateStep is Gate of s and x, and s is Affine of Step, of z and slot.
	GateStep func(dst, z, slot, x []T, a, b float64) (isNaN bool)
	// The same for the constants of the codes of these names.
	GateAbove, GateBelow, GateSign func(dst, z, slot, x []T) (isNaN bool)
	// GateAdd is y + Gate of s and x.
	GateAdd func(dst, s, x, y []T)
	// Largest and Smallest return an entry that no other exceeds, or falls below, 0 without entries, and tell whether
	// an entry is NaN; then the entry means nothing. Which of −0 and 0 it is means nothing either.
	Largest, Smallest func(x []T) (v T, isNaN bool)
	// Equal is 1 where x = v, else 0, and counts the ones.
	Equal func(dst, x []T, v T) (count int)
	Scale func(dst, x []T, a T) // a·x
	// Descend is x − rate·(g + decay·x), rounded after each operation: a step of gradient descent with weight decay.
	Descend func(dst, x, g []T, rate, decay T)
}

// reference is the path in Go, which says what the others have to give.
func reference[T Real]() Vectors[T] {
	return Vectors[T]{
		Add:      binary(func(x, y T) T { return x + y }),
		Sub:      binary(func(x, y T) T { return x - y }),
		Mul:      binary(func(x, y T) T { return x * y }),
		Div:      binary(func(x, y T) T { return x / y }),
		Max:      binary(func(x, y T) T { return max(x, y) }),
		Min:      binary(func(x, y T) T { return min(x, y) }),
		Gate:     binary(gateOne[T]),
		Neg:      unary(func(x T) T { return -x }),
		Abs:      unary(func(x T) T { return T(math.Abs(float64(x))) }),
		Sqrt:     unary(func(x T) T { return T(math.Sqrt(float64(x))) }), // exact up to one rounding also in float32
		ReLU:     unary(reluOne[T]),
		Affine:   affine[T],
		Leaky:    leaky[T],
		Step:     step[T],
		GateStep: gateStep[T],

		GateAbove: func(dst, z, slot, x []T) bool { return gateStep(dst, z, slot, x, 1, 0) },
		GateBelow: func(dst, z, slot, x []T) bool { return gateStep(dst, z, slot, x, -1, 1) },
		GateSign:  func(dst, z, slot, x []T) bool { return gateStep(dst, z, slot, x, 2, -1) },

		GateAdd: gateAdd[T],
		Scale:   scale[T],
		Descend: descend[T],
		Largest: largest[T], Smallest: smallest[T], Equal: equal[T],

		Exp: rounded[T](Exp), Expm1: rounded[T](Expm1), Log: rounded[T](Log), Log1p: rounded[T](Log1p),
		Tanh: rounded[T](Tanh), Sigmoid: rounded[T](Sigmoid), Softplus: rounded[T](Softplus), Erf: rounded[T](Erf),
		Sin: rounded[T](Sin), Cos: rounded[T](Cos), Pow: rounded2[T](Pow),
	}
}

func unary[T Real](f func(x T) T) func(dst, x []T) {
	return func(dst, x []T) {
		for i := range min(len(dst), len(x)) {
			dst[i] = f(x[i])
		}
	}
}

func binary[T Real](f func(x, y T) T) func(dst, x, y []T) {
	return func(dst, x, y []T) {
		for i := range min(len(dst), len(x), len(y)) {
			dst[i] = f(x[i], y[i])
		}
	}
}

func affine[T Real](dst, x []T, a, b float64) {
	for i := range min(len(dst), len(x)) {
		dst[i] = affineOne(x[i], a, b)
	}
}

func scale[T Real](dst, x []T, a T) {
	for i := range min(len(dst), len(x)) {
		dst[i] = a * x[i]
	}
}

func leaky[T Real](dst, x []T, a float64) {
	for i := range min(len(dst), len(x)) {
		v := x[i]
		if v < 0 {
			v = T(a * float64(v))
		}
		dst[i] = v
	}
}

func step[T Real](dst, z, slot []T) (isNaN bool) {
	for i := range min(len(dst), len(z), len(slot)) {
		isNaN = isNaN || z[i] != z[i]
		dst[i] = stepOne(z[i], slot[i])
	}
	return isNaN
}

func gateStep[T Real](dst, z, slot, x []T, a, b float64) (isNaN bool) {
	for i := range min(len(dst), len(z), len(slot), len(x)) {
		isNaN = isNaN || z[i] != z[i]
		dst[i] = gateOne(affineOne(stepOne(z[i], slot[i]), a, b), x[i])
	}
	return isNaN
}

func gateAdd[T Real](dst, s, x, y []T) {
	for i := range min(len(dst), len(s), len(x), len(y)) {
		dst[i] = y[i] + gateOne(s[i], x[i])
	}
}

// What reference kernels make of single entries.

func gateOne[T Real](s, x T) T {
	if s == 0 {
		return 0
	}
	return T(s * x)
}

func reluOne[T Real](x T) T {
	if x < 0 {
		return 0
	}
	return x
}

func affineOne[T Real](x T, a, b float64) T { return T(float64(a*float64(x)) + b) }

func stepOne[T Real](z, slot T) T {
	switch {
	case z > 0:
		return 1
	case z < 0:
		return 0
	}
	return slot
}

func descend[T Real](dst, x, g []T, rate, decay T) {
	for i := range min(len(dst), len(x), len(g)) {
		v := x[i]
		dst[i] = v - T(rate*(g[i]+T(decay*v)))
	}
}
