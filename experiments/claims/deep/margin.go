package deep

import (
	"context"
	"fmt"
	"math"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
	"github.com/tamegrad/tamegrad/sgd"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// margin is the direction ŵ of maximum margin of points z, ⟨ŵ, z⟩ ≥ 1, as Σ αᵢzᵢ.
type margin struct {
	direction []float64
	support   []int
	alpha     []float64 // of the support
}

// maximumMargin takes the point of least norm of the hull; the margin is 0 if that is 0.
func maximumMargin(z [][]float64) (*margin, error) {
	p, err := convex.MinNorm(z)
	if err != nil || p.Norm == 0 {
		return nil, err
	}
	m := &margin{support: p.Support}
	for _, x := range p.Point {
		m.direction = append(m.direction, x/float64(p.Norm*p.Norm))
	}
	for _, w := range p.Weights {
		m.alpha = append(m.alpha, w/float64(p.Norm*p.Norm))
	}
	return m, nil
}

// planar is the dimension of the data.
const planar = 2

// separableData has its maximum margin and the expansion of iterates.
type separableData struct {
	*margin
	z        [][]float64
	rows     sgd.Data
	rate     float64
	offset   []float64 // w̃
	exponent float64   // δ
}

// drawSeparable draws data until what the theorem neglects vanishes fast.
func drawSeparable(c *claim.Context, solve func(z [][]float64) (*margin, error)) (*separableData, error) {
	const draws, spread = 100000, 2
	rng := c.Rand(claim.At("stream", "data"))
	n := c.Int("rows")
	for range draws {
		s := &separableData{rows: sgd.Data{Rows: n, Columns: map[string][]float64{}}}
		x, y := make([]float64, n*planar), make([]float64, n)
		longest := 0.0
		for i := range n {
			z := x[i*planar : (i+1)*planar]
			random.Normals(z, spread, rng)
			z[0] = 1 + math.Abs(z[0])
			s.z = append(s.z, append([]float64{}, z...))
			longest = max(longest, dot(z, z))
			if y[i] = 1; rng.IntN(2) == 0 {
				y[i], z[0], z[1] = -1, -z[0], -z[1]
			}
		}
		s.rows.Columns[network.Inputs], s.rows.Columns[network.Targets] = x, y
		s.rate = 4 / longest // half the largest stable step
		var err error
		if s.margin, err = solve(s.z); err != nil {
			return nil, err
		}
		if s.margin != nil && s.regular(c.Int("steps")/10) {
			return s, nil
		}
	}
	return nil, fmt.Errorf("no separable data with a basis of support vectors in %d draws: take fewer rows", draws)
}

// regular computes the expansion and tells whether its remainder is small from step k on, and
// whether the offset is not along ŵ.
func (s *separableData) regular(k int) bool {
	const remainder, slowest, aside = 0.001, 0.7, 0.5
	if len(s.support) != planar {
		return false
	}
	unit := 0.        // of time
	eigenvalue := -1. // M has the eigenvalue 1 at ŵ, and this one
	for i, at := range s.support {
		unit = max(unit, s.alpha[i]/s.perRow())
		eigenvalue += float64(s.alpha[i] * dot(s.z[at], s.z[at]))
	}
	s.exponent = min(1, eigenvalue)
	var levels [planar]float64 // ⟨zᵢ, w̃⟩
	for i, a := range s.alpha {
		levels[i] = kernel.Log(s.perRow() / a)
	}
	u, v := s.z[s.support[0]], s.z[s.support[1]]
	determinant := float64(u[0]*v[1]) - float64(u[1]*v[0])
	s.offset = []float64{
		(float64(levels[0]*v[1]) - float64(levels[1]*u[1])) / determinant,
		(float64(levels[1]*u[0]) - float64(levels[0]*v[0])) / determinant,
	}
	for i, z := range s.z {
		if i != s.support[0] && i != s.support[1] {
			s.exponent = min(s.exponent, dot(s.direction, z)-1)
		}
	}
	return s.exponent >= slowest && kernel.Pow(unit/float64(k), s.exponent) <= remainder && kernel.Norm(s.across()) > aside*kernel.Norm(s.direction)
}

// perRow is the step size η of the sum over rows.
func (s *separableData) perRow() float64 { return s.rate / float64(len(s.z)) }

// across is the part of w̃ orthogonal to ŵ.
func (s *separableData) across() []float64 {
	out, share := make([]float64, planar), projection(s.offset, s.direction)
	for i := range out {
		out[i] = s.offset[i] - float64(share*s.direction[i])
	}
	return out
}

// expansion is ŵ log k + w̃.
func (s *separableData) expansion(k int) []float64 {
	out := make([]float64, planar)
	for i := range out {
		out[i] = float64(s.direction[i]*kernel.Log(float64(k))) + s.offset[i]
	}
	return out
}

// angle is the distance of the directions of w and ŵ.
func (s *separableData) angle(w []float64) float64 {
	a, b := kernel.Norm(w), kernel.Norm(s.direction)
	return kernel.Norm([]float64{w[0]/a - s.direction[0]/b, w[1]/a - s.direction[1]/b})
}

// visited is iterate k with its loss.
type visited struct {
	k    int
	w    []float64
	loss float64
}

// descend returns some of the iterates from 0, the last one included.
func (s *separableData) descend(ctx context.Context, method sgd.Method, steps int) (path []visited, err error) {
	o, err := sgd.NewObjective(linear(planar, network.Logistic).Objective, s.rows, ad.AtKink(0))
	if err != nil {
		return nil, err
	}
	next := 1
	err = descend(ctx, o, method, s.rate, steps, func(k int, loss float64) bool {
		if k == next || k == steps {
			path = append(path, visited{k, append([]float64{}, o.Params()[0].Value...), loss})
			next = sgd.Geometric(1.2).After(next)
		}
		return true
	})
	return path, err
}
