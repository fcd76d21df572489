package sgd

import (
	"math"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// Convergence says whether a series converges.
type Convergence string

// The answers. Unknown is that for schedules of one's own, about which finitely many step
// sizes prove nothing.
const (
	Converges Convergence = "converges"
	Diverges  Convergence = "diverges"
	Unknown   Convergence = "unknown"
)

// Conditions is about the step sizes αₖ of a schedule: H. Robbins and S. Monro (Ann. Math.
// Statist. 22, 1951) ask for Σ αₖ = ∞ and Σ αₖ² < ∞. Davis, Drusvyatskiy, Kakade and Lee
// (FoCM 2020) ask for the same of subgradient methods on tame functions.
type Conditions struct {
	Sum, Squares Convergence
	// Partial sums over the steps looked at, and the exponent p of a fit αₖ ∝ k^−p to the
	// second half of them on a logarithmic scale; NaN if a step size there is 0.
	PartialSum, PartialSquares, Exponent float64
}

// Hold reports that both conditions are proved to hold.
func (c Conditions) Hold() bool { return c.Sum == Diverges && c.Squares == Converges }

// Fail reports that one of the conditions is proved not to hold.
func (c Conditions) Fail() bool { return c.Sum == Converges || c.Squares == Diverges }

// RobbinsMonro looks at the conditions for a schedule of this package, by its form, and adds
// the partial sums of the first steps, at least 1, in epochs of epochSteps steps, at least 1.
// For other schedules there are only these numbers.
func RobbinsMonro(s Schedule, steps, epochSteps int) (Conditions, error) {
	if s == nil || steps < 1 || epochSteps < 1 {
		return Conditions{}, configError("RobbinsMonro", "a schedule is needed, and at least one step and one step of an epoch")
	}
	c := Conditions{Sum: Unknown, Squares: Unknown}
	if last, ok := tailOf(s); ok {
		c.Sum, c.Squares = last.series(1), last.series(2)
	}
	fit := fit{}
	for k := range steps {
		rate := s.Rate(Progress{Step: k, Epoch: k / epochSteps})
		c.PartialSum += rate
		c.PartialSquares += float64(rate * rate)
		if k >= steps/2 {
			fit.add(kernel.Log(float64(k+1)), kernel.Log(rate))
		}
	}
	c.Exponent = -fit.slope()
	return c, nil
}

// tail is how a schedule ends: like factor·k^−power, or as 0 from some step on.
type tail struct{ factor, power float64 }

// series says whether the sum of the tail's n-th powers converges.
func (t tail) series(n float64) Convergence {
	switch {
	case t.factor == 0 || n*t.power > 1:
		return Converges
	case t.factor > 0:
		return Diverges
	}
	return Unknown // no schedule: step sizes are at least 0
}

// tailOf returns the tail of a schedule of this package. Within an epoch PerEpoch repeats a
// step size, which changes sums by a factor between constants.
func tailOf(s Schedule) (tail, bool) {
	switch s := s.(type) {
	case Constant:
		return tail{float64(s), 0}, true
	case Power:
		return tail{s.C, s.P}, true
	case Steps:
		return tail{s.Start * kernel.Pow(s.Factor, float64(len(s.At))), 0}, true
	case Cosine:
		return tail{s.Min, 0}, true
	case WarmUp:
		return tailOf(s.Then)
	case PerEpoch:
		return tailOf(s.Schedule)
	}
	return tail{}, false
}

// fit is a line through points by least squares.
type fit struct{ n, x, y, xx, xy float64 }

func (f *fit) add(x, y float64) {
	f.n++
	f.x += x
	f.y += y
	f.xx += float64(x * x)
	f.xy += float64(x * y)
}

// slope is NaN for fewer than two different x, and if an y is not finite.
func (f *fit) slope() float64 {
	spread := float64(f.n*f.xx) - float64(f.x*f.x)
	if !(spread > 0) || !finite(f.y) {
		return math.NaN()
	}
	return (float64(f.n*f.xy) - float64(f.x*f.y)) / spread
}
