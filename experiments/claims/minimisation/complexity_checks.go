package minimisation

import (
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

// The exponents of the theorems.
const (
	stepsExponent  = -1 // of ε and of δ in the number of steps
	callsTolerance = -3 // of ε in the number of calls
	callsRadius    = -1 // of δ in the number of calls
	cornerExponent = -2 // of ε in the number of gradients at one point
	// slopeSlack allows for what is no power in a range of a decade: the last round and the means of a few runs.
	slopeSlack = 0.1
	// boundSlack does so for functions of which nothing else is known: the way ends some δ before the minimum, which
	// makes a count D/δ − c, whose exponent is a little below −1 where D/δ is small; and a bound may have a
	// logarithm.
	boundSlack = 0.2
)

func (s *survey) checks() []claim.Check {
	checks := slices.Concat(s.bounds(), s.attained(), []claim.Check{{
		Label: "certificates", Sentence: "Every run ends with points within δ and weights whose combination of gradients, computed anew, is no longer than ε: the number of runs that do not.",
		Predicted: claim.Exact(0), Measured: claim.Measured(s.refused()),
	}})
	for i := range checks {
		checks[i].Label = s.walker.name + "-" + checks[i].Label
	}
	return checks
}

func steps(c cell) float64 { return c.rounds }

func calls(c cell) float64 { return c.calls }

// bounds are what the theorems say of every function.
func (s *survey) bounds() []claim.Check {
	return []claim.Check{
		{
			Label: "steps-by-tolerance", Sentence: "The exponent of ε in the number of steps is −1 at least, on every function and for every radius.",
			Predicted: claim.AtLeast(stepsExponent - boundSlack), Measured: claim.Measured(s.steepest(byTolerance, steps)),
		},
		{
			Label: "steps-by-radius", Sentence: "The exponent of δ in the number of steps is −1 at least, on every function and for every tolerance.",
			Predicted: claim.AtLeast(stepsExponent - boundSlack), Measured: claim.Measured(s.steepest(byRadius, steps)),
		},
		{
			Label: "calls-by-tolerance", Sentence: "The exponent of ε in the number of calls is −3 at least.",
			Predicted: claim.AtLeast(callsTolerance - boundSlack), Measured: claim.Measured(s.steepest(byTolerance, calls)),
		},
		{
			Label: "calls-by-radius", Sentence: "The exponent of δ in the number of calls is −1 at least.",
			Predicted: claim.AtLeast(callsRadius - boundSlack), Measured: claim.Measured(s.steepest(byRadius, calls)),
		},
		{
			Label: "most-steps", Sentence: "No run makes more than ⌈4Δ/(δε)⌉ steps: the largest quotient.",
			Predicted: claim.AtMost(1), Measured: claim.Measured(s.largest(s.stepsQuotient)),
		},
		{
			Label: "most-calls", Sentence: "With probability 1 − γ a run makes no more calls than the theorem says, where L is known: the largest quotient.",
			Predicted: claim.AtMost(1), Measured: claim.Measured(s.largest(s.callsQuotient)),
		},
	}
}

// attained are what is known of the cone, the tail and the corner.
func (s *survey) attained() []claim.Check {
	tail, inTail := s.find(tailName)
	_, onCone := s.find(coneName)
	fewest := func(c cell) float64 { return tail.rounds(c.delta, c.epsilon) }
	return []claim.Check{
		{
			Label: "fewest-steps", Sentence: "Where a way must be gone in steps of length δ, no run makes fewer steps: the smallest quotient.",
			Predicted: claim.AtLeast(1), Measured: claim.Measured(-s.largest(fewer)),
		},
		{
			Label: "cone-by-radius", Sentence: "On the cone the exponent −1 of δ is attained.",
			Predicted: claim.Near(stepsExponent, slopeSlack), Measured: claim.Measured(average(slopes(onCone, byRadius, steps))),
		},
		{
			Label: "tail-by-tolerance", Sentence: "On the tail the number of steps grows with 1/ε as the way to where the valley is flat.",
			Predicted: claim.Near(average(slopes(inTail, byTolerance, fewest)), slopeSlack), Measured: claim.Measured(average(slopes(inTail, byTolerance, steps))),
		},
		{
			Label: "corner-calls", Sentence: "At the corner ⌈1/ε²⌉ gradients are needed and enough, and each but the last costs a value: the largest deviation from 2⌈1/ε²⌉ calls.",
			Predicted: claim.Exact(0), Measured: claim.Measured(s.cornerDeviation()),
		},
		{
			Label: "corner-by-tolerance", Sentence: "At the corner the exponent −2 of ε in the number of gradients at one point is attained.",
			Predicted: claim.Near(cornerExponent, slopeSlack), Measured: claim.Measured(slope(s.corners, byTolerance, calls)),
		},
	}
}

// find returns the landscape of a name and its cells.
func (s *survey) find(name string) (landscape, []cell) {
	i := slices.IndexFunc(s.lands, func(l landscape) bool { return l.name == name })
	return s.lands[i], s.cells[i]
}

// axis is a coordinate of cells.
type axis bool

const (
	byTolerance axis = false
	byRadius    axis = true
)

func (c cell) at(a axis) float64 {
	if a == byRadius {
		return c.delta
	}
	return c.epsilon
}

// slope is the exponent of a coordinate in y.
func slope(cells []cell, x axis, y func(cell) float64) float64 {
	at, of := make([]float64, len(cells)), make([]float64, len(cells))
	for i, c := range cells {
		at[i], of[i] = c.at(x), y(c)
	}
	return claim.Slope(at, of)
}

// slopes are the exponents of a coordinate in y, one for each value of the other coordinate.
func slopes(cells []cell, x axis, y func(cell) float64) []float64 {
	var out []float64
	for rest := slices.Clone(cells); len(rest) > 0; {
		fixed := rest[0].at(!x)
		var line []cell
		rest = slices.DeleteFunc(rest, func(c cell) bool {
			if c.at(!x) == fixed {
				line = append(line, c)
			}
			return c.at(!x) == fixed
		})
		out = append(out, slope(line, x, y))
	}
	return out
}

// steepest is the smallest exponent on all landscapes.
func (s *survey) steepest(x axis, y func(cell) float64) float64 {
	least := math.Inf(1)
	for _, cells := range s.cells {
		least = min(least, slices.Min(slopes(cells, x, y)))
	}
	return least
}

func average(list []float64) float64 {
	sum := 0.0
	for _, v := range list {
		sum += v
	}
	return sum / float64(len(list))
}

// largest is the largest quotient over all cells, the corner's included.
func (s *survey) largest(quotient func(l landscape, c cell) float64) float64 {
	worst := math.Inf(-1)
	for i, l := range s.lands {
		for _, c := range s.cells[i] {
			worst = max(worst, quotient(l, c))
		}
	}
	for i, m := range s.c.Ints("corners") {
		worst = max(worst, quotient(corner(m+1), s.corners[i]))
	}
	return worst
}

// mostSteps is ⌈4Δ/(δε)⌉.
func mostSteps(l landscape, c cell) float64 {
	return math.Ceil(4 * l.drop / float64(c.delta*c.epsilon))
}

func (s *survey) stepsQuotient(l landscape, c cell) float64 { return (c.most - 1) / mostSteps(l, c) }

// callsQuotient has in its denominator a start, and in each round ⌈64L²/ε²⌉·⌈2 log(4Δ/(γδε))⌉ gradients, each with
// a value. γ shares out claim.Alpha among all runs of both methods.
func (s *survey) callsQuotient(l landscape, c cell) float64 {
	if l.lipschitz == 0 {
		return math.Inf(-1)
	}
	cells := len(s.lands)*len(s.cells[0]) + len(s.corners)
	gamma := claim.Alpha / float64(len(walkers())*cells*s.c.Int("runs"))
	return c.mostCalls / (1 + float64(2*(mostSteps(l, c)+1)*mostGradients(l, c, gamma)))
}

func mostGradients(l landscape, c cell, gamma float64) float64 {
	ratio := l.lipschitz / c.epsilon
	return math.Ceil(64*float64(ratio*ratio)) * math.Ceil(2*math.Log(4*l.drop/float64(gamma*float64(c.delta*c.epsilon))))
}

// fewer is minus the rounds over the fewest there can be.
func fewer(l landscape, c cell) float64 {
	if l.rounds == nil {
		return math.Inf(-1)
	}
	return -c.least / math.Ceil(l.rounds(c.delta, c.epsilon)-certified)
}

func (s *survey) cornerDeviation() float64 {
	worst := 0.0
	for _, c := range s.corners {
		want := cornerCalls(c.epsilon)
		worst = max(worst, math.Abs(c.mostCalls-want), math.Abs(c.calls-want))
	}
	return worst
}

// cornerCalls is 2⌈1/ε²⌉: the start, a gradient each, and a value after each but the last.
func cornerCalls(epsilon float64) float64 { return 2 * math.Ceil(1/float64(epsilon*epsilon)) }

// refused counts the runs without a good certificate.
func (s *survey) refused() float64 {
	count := 0
	for _, cells := range append(slices.Clone(s.cells), s.corners) {
		for _, c := range cells {
			count += len(c.refused)
		}
	}
	return float64(count)
}
