package problem

import "math"

// The minimiser of chained Mifflin 2. Write uᵢ = xᵢ² + xᵢ₊₁² − 1 for the kinks of
//
//	f(x) = Σ −xᵢ + max(0.25·uᵢ, 3.75·uᵢ),   1 ≤ i < n.
//
// At the minimiser xₙ = 0, and uᵢ = 0 for all i but n − 1 (if n ≥ 3) and 2 (if n ≥ 5), where uᵢ < 0. So
// x₁, x₂ and x₃, …, xₙ₋₁ are two chains with uᵢ = 0, in each of which two numbers alternate,
// the coordinates of a point on the unit circle: f is a function of one variable on each
// chain. The function is convex, and the tests check 0 ∈ ∂f(x) at this point, which
// proves that the activity is right.

// mifflinMinimizer returns the minimiser for n ≥ 2 variables.
func mifflinMinimizer(n int) []float64 {
	x := make([]float64, n)
	switch n {
	case 2:
		x[0] = 1
	case 3: // u₂ < 0: minimise −x₁ − x₂ + x₂²/4
		x[1], x[0] = onCircle(1, 1, 0.25)
	case 4: // u₃ < 0: minimise −2x₁ − x₂ + x₁²/4
		x[0], x[1] = onCircle(2, 1, 0.25)
		x[2] = x[0]
	default: // as for n = 3, and then both ends of a chain with weight 1/4
		x[1], x[0] = onCircle(1, 1, 0.25)
		alternate(x[2 : n-1])
	}
	return x
}

// alternate fills a chain. If its ends are the same number c, it minimises the sum of all −xᵢ plus
// c²/2; else both numbers appear equally often, and their squares add up to a constant.
func alternate(x []float64) {
	half, weight := len(x)/2, 0.0
	if len(x)%2 == 1 {
		weight = 0.5
	}
	c, s := onCircle(float64(len(x)-half), float64(half), weight)
	for i := range x {
		x[i] = c
		if i%2 == 1 {
			x[i] = s
		}
	}
}

// onCircle returns the c, s > 0 with c² + s² = 1 that minimise −p·c − q·s + w·c², for p, q > 0 and
// w ≥ 0. The derivative in c increases from −p to ∞, and bisection finds its zero to the last
// digit.
func onCircle(p, q, w float64) (c, s float64) {
	low, high := 0.0, 1.0
	for {
		c = float64((low + high) / 2)
		s = math.Sqrt((1 - c) * (1 + c))
		if c == low || c == high {
			return c, s
		}
		if float64(q*c)/s+float64(2*w*c) < p {
			low = c
		} else {
			high = c
		}
	}
}

// mifflinMinimum returns the value at the minimiser, where uᵢ = 0 but for two i.
func mifflinMinimum(n int) float64 {
	x := mifflinMinimizer(n)
	u := func(i int) float64 { return float64(x[i-1]*x[i-1]) + float64(x[i]*x[i]) - 1 }
	value := 0.0
	if n >= 3 {
		value += float64(0.25 * u(n-1))
	}
	if n >= 5 {
		value += float64(0.25 * u(2))
	}
	for _, xi := range x {
		value -= xi
	}
	return value
}
