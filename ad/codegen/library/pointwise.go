package library

import (
	"math"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// ReLU returns max(x, 0): −0 and NaN stay.
func ReLU(x float64) float64 {
	if x < 0 {
		return 0
	}
	return x
}

// LeakyReLU returns x for x ≥ 0 and a·x for x < 0.
func LeakyReLU(x, a float64) float64 {
	if x < 0 {
		return float64(a * x)
	}
	return x
}

// ELU returns x for x ≥ 0 and a·(eˣ − 1) for x < 0.
func ELU(x, a float64) float64 {
	if x < 0 {
		return float64(a * kernel.Expm1(x))
	}
	return x
}

// Huber returns x²/2 for |x| ≤ d and d·(|x| − d/2) beyond.
func Huber(x, d float64) float64 {
	x = math.Abs(x)
	if x <= d {
		return float64(x*x) / 2
	}
	return float64(d * (x - d/2))
}

// Sign returns −1 or 1; ±0 and NaN stay.
func Sign(x float64) float64 {
	if x > 0 {
		return 1
	}
	if x < 0 {
		return -1
	}
	return x
}

// Snap returns 0 for |x| ≤ tol, else x.
func Snap(x, tol float64) float64 {
	if math.Abs(x) <= tol {
		return 0
	}
	return x
}

// Gate returns s·x, and 0 where s = 0 whatever x is.
func Gate(s, x float64) float64 {
	if s == 0 {
		return 0
	}
	return float64(s * x)
}

// Step returns 1 or 0 by the sign of z, and the slot for z = 0.
func Step(z, slot float64) float64 {
	if z > 0 {
		return 1
	}
	if z < 0 {
		return 0
	}
	return slot
}

// Key returns the next key where those before are 0.
func Key(z, next float64) float64 {
	if z == 0 {
		return next
	}
	return z
}

// IfZero returns 1 for z = 0, else 0.
func IfZero(z float64) float64 {
	if z == 0 {
		return 1
	}
	return 0
}

// IfPositive returns x for z > 0, else y.
func IfPositive(z, x, y float64) float64 {
	if z > 0 {
		return x
	}
	return y
}

// IfNegative returns x for z < 0, else y.
func IfNegative(z, x, y float64) float64 {
	if z < 0 {
		return x
	}
	return y
}

// BySign returns one of three numbers by the sign of z.
func BySign(z, positive, negative, zero float64) float64 {
	if z > 0 {
		return positive
	}
	if z < 0 {
		return negative
	}
	return zero
}

// If returns x where the comparison holds, else y.
func If(holds bool, x, y float64) float64 {
	if holds {
		return x
	}
	return y
}
