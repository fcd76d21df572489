package sgd

import "math"

// Marks are numbers of steps at which something is done.
type Marks interface {
	// After returns the smallest mark above n ≥ −1.
	After(n int) int
}

// Every marks 0 and the multiples of a number of steps; a number below 1 counts as 1.
type Every int

// After implements [Marks].
func (e Every) After(n int) int {
	k := max(int(e), 1)
	return (n + k) / k * k
}

// Geometric marks 0, 1 and, after a mark m, the smallest integer that is at least r·m
// and above m, for the ratio r: about log(n)/log(r) marks up to n, evenly spaced on a
// logarithmic axis. A ratio that is not above 1 marks every step.
type Geometric float64

// After implements [Marks].
func (g Geometric) After(n int) int {
	if !(g > 1) {
		return n + 1
	}
	m := 0
	for m <= n {
		next := math.Ceil(float64(g) * float64(m))
		if next > math.MaxInt64/2 {
			return math.MaxInt
		}
		m = max(m+1, int(next))
	}
	return m
}

// Never marks nothing.
type Never struct{}

// After implements [Marks].
func (Never) After(int) int { return math.MaxInt }
