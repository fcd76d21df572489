package growth

import "math"

// Laws returns all laws: of programs and their derivatives, of what makes programs, of the sets of nonsmooth
// analysis, and of training.
func Laws() []Law {
	var all []Law
	for _, chapter := range []func() []Law{variableLaws, depthLaws, laneLaws, forwardLaws, kernelLaws, compileLaws, cellLaws, fieldLaws, hullLaws, rationalLaws, trainingLaws} {
		all = append(all, chapter()...)
	}
	return all
}

// Tolerances of exponents of times, over ranges of at least a factor of 8 in size. A tolerance t lets the cost
// of a unit change by that factor to the power t.
const (
	// steady is for runs without allocations whose data stay in one cache.
	steady = 0.1
	// allocating is for work whose share of the garbage collector varies, or that may have a
	// logarithm in its cost: log n has exponent 1/ln n, about 0.15 for sizes around 1000.
	allocating = 0.2
	// counting is for counts without a formula.
	counting = 0.1
)

// The caches that ranges begin and end with: the second level of current server cores, which is also what the
// executor fits its blocks to, and a share of the third that other cores leave.
const (
	secondCache = 1 << 20
	thirdCache  = 1 << 24
)

func linear(x float64) float64 { return x }
func flat(float64) float64     { return 1 }

func power(exponent float64) func(float64) float64 {
	return func(x float64) float64 { return math.Pow(x, exponent) }
}

// doublings are the powers of two, each factor·the one before.
func doublings(from, to, factor int) (sizes []int) {
	for size := from; size <= to; size *= factor {
		sizes = append(sizes, size)
	}
	return sizes
}

// everywhere is the one range of counts that have a formula.
func everywhere() []Range { return []Range{{Reason: "counts have neither noise nor caches"}} }

// from is the one range of a law whose small sizes pay mostly for what does not grow.
func from(size int, tolerance float64, reason string) []Range {
	return []Range{{From: size, Below: tolerance, Above: tolerance, Reason: reason}}
}

// law is a copy about one quantity.
func (l Law) law(name string, q Quantity, sentence string, predicted func(float64) float64, formula, derivation string, ranges []Range) Law {
	l.Name, l.Quantity, l.Sentence = name, q, sentence
	l.Predicted, l.Formula, l.Derivation, l.Ranges = predicted, formula, derivation, ranges
	return l
}

// exactly makes the formula hold for every number.
func (l Law) exactly() Law {
	l.Exact = true
	return l
}
