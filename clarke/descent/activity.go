package descent

import (
	"fmt"
	"math"
	"slices"
	"sort"
)

const (
	// mostPivots bounds the corrections of one guess of the active switches, mostGuesses the guesses by gaps.
	mostPivots  = 30
	mostGuesses = 12
	// slotTolerance is how far |τ| may exceed 1, for rounding: it moves the gradient by as much.
	slotTolerance = 1e-9
	// inert is the part of the largest reach below which a kink does not act on f.
	inert = 1e-12
	// touching and far bound the distances of kinks between which gaps are compared.
	touching, far = 1e-14, 1e3
)

// guesses returns sets of switches that may be active, best first: those that a certificate straddles,
// those within a radius, and then the nearest ones up to a gap, wide gaps first.
func guesses(distance []float64, straddled []int, radius float64) [][]int {
	order := make([]int, len(distance))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return distance[order[a]] < distance[order[b]] })
	within := sort.Search(len(order), func(p int) bool { return distance[order[p]] > radius })
	var out [][]int
	for _, set := range [][]int{straddled, order[:within]} {
		if len(set) > 0 { // a certificate without kinks may just have few points
			out = append(out, set)
		}
	}
	cuts, gaps := make([]int, len(order)+1), make([]float64, len(order)+1)
	for p := range cuts {
		low, high := touching, far
		if p > 0 {
			low = max(low, distance[order[p-1]])
		}
		if p < len(order) {
			high = min(high, distance[order[p]])
		}
		cuts[p], gaps[p] = p, high/low
	}
	sort.SliceStable(cuts, func(a, b int) bool { return gaps[cuts[a]] > gaps[cuts[b]] })
	for _, p := range cuts[:min(len(cuts), mostGuesses)] {
		out = append(out, order[:p])
	}
	return distinct(out)
}

// distinct sorts each set and drops repetitions.
func distinct(sets [][]int) (out [][]int) {
	for _, s := range sets {
		s = slices.Sorted(slices.Values(s))
		if !slices.ContainsFunc(out, func(t []int) bool { return slices.Equal(s, t) }) {
			out = append(out, s)
		}
	}
	return out
}

// straddled returns the switches that have both signs at the points of a certificate.
func (l *lockedProgram) straddled(c Certificate) (out []int, err error) {
	var signs [][]float64
	for _, p := range c.Points {
		at, err := l.signs(p)
		if err != nil {
			return nil, err
		}
		signs = append(signs, at)
	}
	for i := range l.s {
		if slices.ContainsFunc(signs, func(at []float64) bool { return at[i] != signs[0][i] }) {
			out = append(out, i)
		}
	}
	return out, nil
}

// identify solves for one guess and corrects it until it stands. reason is empty if it does: v is a solution
// with all τ in [−1, 1], and for the others the signs of their switches.
func (k *kkt) identify(active []int) (set []int, reason string, err error) {
	var tried [][]float64
	for range mostPivots {
		if active, err = k.acting(active); err != nil {
			return nil, "", err
		}
		guess := slices.Clone(k.v[k.n:])
		for _, i := range active {
			guess[i] = 0
		}
		if slices.ContainsFunc(tried, func(t []float64) bool { return slices.Equal(t, guess) }) {
			return nil, "corrections of the guess repeat", nil
		}
		tried = append(tried, guess)
		solved, err := k.solve(active)
		if err != nil {
			return nil, "", err
		}
		if !solved {
			return nil, fmt.Sprintf("Newton's method ends with the residual %.2g: the system is singular or the point too far", k.residuals[len(k.residuals)-1]), nil
		}
		next, err := k.correct(active)
		if err != nil {
			return nil, "", err
		}
		if slices.Equal(next, active) {
			return active, "", nil
		}
		active = next
	}
	return nil, "the multipliers stay outside of their sets", nil
}

// acting drops switches that do not act on f, whatever the slopes of the others are: they are set to ½ for
// that, strictly inside.
func (k *kkt) acting(active []int) ([]int, error) {
	v := slices.Clone(k.v)
	for _, i := range k.switchRows(active) {
		v[i] = .5
	}
	weight, _, err := k.reach(v)
	if err != nil || len(weight) == 0 {
		return nil, err
	}
	least := inert * slices.Max(weight)
	return slices.DeleteFunc(slices.Clone(active), func(i int) bool { return weight[i] <= least }), nil
}

// correct returns the switches that are to be active after a solution: one whose τ has left [−1, 1] is released
// to that side, and one whose sign has changed becomes active if it acts on f.
func (k *kkt) correct(active []int) (next []int, err error) {
	weight, _, err := k.reach(k.v)
	if err != nil {
		return nil, err
	}
	signs, err := k.signs(k.v[:k.n])
	if err != nil {
		return nil, err
	}
	for i := range k.s {
		tau := &k.v[k.n+i]
		switch {
		case slices.Contains(active, i):
			if math.Abs(*tau) <= 1+slotTolerance {
				next = append(next, i)
				continue
			}
			*tau = math.Copysign(1, *tau)
		case *tau != signs[i] && weight[i] > inert*slices.Max(weight):
			next = append(next, i)
		default:
			*tau = signs[i]
		}
	}
	return next, nil
}
