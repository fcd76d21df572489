package differentiation

import "math"

// conventions are the derivatives that one framework takes at kinks, as its
// papers, source and issues state them (the presets of package ad cite each).
// The formulas of the corpus are written in them, so that what a framework
// returns is predicted by the chain rule on paper. NaN stands for an op that
// the framework lacks, and spreads to every formula that needs it.
type conventions struct {
	preset string // name of the preset in lower case
	// relu and abs are relu′(0) and |·|′(0); leaky is the weight of the upper
	// slope of a leaky relu.
	relu, abs, leaky float64
	// max and min are the weight of the first argument at a tie of two.
	max, min float64
	// lower and upper are the derivative of clamp at its bounds.
	lower, upper float64
	// top and bottom are the weight that each of n tied entries of a maximum and
	// of a minimum over an axis gets.
	top, bottom func(n float64) float64
	// stable is 1 if sort and top-k take tied entries in their order.
	stable float64
	// median3 is what the median of three tied entries gives to each, median2
	// what that of [0, x, 1] at x = 0 gives to x, and shrink the derivative of the
	// soft threshold at its kink.
	median3         []float64
	median2, shrink float64
}

// even splits the weight, whole gives the whole weight to every tied entry.
func even(n float64) float64 { return 1 / n }
func whole(float64) float64  { return 1 }
func absent(float64) float64 { return nan }

var nan = math.NaN()

// given is v in a program whose answer does not depend on the convention, as
// long as there is one.
func given(convention, v float64) float64 {
	if math.IsNaN(convention) {
		return nan
	}
	return v
}

// frameworks returns the conventions in the order of ad.Presets.
func frameworks() []conventions {
	third, middle, unknown := []float64{1. / 3, 1. / 3, 1. / 3}, []float64{0, 1, 0}, []float64{nan, nan, nan}
	return []conventions{
		{
			preset: "pytorch", relu: 0, abs: 0, leaky: 0, max: 0.5, min: 0.5, lower: 1, upper: 1,
			top: even, bottom: even, stable: 1, median3: third, median2: 0.5, shrink: 0,
		},
		{
			preset: "jax", relu: 0, abs: 1, leaky: 1, max: 0.5, min: 0.5, lower: 0, upper: 0,
			top: even, bottom: even, stable: 1, median3: middle, median2: 1, shrink: nan,
		},
		{
			preset: "tensorflow", relu: 0, abs: 0, leaky: 0, max: 1, min: 1, lower: 1, upper: 1,
			top: even, bottom: even, stable: 1, median3: unknown, median2: nan, shrink: nan,
		},
		{
			preset: "autograd", relu: nan, abs: 0, leaky: nan, max: 0.5, min: 0.5, lower: 0, upper: 0,
			top: even, bottom: even, stable: nan, median3: unknown, median2: nan, shrink: nan,
		},
		{
			preset: "gorgonia", relu: 1, abs: 0, leaky: 1, max: nan, min: nan, lower: nan, upper: nan,
			top: whole, bottom: absent, stable: nan, median3: unknown, median2: nan, shrink: nan,
		},
		{
			preset: "gomlx", relu: 1, abs: 1, leaky: 1, max: 1, min: 0, lower: 1, upper: 1,
			top: whole, bottom: whole, stable: nan, median3: unknown, median2: nan, shrink: nan,
		},
	}
}
