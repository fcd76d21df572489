package convex

import (
	"fmt"
	"slices"
)

// Simplex returns the probability simplex {x ∈ ℝⁿ : x ≥ 0, Σ xⱼ = 1}: the slots of
// a maximum over n tied entries.
//
// The error is an [*InputError] if n < 1.
func Simplex(n int) (Set, error) {
	return Hypersimplex(n, 1)
}

// Hypersimplex returns {x ∈ [0, 1]ⁿ : Σ xⱼ = k}: the slots of a sum of the k
// largest among n tied entries. It is a point if k is 0 or n. The oracle puts 1 on
// the k largest coordinates of the direction, on the first ones among equals.
//
// The error is an [*InputError] if n < 1 or if k is not between 0 and n.
func Hypersimplex(n, k int) (Set, error) {
	if err := validateSize("n", n); err != nil {
		return nil, err
	}
	if k < 0 || k > n {
		return nil, &InputError{"k", -1, -1, fmt.Sprint(k), ErrCount}
	}
	return &hypersimplex{k, make([]int, n)}, nil
}

type hypersimplex struct {
	k     int
	order []int
}

func (h *hypersimplex) Dim() int { return len(h.order) }

func (h *hypersimplex) Support(dst, direction []float64) {
	clear(dst)
	if h.k == 1 {
		dst[argmax(direction)] = 1
		return
	}
	for j := range h.order {
		h.order[j] = j
	}
	slices.SortStableFunc(h.order, func(i, j int) int {
		switch {
		case direction[i] > direction[j]:
			return -1
		case direction[i] < direction[j]:
			return 1
		}
		return 0
	})
	for _, j := range h.order[:h.k] {
		dst[j] = 1
	}
}

// argmax returns the index of the largest coordinate, the first one among equals.
func argmax(v []float64) int {
	best := 0
	for j, value := range v {
		if value > v[best] {
			best = j
		}
	}
	return best
}
