package descent

import (
	"math"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// rankTolerance is the part of the largest pivot below which a row or column counts as dependent on
// others: the square root of the rounding of float64, so that a Newton step is never longer than
// the residual times 10⁸ in scaled units.
const rankTolerance = 1e-8

// leastSquares solves a·v ≈ b, row by row scaled to length 1 and so column by column, by Householder
// reflections with column pivoting (Golub and Van Loan, Matrix Computations, section 5.5.5): the
// basic solution, in which variables beyond the rank are 0. It overwrites a, its rows, and b.
func leastSquares(a [][]float64, b []float64, columns int) (v []float64, rank int) {
	scales := equilibrate(a, b, columns)
	order := make([]int, columns)
	for j := range order {
		order[j] = j
	}
	first := 0.0
	for rank < min(len(a), columns) {
		norm := pivot(a, order, rank)
		if rank == 0 {
			first = norm
		}
		if norm == 0 || norm <= first*rankTolerance {
			break
		}
		reflect(a, b, order, rank, norm)
		rank++
	}
	v = make([]float64, columns)
	for i := rank - 1; i >= 0; i-- {
		sum := b[i]
		for j := i + 1; j < rank; j++ {
			sum -= float64(a[i][order[j]] * v[order[j]])
		}
		v[order[i]] = sum / a[i][order[i]]
	}
	for j := range v {
		v[j] *= scales[j]
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
	scales := make([]float64, columns)
	for j := range scales {
		scales[j] = 1
		if norm := columnNorm(a, j, 0); norm > 0 {
			scales[j] = 1 / norm
		}
		for _, row := range a {
			row[j] *= scales[j]
		}
	}
	return scales
}

// columnNorm is the length of a column from row k on.
func columnNorm(a [][]float64, j, k int) float64 {
	sum := 0.0
	for _, row := range a[k:] {
		sum += float64(row[j] * row[j])
	}
	return math.Sqrt(sum)
}

// pivot puts the longest of the remaining columns at position k and returns its length.
func pivot(a [][]float64, order []int, k int) float64 {
	best, longest := k, -1.0
	for p := k; p < len(order); p++ {
		if norm := columnNorm(a, order[p], k); norm > longest {
			best, longest = p, norm
		}
	}
	order[k], order[best] = order[best], order[k]
	return longest
}

// reflect makes the entries of column k below the diagonal 0.
func reflect(a [][]float64, b []float64, order []int, k int, norm float64) {
	column := order[k]
	alpha := -math.Copysign(norm, a[k][column])
	w := make([]float64, len(a)-k)
	for i := range w {
		w[i] = a[k+i][column]
	}
	w[0] -= alpha
	half := dot(w, w) / 2
	for _, j := range order[k:] {
		t := 0.0
		for i, wi := range w {
			t += float64(wi * a[k+i][j])
		}
		for i, wi := range w {
			a[k+i][j] -= float64(t / half * wi)
		}
	}
	t := dot(w, b[k:]) / half
	for i, wi := range w {
		b[k+i] -= float64(t * wi)
	}
}
