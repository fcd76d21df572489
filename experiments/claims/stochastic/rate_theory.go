package stochastic

import (
	"context"

	"github.com/tamegrad/tamegrad/sgd"
)

// means returns the means of h, h², b² and hb, where b = ha.
func (u unequal) means() (h, h2, b2, hb float64) {
	n := float64(len(u.h))
	for i, v := range u.h {
		b := v * u.a[i]
		h, h2 = h+v/n, h2+float64(v*v)/n
		b2, hb = b2+float64(b*b)/n, hb+float64(v*b)/n
	}
	return h, h2, b2, hb
}

// withMoments returns E[J(x) − J(0)] after 2^b epochs with replacement, b = 0, …, last, from the exact
// recursion of the first two moments: x ← (1 − αh_I)x + αb_I, where the b have mean 0.
func (u unequal) withMoments(ctx context.Context, steps sgd.Schedule, last int) ([]float64, error) {
	h, h2, b2, hb := u.means()
	first, second := float64(startOfRates), float64(startOfRates*startOfRates)
	var out []float64
	for k := 0; len(out) <= last; k++ {
		if k%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		alpha := steps.Rate(sgd.Progress{Epoch: k})
		square := float64(alpha * alpha)
		for range u.h {
			second = float64((1-float64(2*alpha*h)+float64(square*h2))*second) - float64(2*square*hb*first) + float64(square*b2)
			first *= 1 - float64(alpha*h)
		}
		if k+1 == 1<<len(out) {
			out = append(out, h*second/2)
		}
	}
	return out, nil
}

// withoutMoments returns E[J(X̄) − J(0)] without replacement, X̄ being the average over the ends
// of epochs in the block of 2^b, and the same with the estimated bias removed.
func (u unequal) withoutMoments(ctx context.Context, steps sgd.Schedule, last int) (plain, removed []float64, err error) {
	h, h2, _, hb := u.means()
	mean, variance := float64(startOfRates), 0.0
	var total, cross, spread, step float64 // of the sum over the block: mean, covariance with x, variance, steps
	from := 0
	for k := 0; len(plain) <= last; k++ {
		if k%1024 == 0 && ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		a, b, v := u.epoch(steps.Rate(sgd.Progress{Epoch: k}))
		mean = float64(a*mean) + b
		variance = float64(a*a*variance) + v
		spread += float64(2*a*cross) + variance
		cross = float64(a*cross) + variance
		total += mean
		step += steps.Rate(sgd.Progress{Epoch: k + 1})
		if k+1 < 1<<len(plain) {
			continue
		}
		length := float64(k + 1 - from)
		x, v, alpha := total/length, spread/(length*length), step/length
		plain = append(plain, h/2*(float64(x*x)+v))
		// The estimate of m at x is (hb − h2·x)/(2h), so that x becomes gain·x − αm.
		gain := 1 + alpha*h2/(2*h)
		x = float64(gain*x) - alpha*hb/(2*h)
		removed = append(removed, h/2*(float64(x*x)+float64(gain*gain*v)))
		total, cross, spread, step, from = 0, 0, 0, 0, k+1
	}
	return plain, removed, nil
}
