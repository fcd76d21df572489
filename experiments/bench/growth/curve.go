package growth

import (
	"encoding/csv"
	"io"
	"math"
	"strconv"
)

// Point is what was measured at one size.
type Point struct {
	Size              int
	Low, Median, High float64 // quartiles of the rounds
	// Predicted is the law's number, with its open factor if it is not exact.
	Predicted float64
	// Local is the exponent between this size and the one before, NaN for the first.
	Local float64
}

// Curve is a law as measured.
type Curve struct {
	Law    Law
	Points []Point // by size
	Fits   []Fit   // by range
	// Overhead is over all points; it tells how much of a small size is fixed cost.
	Overhead Overhead
}

func (l *Law) curve(sizes []int, samples [][]float64) Curve {
	c := Curve{Law: *l}
	for i, size := range sizes {
		p := Point{Size: size, Predicted: l.Predicted(float64(size)), Local: math.NaN()}
		p.Low, p.Median, p.High = quartiles(samples[i])
		if i > 0 {
			before := c.Points[i-1]
			p.Local = math.Log2(p.Median/before.Median) / (l.place(size) - l.place(before.Size))
		}
		c.Points = append(c.Points, p)
	}
	for _, r := range l.Ranges {
		f := l.fit(r, c.Points)
		if l.Exact {
			f.Verdict = c.exact(r)
		}
		c.Fits = append(c.Fits, f)
	}
	c.Overhead = overhead(c.Points)
	return c
}

// exact compares every number of a range with its formula.
func (c Curve) exact(r Range) Verdict {
	for _, p := range c.Points {
		if r.contains(p.Size) && p.Median != p.Predicted {
			return Inexact
		}
	}
	return Exact
}

// columns are the heads of [Curve.Rows].
var columns = []string{"law", "axis", "quantity", "unit", "size", "low", "median", "high", "predicted", "local exponent"}

// WriteCSV writes a line for each point of the curves, after a line of heads. Predictions that leave
// a factor open are given up to it. What is not a number is empty.
func WriteCSV(w io.Writer, curves []Curve) error {
	out := csv.NewWriter(w)
	_ = out.Write(columns) // the error comes with Flush
	for _, c := range curves {
		for _, p := range c.Points {
			l := c.Law
			_ = out.Write([]string{
				l.Name, l.Axis, string(l.Quantity), l.Quantity.Unit(), strconv.Itoa(p.Size),
				number(p.Low), number(p.Median), number(p.High), number(p.Predicted), number(p.Local),
			})
		}
	}
	out.Flush()
	return out.Error()
}

// number writes all digits.
func number(x float64) string {
	if math.IsNaN(x) {
		return ""
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}
