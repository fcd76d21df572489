package descent

import (
	"fmt"
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// Certify returns the certificate that gradients at points give for x: their combination of minimum
// norm. Points and gradients are kept, not copied.
func Certify(x []float64, points, gradients [][]float64) (Certificate, error) {
	return certifyAlong(x, points, gradients, make([][]float64, len(points)))
}

// certifyAlong is Certify for gradients along directions, nil where there is none.
func certifyAlong(x []float64, points, gradients, directions [][]float64) (Certificate, error) {
	m, err := convex.MinNorm(gradients)
	if err != nil {
		return Certificate{}, err
	}
	c := Certificate{MinNorm: m.Point, Distance: m.Norm, Weights: m.Weights}
	for _, i := range m.Support {
		c.Points, c.Gradients = append(c.Points, points[i]), append(c.Gradients, gradients[i])
		c.Radius = max(c.Radius, distance(x, points[i]))
		c.Directions = append(c.Directions, directions[i])
	}
	if !slices.ContainsFunc(c.Directions, func(d []float64) bool { return d != nil }) {
		c.Directions = nil
	}
	return c, nil
}

// Check recomputes what a certificate says about x: every gradient is asked again from the oracle, and
// weights, distances and combination are added up anew. The error names the first thing that does
// not hold within tolerance, relative to the longest gradient.
func (c Certificate) Check(f Oracle, x []float64, tolerance float64) error {
	if err := c.checkSizes(f.Dim(), x); err != nil {
		return err
	}
	sum, total, longest := make([]float64, len(x)), 0.0, 0.0
	gradient := make([]float64, len(x))
	for i, p := range c.Points {
		if err := c.again(f, i, gradient); err != nil {
			return err
		}
		longest = max(longest, kernel.Norm(c.Gradients[i]))
		if d := distance(gradient, c.Gradients[i]); !(d <= tolerance*longest) {
			return fmt.Errorf("descent: gradient %d of the certificate differs from the oracle's by %v", i, d)
		}
		if d := distance(x, p); !(d <= float64(c.Radius*(1+tolerance))) {
			return fmt.Errorf("descent: point %d of the certificate is at distance %v, beyond the radius %v", i, d, c.Radius)
		}
		if w := c.Weights[i]; !(w >= 0) {
			return fmt.Errorf("descent: weight %d of the certificate is %v; it must be at least 0", i, w)
		}
		total += c.Weights[i]
		for j, g := range c.Gradients[i] {
			sum[j] += float64(c.Weights[i] * g)
		}
	}
	if !(math.Abs(total-1) <= tolerance) {
		return fmt.Errorf("descent: the weights of the certificate add up to %v", total)
	}
	if d := distance(sum, c.MinNorm); !(d <= tolerance*longest) {
		return fmt.Errorf("descent: the combination of the certificate is off by %v", d)
	}
	if d := math.Abs(kernel.Norm(c.MinNorm) - c.Distance); !(d <= tolerance*longest) {
		return fmt.Errorf("descent: the certificate's distance is off by %v", d)
	}
	return nil
}

// checkSizes checks that there is one of everything, and that all vectors have n entries.
func (c Certificate) checkSizes(n int, x []float64) error {
	if m := len(c.Points); m == 0 || m != len(c.Gradients) || m != len(c.Weights) || c.Directions != nil && m != len(c.Directions) {
		return fmt.Errorf("descent: a certificate with %d points, %d gradients, %d weights and %d directions", m, len(c.Gradients), len(c.Weights), len(c.Directions))
	}
	for _, v := range slices.Concat([][]float64{x, c.MinNorm}, c.Points, c.Gradients) {
		if len(v) != n {
			return fmt.Errorf("descent: a certificate with a vector of %d entries for a function of %d variables", len(v), n)
		}
	}
	for i, d := range c.Directions {
		if d != nil && len(d) != n {
			return fmt.Errorf("descent: direction %d of the certificate has %d entries for a function of %d variables", i, len(d), n)
		}
	}
	return nil
}

// Linearisation returns the error ε = Σ Weights[i]·(f(x) − f(yᵢ) − ⟨gᵢ, x − yᵢ⟩) of a certificate of x, yᵢ its
// Points and gᵢ its Gradients. If f is convex, then ε ≥ 0 up to rounding and MinNorm is an ε-subgradient at x:
//
//	f(z) ≥ f(x) + ⟨MinNorm, z − x⟩ − ε  for every z.
//
// It says nothing about functions that are not convex. The error is one of the oracle.
func (c Certificate) Linearisation(f Oracle, x []float64) (float64, error) {
	at, err := f.Evaluate(x, nil)
	if err != nil {
		return 0, err
	}
	sum, d := 0.0, make([]float64, len(x))
	for i, y := range c.Points {
		value, err := f.Evaluate(y, nil)
		if err != nil {
			return 0, fmt.Errorf("descent: point %d of the certificate: %w", i, err)
		}
		move(d, x, -1, y)
		sum += float64(c.Weights[i] * (at - value - dot(c.Gradients[i], d)))
	}
	return sum, nil
}

// again asks the oracle for gradient i.
func (c Certificate) again(f Oracle, i int, gradient []float64) error {
	if c.Directions == nil || c.Directions[i] == nil {
		_, err := f.Evaluate(c.Points[i], gradient)
		return err
	}
	along, ok := f.(DirectionalOracle)
	if !ok {
		return fmt.Errorf("descent: gradient %d of the certificate is one along a direction, and the oracle has none of them", i)
	}
	_, err := along.EvaluateAlong(c.Points[i], c.Directions[i], gradient)
	return err
}

func distance(a, b []float64) float64 {
	d := make([]float64, len(a))
	for i := range a {
		d[i] = a[i] - b[i]
	}
	return kernel.Norm(d)
}
