package ad_test

import (
	"math"
	"slices"
	"strings"
)

// framework holds the derivatives that a framework returns at ties, copied from
// its source by hand. NaN means that it has no such function.
type framework struct {
	relu, abs, softshrink float64
	max, min              float64 // share of the first argument
	lower, upper          float64 // derivative of clamp in x at its bounds
	amax, amin            string  // how tied entries share: "even", "all" or ""
}

var absent = math.NaN()

// frameworks, by the lower-case names of the presets.
var frameworks = map[string]framework{
	"pytorch":    {0, 0, 0, .5, .5, 1, 1, "even", "even"},
	"jax":        {0, 1, absent, .5, .5, 0, 0, "even", "even"},
	"tensorflow": {0, 0, absent, 1, 1, 1, 1, "even", "even"},
	"autograd":   {absent, 0, absent, .5, .5, 0, 0, "even", "even"},
	"gorgonia":   {1, 0, absent, absent, absent, absent, absent, "all", ""},
	"gomlx":      {1, 1, absent, 1, 0, 1, 1, "all", "all"},
}

// knows reports whether the framework has all the functions of a program.
func (f framework) knows(r *reader) bool {
	for _, op := range r.code {
		switch d := f.derivative(op.name); {
		case strings.HasPrefix(op.name, "am"):
			if f.sharing(op.name) == "" {
				return false
			}
		case math.IsNaN(d):
			return false
		}
	}
	return true
}

func (f framework) sharing(name string) string {
	if name == "amax" {
		return f.amax
	}
	return f.amin
}

func (f framework) derivative(name string) float64 {
	switch name {
	case "relu":
		return f.relu
	case "abs":
		return (1 + f.abs) / 2
	case "softthreshold":
		return f.softshrink
	case "max":
		return f.max
	case "min":
		return f.min
	case "clamp":
		return f.lower
	}
	return 0
}

// gradient is what the framework returns.
func (f framework) gradient(r *reader, point []float64) []float64 {
	v := r.values(point)
	return r.backward(point, func(i, pieces int) []float64 {
		op := r.code[i]
		w := slices.Repeat([]float64{1}, pieces)
		switch {
		case strings.HasPrefix(op.name, "am"):
			if f.sharing(op.name) == "even" {
				w = slices.Repeat([]float64{1 / float64(pieces)}, pieces)
			}
			return w
		case op.name == "clamp" && v[op.args[0]] == v[op.args[2]]:
			return []float64{f.upper, 1 - f.upper}
		}
		d := f.derivative(op.name)
		return []float64{d, 1 - d}
	})
}
