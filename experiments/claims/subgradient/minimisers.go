package subgradient

import (
	"context"
	"math"

	"github.com/tamegrad/tamegrad/clarke"
)

// multiplier is a limiting gradient and its weight in the combination that is 0.
type multiplier struct {
	gradient []float64
	weight   float64
}

// minimiser is a test problem with its known minimiser. A point that is not
// rational has floats instead of values, and its ties are those within tieTolerance.
type minimiser struct {
	name, text  string
	values      []string
	floats      []float64
	multipliers []multiplier // nil if the weights are not unique
	title       string       // in the figure
	drawn       bool
}

// tieTolerance counts branches as tied that differ by rounding of the point.
const tieTolerance = 1e-12

// at finds the limiting gradients.
func (m minimiser) at(ctx context.Context) (*clarke.Subdifferential, error) {
	if m.floats == nil {
		p, err := at(m.text, m.values...)
		if err != nil {
			return nil, err
		}
		return clarke.At(ctx, p.f, p.point(), clarke.Options{})
	}
	values := make([]string, len(m.floats))
	for i := range values {
		values[i] = "0"
	}
	p, err := at(m.text, values...)
	if err != nil {
		return nil, err
	}
	parts := make([][]float64, len(m.floats))
	for i := range parts {
		parts[i] = m.floats[i : i+1]
	}
	return clarke.At(ctx, p.f, clarke.FloatPoint(parts...), clarke.Options{Tol: tieTolerance})
}

// minimisers are those of Lukšan and Vlček's collection and others, with weights
// that solve ∑ wᵢ·∇fᵢ(x) = 0.
var minimisers = []minimiser{
	{
		name: "cb3", text: "max(x^4 + y^2, (2 - x)^2 + (2 - y)^2, 2*exp(y - x))", floats: []float64{1, 1},
		multipliers: []multiplier{{[]float64{4, 2}, 1.0 / 3}, {[]float64{-2, -2}, 1.0 / 2}, {[]float64{-2, 2}, 1.0 / 6}},
		title:       "CB3 at (1, 1)", drawn: true,
	},
	{
		name: "dem", text: "max(5*x + y, -5*x + y, x^2 + y^2 + 4*y)", values: []string{"0", "-3"},
		multipliers: []multiplier{{[]float64{5, 1}, 1.0 / 3}, {[]float64{-5, 1}, 1.0 / 3}, {[]float64{0, -2}, 1.0 / 3}},
		title:       "DEM at (0, −3)", drawn: true,
	},
	{
		name: "ql", text: "let q = x^2 + y^2; max(q, q + 10*(-4*x - y + 4), q + 10*(-x - 2*y + 6))", values: []string{"6/5", "12/5"},
		multipliers: []multiplier{{[]float64{2.4, 4.8}, 0.76}, {[]float64{-7.6, -15.2}, 0.24}},
	},
	{
		name: "lq", text: "max(-x - y, -x - y + (x^2 + y^2 - 1))", floats: []float64{math.Sqrt2 / 2, math.Sqrt2 / 2},
		multipliers: []multiplier{{[]float64{-1, -1}, 1 - math.Sqrt2/2}, {[]float64{math.Sqrt2 - 1, math.Sqrt2 - 1}, math.Sqrt2 / 2}},
	},
	{
		name: "mifflin1", text: "-x + 20*relu(x^2 + y^2 - 1)", values: []string{"1", "0"},
		multipliers: []multiplier{{[]float64{-1, 0}, 39.0 / 40}, {[]float64{39, 0}, 1.0 / 40}},
	},
	{
		name: "mifflin2", text: "let q = x^2 + y^2 - 1; -x + 2*q + 7/4*abs(q)", values: []string{"1", "0"},
		multipliers: []multiplier{{[]float64{-0.5, 0}, 13.0 / 14}, {[]float64{6.5, 0}, 1.0 / 14}},
	},
	{
		name: "crescent", text: "max(x^2 + (y - 1)^2 + y - 1, -x^2 - (y - 1)^2 + y + 1)", values: []string{"0", "0"},
		multipliers: []multiplier{{[]float64{0, -1}, 3.0 / 4}, {[]float64{0, 3}, 1.0 / 4}},
	},
	{
		name: "rosen-suzuki", values: []string{"0", "1", "2", "-1"},
		text: "let f = a^2 + b^2 + 2*c^2 + d^2 - 5*a - 5*b - 21*c + 7*d; max(f, " +
			"f + 10*(a^2 + b^2 + c^2 + d^2 + a - b + c - d - 8), " +
			"f + 10*(a^2 + 2*b^2 + c^2 + 2*d^2 - a - d - 10), " +
			"f + 10*(a^2 + b^2 + c^2 + 2*a - b - d - 5))",
		multipliers: []multiplier{
			{[]float64{-5, -3, -13, 5}, 0.7}, {[]float64{5, 7, 37, -25}, 0.1}, {[]float64{15, 7, 27, -5}, 0.2},
		},
	},
	{name: "rosenbrock", text: "8*abs(x^2 - y) + (1 - x)^2", values: []string{"1", "1"}, title: "Rosenbrock at (1, 1)"},
	{name: "ncr1", text: "(x - 1)^2/4 + abs(y - 2*x^2 + 1)", values: []string{"1", "1"}},
	{name: "ncr2", text: "abs(x - 1)/4 + abs(y - 2*abs(x) + 1)", values: []string{"1", "1"}},
}
