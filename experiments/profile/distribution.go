package profile

import (
	"math"
	"slices"
)

// Distribution is the share of some numbers that are at most t, as a function of t: a step function,
// continuous from the right, that rises from 0 to the share of finite ones. The zero value is 0
// everywhere.
type Distribution struct {
	finite []float64 // in order
	n      int       // of all numbers
}

func newDistribution(numbers []float64) Distribution {
	d := Distribution{n: len(numbers)}
	for _, x := range numbers {
		if !math.IsInf(x, 1) {
			d.finite = append(d.finite, x)
		}
	}
	slices.Sort(d.finite)
	return d
}

// At returns the share of numbers ≤ t; 0 for NaN.
func (d Distribution) At(t float64) float64 {
	count := 0
	for count < len(d.finite) && d.finite[count] <= t {
		count++
	}
	return d.share(count)
}

// Solved returns the share of finite numbers: what At tends to for t → ∞.
func (d Distribution) Solved() float64 { return d.share(len(d.finite)) }

// Last returns the largest finite number, where the function reaches Solved; NaN if there is none.
func (d Distribution) Last() float64 {
	if len(d.finite) == 0 {
		return math.NaN()
	}
	return d.finite[len(d.finite)-1]
}

// Steps returns the corners of the graph between two arguments, to be joined by a line: where the function jumps
// there are two corners one above the other.
func (d Distribution) Steps(from, to float64) (t, share []float64) {
	t, share = []float64{from}, []float64{d.At(from)}
	for i, x := range d.finite {
		if from < x && x <= to && (i == 0 || x != d.finite[i-1]) {
			t, share = append(t, x, x), append(share, share[len(share)-1], d.At(x))
		}
	}
	return append(t, to), append(share, share[len(share)-1])
}

func (d Distribution) share(count int) float64 {
	if d.n == 0 {
		return 0
	}
	return float64(count) / float64(d.n)
}
