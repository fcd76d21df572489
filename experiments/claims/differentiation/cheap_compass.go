package differentiation

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"strings"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// compass is the vector of (f′(x; eᵢ) − f′(x; −eᵢ))/2.
func (s subject) compass() (clarke.Vector, error) {
	g, err := ad.Directional(s.f)
	if err != nil {
		return clarke.Vector{}, err
	}
	n := len(s.at)
	slope := func(i int, sign int64) (*big.Rat, error) {
		d := make([]int64, n)
		d[i] = sign
		out, err := runExact(g, append(append([]*big.Rat{}, s.at...), rationals(d)...))
		if err != nil {
			return nil, err
		}
		return out[1][0], nil
	}
	v := make([]*big.Rat, n)
	for i := range v {
		ahead, err := slope(i, 1)
		if err != nil {
			return clarke.Vector{}, err
		}
		behind, err := slope(i, -1)
		if err != nil {
			return clarke.Vector{}, err
		}
		v[i] = new(big.Rat).Sub(ahead, behind)
		v[i].Mul(v[i], big.NewRat(1, 2))
	}
	return clarke.Rational(v), nil
}

// compassDistances are those of the compass difference of max(x₁, …, xₙ) at 0
// from its subdifferential, for n = 2, 3, ….
type compassDistances struct{ n, measured, predicted []float64 }

func measureCompass(ctx context.Context, upTo int) (compassDistances, error) {
	var out compassDistances
	for n := 2; n <= upTo; n++ {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		d, err := compassDistance(ctx, n)
		if err != nil {
			return out, err
		}
		out.n, out.measured = append(out.n, float64(n)), append(out.measured, d)
		out.predicted = append(out.predicted, math.Sqrt(float64(n))*(1./2-1/float64(n)))
	}
	return out, nil
}

// compassDistance computes the set, the compass difference and their distance.
func compassDistance(ctx context.Context, n int) (float64, error) {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("x%d", i+1)
	}
	f, err := parse.Parse("max([" + strings.Join(names, ", ") + "])")
	if err != nil {
		return 0, err
	}
	s := atZero(f)
	set, err := clarke.At(ctx, f, clarke.RationalPoint(singles(s.at)...), clarke.Options{})
	if err != nil {
		return 0, err
	}
	if !set.Exact {
		return 0, fmt.Errorf("the subdifferential of the maximum of %d is not known: %s", n, set.Why)
	}
	v, err := s.compass()
	if err != nil {
		return 0, err
	}
	return distance(v.Float, set.Vertices)
}

// distanceTolerance is absolute, for distances of size 1 by the min-norm solver.
const distanceTolerance = 1e-9

func (d compassDistances) checks() []claim.Check {
	var checks []claim.Check
	for i, n := range d.n {
		checks = append(checks, claim.Check{
			Label: fmt.Sprintf("compass-maximum-%g", n), At: map[string]any{"n": int(n)},
			Sentence:  "The compass difference of the maximum of n numbers that tie has this distance from the subdifferential.",
			Predicted: claim.Near(d.predicted[i], distanceTolerance), Measured: claim.Measured(d.measured[i]),
		})
	}
	return checks
}

func (d compassDistances) figure() figure.Figure {
	return figure.Figure{
		Title:   "Compass differences leave the subdifferential",
		Caption: "Distance of the vector of central partial derivatives of max(x₁, …, xₙ) at 0 from the Clarke subdifferential. It is 0 in the plane only.",
		X:       figure.Axis{Label: "dimension n", Unit: "1"}, Y: figure.Axis{Label: "distance from ∂f(0)", Unit: "1"},
		Series: []figure.Series{
			{Name: "measured", Style: figure.Measured, X: d.n, Y: d.measured, Color: 1},
			{Name: "√n·(1/2 − 1/n)", Style: figure.Predicted, X: d.n, Y: d.predicted, Color: 1},
		},
	}
}
