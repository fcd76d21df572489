package convex

import "math"

// Birkhoff returns the set of the doubly stochastic m×m matrices, row by row a
// vector of m² coordinates: entries ≥ 0, rows and columns of sum 1. Its extreme
// points are the permutation matrices (G. Birkhoff, "Tres observaciones sobre el
// álgebra lineal", Univ. Nac. Tucumán Rev. Ser. A 5, 1946): the slots of a sort of
// m tied entries. The oracle solves a linear assignment problem in O(m³).
//
// The error is an [*InputError] if m < 1.
func Birkhoff(m int) (Set, error) {
	if err := validateSize("m", m); err != nil {
		return nil, err
	}
	return &birkhoff{newAssignment(m)}, nil
}

type birkhoff struct{ assignment *assignment }

func (b *birkhoff) Dim() int { return b.assignment.m * b.assignment.m }

func (b *birkhoff) Support(dst, direction []float64) {
	clear(dst)
	for column, row := range b.assignment.solve(direction) {
		dst[row*b.assignment.m+column] = 1
	}
}

// assignment finds permutations σ with the largest Σ value[i, σ(i)] by the
// Hungarian method in the form of shortest augmenting paths (R. Jonker,
// A. Volgenant, "A shortest augmenting path algorithm for dense and sparse linear
// assignment problems", Computing 38, 1987, without its initialisation): rows
// enter one by one, each along the path of least reduced cost to a free column,
// which a dense Dijkstra search finds. Row m and column m are sentinels.
type assignment struct {
	m            int
	rowOf        []int     // by column: its row, or −1
	before       []int     // by column: the column before it on the shortest path
	slack        []float64 // by column: the length of that path
	done         []bool    // by column: the path is final
	rowPotential []float64
	potential    []float64 // by column
}

func newAssignment(m int) *assignment {
	return &assignment{
		m, make([]int, m+1), make([]int, m), make([]float64, m), make([]bool, m+1),
		make([]float64, m), make([]float64, m+1),
	}
}

// solve returns the row of each column.
func (a *assignment) solve(value []float64) []int {
	clear(a.rowPotential)
	clear(a.potential)
	for column := range a.rowOf {
		a.rowOf[column] = -1
	}
	for row := range a.m {
		a.augment(value, row)
	}
	return a.rowOf[:a.m]
}

// augment assigns one more row.
func (a *assignment) augment(value []float64, row int) {
	for j := range a.m {
		a.slack[j] = math.Inf(1)
	}
	clear(a.done)
	column := a.m
	a.rowOf[column] = row
	for a.rowOf[column] >= 0 {
		column = a.grow(value, column)
	}
	for column != a.m {
		previous := a.before[column]
		a.rowOf[column] = a.rowOf[previous]
		column = previous
	}
}

// grow makes the path to a column final, extends it by the column's row, moves the
// potentials by the distance to the nearest column and returns that column.
func (a *assignment) grow(value []float64, column int) (nearest int) {
	a.done[column] = true
	row, least := a.rowOf[column], math.Inf(1)
	for j := range a.m {
		if a.done[j] {
			continue
		}
		if cost := -value[row*a.m+j] - a.rowPotential[row] - a.potential[j]; cost < a.slack[j] {
			a.slack[j], a.before[j] = cost, column
		}
		if a.slack[j] < least {
			nearest, least = j, a.slack[j]
		}
	}
	for j := range a.done {
		if a.done[j] {
			a.rowPotential[a.rowOf[j]] += least
			a.potential[j] -= least
		} else if j < a.m {
			a.slack[j] -= least
		}
	}
	return nearest
}
