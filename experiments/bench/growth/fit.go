package growth

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// Verdict compares a fitted exponent with the predicted one.
type Verdict string

// The verdicts. Those about exact laws compare every number, and not exponents.
const (
	Within  Verdict = "within"
	Above   Verdict = "above"
	Below   Verdict = "below"
	Exact   Verdict = "exact"
	Inexact Verdict = "not exact"
	Open    Verdict = "open" // fewer than two sizes lie in the range
)

// Fit is the line through the points of one range.
type Fit struct {
	Range     Range
	Sizes     int // how many
	Predicted float64
	// Exponent is the slope of the least-squares line, and StdErr its standard error, by the scatter of the
	// points around the line: NaN for fewer than three points.
	Exponent, StdErr float64
	// Factor is the quantity at size 1 (0 if the law is exponential) by the line.
	Factor  float64
	Verdict Verdict
}

// fit fits the points of a range.
func (l *Law) fit(r Range, points []Point) Fit {
	var x, y, predicted []float64
	for _, p := range points {
		if r.contains(p.Size) {
			x, y = append(x, l.place(p.Size)), append(y, math.Log2(p.Median))
			predicted = append(predicted, math.Log2(p.Predicted))
		}
	}
	f := Fit{Range: r, Sizes: len(x), Predicted: math.NaN(), Exponent: math.NaN(), StdErr: math.NaN(), Factor: math.NaN(), Verdict: Open}
	if len(x) < 2 {
		return f
	}
	_, f.Predicted = stat.LinearRegression(x, predicted, nil, false)
	var height float64
	height, f.Exponent = stat.LinearRegression(x, y, nil, false)
	f.Factor, f.StdErr = math.Exp2(height), stdErr(x, y, height, f.Exponent)
	f.Verdict = r.judge(f.Exponent - f.Predicted)
	return f
}

// place is the abscissa of a size in the fit; ordinates are logarithms to base 2.
func (l *Law) place(size int) float64 {
	if l.Exponential {
		return float64(size)
	}
	return math.Log2(float64(size))
}

// at is the line of a fit at a size.
func (l *Law) at(f Fit, size int) float64 {
	return f.Factor * math.Exp2(f.Exponent*l.place(size))
}

func (r Range) judge(excess float64) Verdict {
	switch {
	case excess > r.Above:
		return Above
	case excess < -r.Below:
		return Below
	case math.IsNaN(excess):
		return Open
	}
	return Within
}

// stdErr is the standard error of the slope of a least-squares line, √(Σrᵢ²/(n − 2)/Σ(xᵢ − x̄)²) with
// residuals rᵢ (G. Seber and A. Lee, Linear Regression Analysis, 2003, section 6.1).
func stdErr(x, y []float64, height, slope float64) float64 {
	n := float64(len(x))
	if n < 3 {
		return math.NaN()
	}
	sum := 0.0
	for i := range x {
		r := y[i] - (height + float64(slope*x[i]))
		sum += float64(r * r)
	}
	return math.Sqrt(sum / (n - 2) / (stat.Variance(x, nil) * (n - 1)))
}

// Overhead splits a quantity into Fixed + Rate·Predicted: what is paid whatever the size is, and what
// for each unit of the prediction. Residuals are relative to the quantity. Both are at least 0, and NaN if
// the prediction is the same at all sizes.
type Overhead struct{ Fixed, Rate float64 }

func overhead(points []Point) Overhead {
	var x, y, weights []float64
	for _, p := range points {
		x, y, weights = append(x, p.Predicted), append(y, p.Median), append(weights, 1/(p.Median*p.Median))
	}
	fixed, rate := stat.LinearRegression(x, y, weights, false)
	switch {
	case len(x) < 2 || fixed != fixed:
		return Overhead{math.NaN(), math.NaN()}
	case fixed < 0:
		_, rate = stat.LinearRegression(x, y, weights, true)
		return Overhead{0, rate}
	case rate < 0:
		return Overhead{stat.Mean(y, weights), 0}
	}
	return Overhead{fixed, rate}
}
