package implicit

import (
	"context"
	"math"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
	"github.com/tamegrad/tamegrad/sgd"
)

// iterate makes steps in one variable; visit gets θ_k and its gradient before each step.
func iterate(m sgd.Method, start float64, steps int, rate func(k int) float64, gradient func(x float64) float64, visit func(k int, x, g float64)) error {
	p := []sgd.Param{{Name: "theta", Value: []float64{start}, Grad: []float64{0}}}
	s, err := m.Start(p)
	if err != nil {
		return err
	}
	for k := range steps + 1 {
		x := p[0].Value[0]
		p[0].Grad[0] = gradient(x)
		visit(k, x, p[0].Grad[0])
		s.Update(p, rate(k))
	}
	return nil
}

// energies is an account of a run: what is lost, what dampings take, and of the second order in the
// step what is known and what is bounded.
type energies struct{ lost, spent, second, bound float64 }

// dissipation keeps the account in two wells over the time 10. θ′ is the difference of iterates over
// γ, and ψ′ is θ′ + βv; so the energy is known one step later.
func dissipation(m sgd.Method, alpha, beta, gamma float64) (e energies, err error) {
	const start, end = 2, 10
	steps := int(math.Round(end / gamma))
	var lastX, lastG float64
	first, farthest, speeds := 0.0, 0.0, 0.0
	err = iterate(m, start, steps+1, func(int) float64 { return gamma }, func(x float64) float64 { return x * (float64(x*x) - 1) }, func(k int, x, g float64) {
		farthest = max(farthest, math.Abs(x))
		if k > 0 {
			speed := (x - lastX) / gamma
			well := float64(lastX*lastX) - 1
			kinetic := speed + float64(beta*lastG)
			now := float64((1+float64(alpha*beta))*well*well/4) + float64(kinetic*kinetic/2)
			if k == 1 {
				first = now
			}
			e.lost = first - now
			if k <= steps { // what the last step takes shows in no energy
				e.spent += float64(gamma * (float64(alpha*speed*speed) + float64(beta*lastG*lastG)))
				force := float64(alpha*speed) + lastG
				e.second += float64(gamma*gamma*force*force) / 2
				speeds += float64(gamma * gamma * speed * speed)
			}
		}
		lastX, lastG = x, g
	})
	// The second derivative is between −1 and 3θ² − 1, and θ has been up to 1 and farther.
	curvature := float64(3*farthest*farthest) - 1
	e.bound = float64((1+float64(alpha*beta))*curvature*speeds) / 2
	return e, err
}

// halfWave is the angle of 1 + γμ for the quadratic hθ²/2, or 0 if its dampings are too large for
// oscillations.
func halfWave(alpha, beta, h, gamma float64) float64 {
	delta := (alpha + float64(beta*h)) / 2
	square := h - float64(delta*delta)
	if square <= 0 {
		return 0
	}
	return math.Atan2(gamma*math.Sqrt(square), 1-float64(gamma*delta))
}

// signChanges counts them on a quadratic.
func signChanges(m sgd.Method, h, gamma float64, steps int) (changes int, err error) {
	last := 1.0
	err = iterate(m, 1, steps, func(int) float64 { return gamma }, func(x float64) float64 { return h * x }, func(_ int, x, _ float64) {
		if x != 0 && (x > 0) != (last > 0) {
			changes, last = changes+1, x
		}
	})
	return changes, err
}

// oscillations follows a quadratic for a number of half waves, or for the time 100.
func oscillations(m sgd.Method, alpha, beta, h, gamma float64) (claim.Check, error) {
	angle := halfWave(alpha, beta, h, gamma)
	// Of so many half waves a whole number is seen, at most one more or less; the number of steps is whole too.
	check := claim.Check{Sentence: "On a quadratic θ changes its sign once in π/φ steps.", Predicted: claim.Near(halfWaves, 1+angle/math.Pi)}
	steps := int(100 / gamma)
	if angle == 0 {
		check.Predicted = claim.AtMost(1)
	} else {
		steps = int(halfWaves * math.Pi / angle)
	}
	changes, err := signChanges(m, h, gamma, steps)
	check.Measured = claim.Measured(float64(changes))
	return check, err
}

// overdamped is the largest number of changes of sign for αβ = 1 and 2 and several curvatures.
func overdamped(m method, gamma float64) (most int, err error) {
	for _, pair := range [][2]float64{{2, 0.5}, {1, 1}, {4, 0.5}} {
		for _, h := range []float64{0.1, 0.5, 1, 2, 4, 10, 40} {
			changes, err := signChanges(m(pair[0], pair[1]), h, gamma, int(30/gamma))
			if err != nil {
				return 0, err
			}
			most = max(most, changes)
		}
	}
	return most, nil
}

// rule is a rule for step sizes.
type rule struct {
	name string
	rate func(k int) float64
}

func rules(first float64) []rule {
	power := func(p float64) func(int) float64 {
		s := sgd.Power{C: first, P: p}
		return func(k int) float64 { return s.Rate(sgd.Progress{Step: k}) }
	}
	return []rule{
		{"power 1/2", power(0.5)},
		{"power 1/4", power(0.25)},
		{"logarithm", func(k int) float64 {
			l := kernel.Log(float64(k) + 3)
			return first / (l * math.Sqrt(l))
		}},
	}
}

// kinkAmplitude is the largest |θ_k|/γ_k over the second half of runs on w|θ| from starts between 1
// and 2, with what it was before in the first one.
func kinkAmplitude(ctx context.Context, m sgd.Method, w float64, rate func(int) float64, steps, starts int) (float64, figure.Series, error) {
	late, s := 0.0, figure.Series{Style: figure.Measured}
	slope := func(x float64) float64 {
		if x > 0 {
			return w
		}
		return -w
	}
	rates := make([]float64, steps+1)
	for k := range rates {
		rates[k] = rate(k)
	}
	for i := range starts {
		between, mark := 0.0, 1000
		err := iterate(m, 1+float64(i)/float64(starts), steps, func(k int) float64 { return rates[k] }, slope, func(k int, x, _ float64) {
			ratio := math.Abs(x) / rates[k]
			if k == mark {
				if k > 1000 && i == 0 {
					s.X, s.Y = append(s.X, float64(k)), append(s.Y, between)
				}
				between, mark = 0, mark+mark/8
			}
			between = max(between, ratio)
			if 2*k >= steps {
				late = max(late, ratio)
			}
		})
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return 0, s, err
		}
	}
	return late, s, nil
}
