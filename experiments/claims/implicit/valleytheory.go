package implicit

import (
	"math"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// The valley 100(y − |x|)² + |1 − x|: its curvature across, and along it none but the slope of −x.
const (
	valleyText      = "100*(y - abs(x))^2 + abs(1 - x)"
	valleyCurvature = 400.0
)

// damped is INNA with a constant step in one variable with the gradient hz + c.
type damped struct{ alpha, beta, gamma, h, c float64 }

// after returns z and p = ψ′ after k steps, in closed form: from the eigenvalues of a step, with
// Sylvester's formula for its power.
func (d damped) after(z, p float64, k int) (float64, float64) {
	n := float64(k)
	if d.h == 0 {
		drift := -(1 - float64(d.alpha*d.beta)) * d.c / d.alpha
		decay := kernel.Pow(1-float64(d.alpha*d.gamma), n)
		along := float64(n*d.gamma*(drift-float64(d.beta*d.c))) + float64((p-drift)*(1-decay))/d.alpha
		return z + along, drift + float64((p-drift)*decay)
	}
	level := -d.c / d.h
	e := z - level
	one, m := d.power(n)
	dz := p - float64(d.beta*d.h*e)
	dp := -float64(d.alpha*p) - float64((1-float64(d.alpha*d.beta))*d.h*e)
	return level + float64(one*e) + float64(m*dz), float64(one*p) + float64(m*dp)
}

// power has the coefficients of 1 and M in the power (1 + γM)ⁿ, where M² + 2δM + h = 0.
func (d damped) power(n float64) (one, m float64) {
	delta, square := d.damping()
	root := math.Sqrt(math.Abs(square))
	if square > 0 {
		length, angle := d.turn()
		grown := kernel.Pow(length, n)
		m = float64(grown*kernel.Sin(n*angle)) / root
		return float64(grown*kernel.Cos(n*angle)) + float64(delta*m), m
	}
	slow := kernel.Pow(1+float64(d.gamma*(root-delta)), n)
	if root == 0 {
		m = float64(n*d.gamma*slow) / (1 - float64(d.gamma*delta))
	} else {
		m = math.FMA(-1, kernel.Pow(1-float64(d.gamma*(root+delta)), n), slow) / (2 * root)
	}
	return slow - float64((root-delta)*m), m
}

// damping returns δ = (α + βh)/2 and h − δ², positive if there are oscillations.
func (d damped) damping() (delta, square float64) {
	delta = (d.alpha + float64(d.beta*d.h)) / 2
	return delta, d.h - float64(delta*delta)
}

// turn returns by what a step shortens and turns an oscillation; without one the angle is 0 and the
// length that of the slower mode.
func (d damped) turn() (length, angle float64) {
	delta, square := d.damping()
	if square <= 0 {
		return 1 + float64(d.gamma*(math.Sqrt(-square)-delta)), 0
	}
	re, im := 1-float64(d.gamma*delta), d.gamma*math.Sqrt(square)
	return math.Sqrt(float64(re*re) + float64(im*im)), math.Atan2(im, re)
}

// place is a point of the plane with its ψ′.
type place struct{ x, y, px, py float64 }

// side is one of the two pieces of the valley, s the sign of x: w is across, τ along it, downhill.
type side float64

func (s side) across(x, y float64) float64 { return (y - float64(float64(s)*x)) / math.Sqrt2 }
func (s side) along(x, y float64) float64  { return (x + float64(float64(s)*y)) / math.Sqrt2 }

// after returns where INNA is k steps after a place, as long as it has been on this side.
func (s side) after(from place, alpha, beta, gamma float64, k int) place {
	w, pw := damped{alpha, beta, gamma, valleyCurvature, float64(s) / math.Sqrt2}.
		after(s.across(from.x, from.y), s.across(from.px, from.py), k)
	t, pt := damped{alpha, beta, gamma, 0, -1 / math.Sqrt2}.
		after(s.along(from.x, from.y), s.along(from.px, from.py), k)
	sign := float64(s)
	return place{
		(t - float64(sign*w)) / math.Sqrt2, (w + float64(sign*t)) / math.Sqrt2,
		(pt - float64(sign*pw)) / math.Sqrt2, (pw + float64(sign*pt)) / math.Sqrt2,
	}
}

// forecast is what the closed forms say of a way down the valley.
type forecast struct {
	arrival int // the first step with x ≥ 1
	corners int // how often x changes its sign before
	stay    int // steps since the last time
	path    []place
}

// foresee follows the closed forms from corner to corner.
func foresee(x, y, alpha, beta, gamma float64, limit int) (f forecast) {
	from, s := place{x: x, y: y}, sideOf(x)
	for f.arrival = 1; f.arrival < limit; f.arrival++ {
		f.stay++
		now := s.after(from, alpha, beta, gamma, f.stay)
		f.path = append(f.path, now)
		if now.x >= 1 {
			break
		}
		if sideOf(now.x) != s {
			from, s, f.stay = now, sideOf(now.x), 0
			f.corners++
		}
	}
	return f
}

func sideOf(x float64) side {
	if x < 0 {
		return -1
	}
	return 1
}
