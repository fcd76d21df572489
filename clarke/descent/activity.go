package descent

import (
	"fmt"
	"math"
	"slices"
	"sort"
)

const (
	// mostPivots bounds the changes of one guess of the active switches, mostGuesses the guesses.
	mostPivots  = 30
	mostGuesses = 12
	// slotTolerance is how far |τ| may exceed 1, for rounding: it moves the gradient by as much.
	slotTolerance = 1e-9
	// inert is the part of the largest reach below which a kink does not act on f.
	inert = 1e-12
)

// guesses returns sets of switches that may be active, best first: those on both sides of which the
// certificate has points, those within its radius, and then the nearest ones up to a gap, wide
// gaps first.
func guesses(distance []float64, straddled []int, radius float64) [][]int {
	order := make([]int, len(distance))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return distance[order[a]] < distance[order[b]] })
	within := sort.Search(len(order), func(p int) bool { return distance[order[p]] > radius })
	var out [][]int
	for _, set := range [][]int{straddled, order[:within]} {
		if len(set) > 0 { // that there is none is the last guess
			out = append(out, set)
		}
	}
	cuts := make([]int, len(order)+1)
	gap := func(p int) float64 {
		const far, rounding = 1e3, 1e-14
		low, high := rounding, far
		if p > 0 {
			low = max(low, distance[order[p-1]])
		}
		if p < len(order) {
			high = min(high, distance[order[p]])
		}
		return high / low
	}
	for p := range cuts {
		cuts[p] = p
	}
	sort.SliceStable(cuts, func(a, b int) bool {
		return gap(cuts[a]) > gap(cuts[b])
	})
	for _, p := range cuts[:min(len(cuts), mostGuesses)] {
		out = append(out, order[:p])
	}
	return distinct(out)
}

func distinct(sets [][]int) (out [][]int) {
	seen := map[string]bool{}
	for _, s := range sets {
		s = slices.Clone(s)
		slices.Sort(s)
		if key := fmt.Sprint(s); !seen[key] {
			seen[key] = true
			out = append(out, s)
		}
	}
	return out
}

// straddled returns the switches that have both signs at the points of a certificate.
func (l *lockedProgram) straddled(c Certificate) ([]int, error) {
	var first []float64
	both := make([]bool, l.s)
	for _, p := range c.Points {
		signs, err := l.signs(p)
		if err != nil {
			return nil, err
		}
		if first == nil {
			first = signs
		}
		for i := range signs {
			both[i] = both[i] || signs[i] != first[i]
		}
	}
	var out []int
	for i, b := range both {
		if b {
			out = append(out, i)
		}
	}
	return out, nil
}

// identify solves for one guess and corrects it: a switch whose τ leaves [−1, 1] is released to that
// side, one whose sign has changed becomes active. reason is empty if the set is confirmed.
func (k *kkt) identify(active []int) (set []int, residual float64, reason string, err error) {
	tried := map[string]bool{}
	for range mostPivots {
		if active, err = k.acting(active); err != nil {
			return nil, 0, "", err
		}
		if key := fmt.Sprint(active, k.v[k.n:]); tried[key] {
			return nil, 0, "the guesses of active kinks repeat", nil
		} else {
			tried[key] = true
		}
		residual, solved, err := k.solve(active)
		if err != nil {
			return nil, 0, "", err
		}
		if !solved {
			return nil, residual, fmt.Sprintf("Newton's method ends with the residual %.2g: the system is singular or the point too far", residual), nil
		}
		next, err := k.correct(active)
		if err != nil {
			return nil, residual, "", err
		}
		if slices.Equal(next, active) {
			return active, residual, "", nil
		}
		active = next
	}
	return nil, 0, "the multipliers stay outside of their sets", nil
}

// acting drops switches that do not act on f, whatever the slopes of the others are: they are set to ½ for
// that, strictly inside.
func (k *kkt) acting(active []int) ([]int, error) {
	old := slices.Clone(k.v)
	for _, i := range k.switchRows(active) {
		k.v[i] = .5
	}
	weight, _, err := k.reach()
	k.v = old
	if err != nil || len(weight) == 0 {
		return nil, err
	}
	least := inert * slices.Max(weight)
	return slices.DeleteFunc(slices.Clone(active), func(i int) bool { return weight[i] <= least }), nil
}

// correct returns the switches that are to be active after a solution, and locks the others.
func (k *kkt) correct(active []int) ([]int, error) {
	var next []int
	weight, _, err := k.reach()
	if err != nil {
		return nil, err
	}
	signs, err := k.signs(k.v[:k.n])
	if err != nil {
		return nil, err
	}
	for i := range k.s {
		tau := k.v[k.n+i]
		switch {
		case slices.Contains(active, i) && math.Abs(tau) <= 1+slotTolerance:
			next = append(next, i)
		case slices.Contains(active, i):
			k.v[k.n+i] = math.Copysign(1, tau)
		case tau != signs[i] && weight[i] > inert*slices.Max(weight):
			next = append(next, i)
		default:
			k.v[k.n+i] = signs[i]
		}
	}
	return next, nil
}
