package conservative

import "math"

// rounding is the error of a number in float64, relative to its magnitude, that a few
// operations may leave.
const rounding = 0x1p-46

// valueRounding estimates the largest rounding error of f in float64 at some points. What
// is left of terms that cancel has their errors, as ad.Magnitudes says. A term t that is
// linear near x has |t(x + hu)| or |t(x − hu)| at least h|t′|: so this error over h is
// no less than that of slopes, whose terms are t′.
func (t *curveTester) valueRounding(points ...[]float64) (float64, bool) {
	largest := 0.0
	for _, p := range points {
		out := []float64{0}
		if err := t.sizes.Run([][]float64{out}, t.floatsAt(p)...); err != nil || math.IsNaN(out[0]) || math.IsInf(out[0], 0) {
			return 0, false
		}
		largest = max(largest, out[0])
	}
	return float64(rounding * largest), true
}
