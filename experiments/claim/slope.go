package claim

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// Slope is the least-squares slope of log y against log x: the exponent s of y ∝ x^s. x and y are
// positive and of equal length, at least 2; otherwise the slope is NaN.
func Slope(x, y []float64) float64 {
	if len(x) != len(y) || len(x) < 2 {
		return math.NaN()
	}
	lx, ly := make([]float64, len(x)), make([]float64, len(y))
	for i := range x {
		lx[i], ly[i] = math.Log(x[i]), math.Log(y[i])
	}
	_, slope := stat.LinearRegression(lx, ly, nil, false)
	return slope
}
