package descent

import (
	"context"
	"math"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// rankTolerance is the part of the largest pivot below which a row or column counts as dependent on
// others: the square root of the rounding of float64, so that a Newton step is never longer than
// the residual times 10⁸ in scaled units.
const rankTolerance = 1e-8

// leastSquares solves a·v ≈ b, row by row scaled to length 1 and then column by column, by Householder
// reflections with column pivoting (Golub and Van Loan, Matrix Computations, section 5.5.5): the
// basic solution, in which variables beyond the rank are 0. It overwrites a, its rows, and b. When
// ctx ends it returns what is of no use at once.
func leastSquares(ctx context.Context, a [][]float64, b []float64, columns int) (v []float64, rank int) {
	scales := equilibrate(a, b, columns)
	order := make([]int, columns)
	for j := range order {
		order[j] = j
	}
	for first := 0.0; rank < min(len(a), columns) && ctx.Err() == nil; rank++ {
		norm := pivot(a, order, rank)
		if rank == 0 {
			first = norm
		}
		if !(norm > first*rankTolerance) {
			break
		}
		reflect(a[rank:], b[rank:], rank, norm)
	}
	v = make([]float64, columns)
	solution := make([]float64, rank)
	for i := rank - 1; i >= 0; i-- {
		solution[i] = (b[i] - dot(a[i][i+1:rank], solution[i+1:])) / a[i][i]
		v[order[i]] = float64(solution[i] * scales[order[i]])
	}
	return v, rank
}

// equilibrate scales rows and then columns to length 1 and returns the factors of the columns.
func equilibrate(a [][]float64, b []float64, columns int) []float64 {
	for i, row := range a {
		if norm := kernel.Norm(row); norm > 0 {
			scale(row, 1/norm, row)
			b[i] /= norm
		}
	}
	scales := squares(a, 0, columns)
	for j, sum := range scales {
		scales[j] = 1
		if sum > 0 {
			scales[j] = 1 / math.Sqrt(sum)
		}
	}
	for _, row := range a {
		for j := range row {
			row[j] *= scales[j]
		}
	}
	return scales
}

// squares are those of the lengths of the columns from some column on.
func squares(rows [][]float64, from, columns int) []float64 {
	out := make([]float64, columns-from)
	for _, row := range rows {
		for j, x := range row[from:] {
			out[j] += float64(x * x)
		}
	}
	return out
}

// pivot moves the longest of the columns from k on, as seen from row k on, to k and returns its length.
func pivot(a [][]float64, order []int, k int) float64 {
	lengths := squares(a[k:], k, len(order))
	best := 0
	for j, sum := range lengths {
		if sum > lengths[best] {
			best = j
		}
	}
	for _, row := range a {
		row[k], row[k+best] = row[k+best], row[k]
	}
	order[k], order[k+best] = order[k+best], order[k]
	return math.Sqrt(lengths[best])
}

// reflect makes column k of the rows, of length norm, a multiple of the first unit vector.
func reflect(rows [][]float64, b []float64, k int, norm float64) {
	w := column(rows, k)
	w[0] += math.Copysign(norm, w[0])
	half := dot(w, w) / 2
	along, alongB := make([]float64, len(rows[0])-k), dot(w, b)/half
	for i, row := range rows {
		move(along, along, w[i]/half, row[k:])
	}
	for i, row := range rows {
		move(row[k:], row[k:], -w[i], along)
		b[i] -= float64(alongB * w[i])
	}
}
