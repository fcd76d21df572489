package stochastic

import (
	"math"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// exponent is the least-squares slope s of log y against log x, y ∝ x^s, with the interval of all
// slopes that values within the intervals of y give: the slope is linear in every log y. It holds
// the true slope whenever all those intervals hold their values.
func exponent(x []float64, y []claim.Measurement) claim.Measurement {
	log, mean := make([]float64, len(x)), 0.0
	for i, v := range x {
		log[i] = kernel.Log(v)
		mean += log[i] / float64(len(x))
	}
	square := 0.0
	for _, v := range log {
		square += float64((v - mean) * (v - mean))
	}
	var value, lower, upper float64
	for i, m := range y {
		w := (log[i] - mean) / square
		lo, hi := m.Lower, m.Upper
		if w < 0 {
			lo, hi = hi, lo
		}
		value += term(w, m.Value)
		lower += term(w, lo)
		upper += term(w, hi)
	}
	return claim.MeasuredIn(value, lower, upper)
}

// term is w·log y; the logarithm of what is not positive is −∞.
func term(w, y float64) float64 {
	switch {
	case w == 0:
		return 0
	case y <= 0:
		return w * math.Inf(-1)
	default:
		return float64(w * kernel.Log(y))
	}
}
