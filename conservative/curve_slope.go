package conservative

import (
	"math"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/clarke"
)

// The true slope d/dt f(γ(t)) of a curve with γ(t) = p and γ′(t) = u is that of
// f(p + tu): f is locally Lipschitz, so only the velocity counts. It is taken from
// values of f, which no rule of differentiation has a part in.

const (
	// stepBits makes the step of rational quotients 2⁻²⁵⁶: no kink that matters is
	// crossed within it if numbers are of ordinary length.
	stepBits = 256
	// largestDegree is that of the piecewise polynomials whose slopes are exact: it
	// takes as many values to either side.
	largestDegree = 8
	// roundedStep is the longest step of quotients in float64, relative to the radius of
	// the curves, and shortestStep the shortest relative to the coordinates, whose
	// rounding tilts the velocity.
	roundedStep, shortestStep = 0x1p-16, 0x1p-28
	// slopeTolerance is the relative difference of slopes that counts as rounding in
	// float64.
	slopeTolerance = 1e-5
)

// truncated is the relative difference of slopes that counts as truncation in
// rational arithmetic, for programs that are not piecewise polynomial. Its square is
// the absolute one.
var truncated = ratPower(-stepBits / 2)

// slope returns the derivative of f at p along u, and by how much it may be off. ok
// is false if f is not differentiable there along u, as far as values tell. Size is
// that of the slopes that it is compared with; in float64 u has entries of size 1.
func (t *curveTester) slope(p, u []*big.Rat, size *big.Rat) (slope, slack *big.Rat, ok bool) {
	if !t.exactly {
		return t.roundedSlope(p, u, size)
	}
	degree, polynomial := t.class.Degree, true
	if degree < 0 || degree > largestDegree {
		degree, polynomial = 3, false
	}
	h := ratPower(-stepBits)
	right, okRight := t.quotient(p, u, h, max(degree, 1))
	left, okLeft := t.quotient(p, u, new(big.Rat).Neg(h), max(degree, 1))
	if !okRight || !okLeft {
		return nil, nil, false
	}
	slack = new(big.Rat)
	if !polynomial {
		slack.Add(size, new(big.Rat).Abs(right))
		slack.Mul(slack.Add(slack, truncated), truncated)
	}
	return right, slack, ratDistance(right, left).Cmp(slack) <= 0
}

// quotient returns the derivative at 0 of the polynomial of degree n through the
// values at 0, h, …, nh: Σₖ (−1)ᵏ⁺¹ Δᵏ/k over h. It is that of f along u if f is
// a polynomial of that degree there.
func (t *curveTester) quotient(p, u []*big.Rat, h *big.Rat, n int) (*big.Rat, bool) {
	d := make([]*big.Rat, n+1)
	for k := range d {
		s := big.NewRat(int64(k), 1)
		y, err := t.run(t.value, t.at(ratPlus(p, s.Mul(s, h), u))...)
		if err != nil {
			return nil, false
		}
		d[k] = y[0][0]
	}
	sum := new(big.Rat)
	for k := 1; k <= n; k++ {
		for j := 0; j <= n-k; j++ {
			d[j] = new(big.Rat).Sub(d[j+1], d[j])
		}
		sum.Add(sum, new(big.Rat).Mul(d[0], big.NewRat(int64(1-2*((k+1)%2)), int64(k))))
	}
	return sum.Quo(sum, h), true
}

// roundedSlope takes central quotients with three steps, which must agree. A kink
// nearer than the steps would go unnoticed, with the mean of the slopes beside it; but
// then the quotients forwards and backwards differ by as much for the shortest step
// as for the longest, while what curvature makes of them is a quarter.
func (t *curveTester) roundedSlope(p, u []*big.Rat, size *big.Rat) (slope, slack *big.Rat, ok bool) {
	x, d := clarke.Rational(p).Float, clarke.Rational(u).Float
	h := float64(roundedStep * t.o.Radius)
	for _, v := range x {
		h = max(h, float64(shortestStep*math.Abs(v)))
	}
	here, ok := t.valueAt(x)
	var q, bend [3]float64
	for k := range q {
		if k > 0 {
			h /= 2
		}
		ahead, okAhead := t.valueAt(moved(x, h, d))
		behind, okBehind := t.valueAt(moved(x, -h, d))
		if !ok || !okAhead || !okBehind {
			return nil, nil, false
		}
		q[k] = (ahead - behind) / (2 * h)
		bend[k] = ((ahead - here) - (here - behind)) / h
	}
	noise, ok := t.valueRounding(moved(x, h, d), moved(x, -h, d))
	of, _ := size.Float64()
	room := float64(slopeTolerance*(of+math.Abs(q[2]))) + noise/h
	if !ok || math.IsInf(room, 0) || math.Abs(q[0]-q[2]) > room || math.Abs(q[1]-q[2]) > room ||
		math.Abs(bend[2]) > float64(math.Abs(bend[0])/2)+room {
		return nil, nil, false
	}
	if noise/h > room/2 { // more than what slopes may differ by anyway
		*t.blur = max(*t.blur, noise/h)
	}
	return ratOf(q[2]), ratOf(room), true
}

// valueAt returns f in float64, if it is finite.
func (t *curveTester) valueAt(p []float64) (float64, bool) {
	out := []float64{0}
	err := t.value.float.Run([][]float64{out}, t.floatsAt(p)...)
	return out[0], err == nil && t.ctx.Err() == nil && !math.IsNaN(out[0]) && !math.IsInf(out[0], 0)
}

// floatsAt returns all inputs where those of f.Wrt() have the entries p.
func (t *curveTester) floatsAt(p []float64) [][]float64 {
	in := slices.Clone(t.floats)
	for i, moves := range t.moves {
		if moves {
			in[i], p = p[:len(in[i])], p[len(in[i]):]
		}
	}
	return in
}

// moved returns x + h·d.
func moved(x []float64, h float64, d []float64) []float64 {
	out := slices.Clone(x)
	for i, v := range d {
		out[i] += float64(h * v)
	}
	return out
}

func ratDistance(a, b *big.Rat) *big.Rat {
	d := new(big.Rat).Sub(a, b)
	return d.Abs(d)
}
