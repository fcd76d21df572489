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

// leastSquares solves a·v ≈ b and overwrites the rows of a: see factorise.
func leastSquares(ctx context.Context, a [][]float64, b []float64, columns int) (v []float64, rank int) {
	f := factorise(ctx, a, columns)
	return f.solve(b), f.rank
}

// factors solve problems of least squares with one matrix, whose rows and then columns are scaled to
// length 1.
type factors struct {
	r             [][]float64 // the upper triangle in the leading rows and columns
	order         []int       // which column stands where
	rows, columns []float64   // scales
	reflections   [][]float64 // from row 0, 1, … on
	halves        []float64   // half their squared lengths
	rank          int
}

// factorise overwrites the rows of a by Householder reflections with column pivoting (Golub and Van Loan, Matrix
// Computations, section 5.5.5). When ctx ends it returns what is of no use at once.
func factorise(ctx context.Context, a [][]float64, columns int) *factors {
	f := &factors{r: a}
	f.equilibrate(columns)
	for j := range columns {
		f.order = append(f.order, j)
	}
	for first := 0.0; f.rank < min(len(a), columns) && ctx.Err() == nil; f.rank++ {
		norm := f.pivot()
		if f.rank == 0 {
			first = norm
		}
		if !(norm > first*rankTolerance) {
			break
		}
		f.reflect(norm)
	}
	return f
}

// solve returns the basic solution for b, in which variables beyond the rank are 0.
func (f *factors) solve(b []float64) []float64 {
	c := make([]float64, len(b))
	for i := range b {
		c[i] = float64(b[i] * f.rows[i])
	}
	for k, w := range f.reflections {
		move(c[k:], c[k:], -dot(w, c[k:])/f.halves[k], w)
	}
	v, solution := make([]float64, len(f.columns)), make([]float64, f.rank)
	for i := f.rank - 1; i >= 0; i-- {
		solution[i] = (c[i] - dot(f.r[i][i+1:f.rank], solution[i+1:])) / f.r[i][i]
		v[f.order[i]] = float64(solution[i] * f.columns[f.order[i]])
	}
	return v
}

// equilibrate scales rows and then columns to length 1.
func (f *factors) equilibrate(columns int) {
	for _, row := range f.r {
		f.rows = append(f.rows, inverse(kernel.Norm(row)))
		scale(row, f.rows[len(f.rows)-1], row)
	}
	f.columns = squares(f.r, 0, columns)
	for j, sum := range f.columns {
		f.columns[j] = inverse(math.Sqrt(sum))
	}
	for _, row := range f.r {
		for j := range row {
			row[j] *= f.columns[j]
		}
	}
}

// inverse is 1/x, but 1 for 0.
func inverse(x float64) float64 {
	if x > 0 {
		return 1 / x
	}
	return 1
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

// pivot moves the longest column, as seen from row and column k = rank on, to k and returns its length.
func (f *factors) pivot() float64 {
	k := f.rank
	lengths := squares(f.r[k:], k, len(f.order))
	best := 0
	for j, sum := range lengths {
		if sum > lengths[best] {
			best = j
		}
	}
	for _, row := range f.r {
		row[k], row[k+best] = row[k+best], row[k]
	}
	f.order[k], f.order[k+best] = f.order[k+best], f.order[k]
	return math.Sqrt(lengths[best])
}

// reflect makes column k, of length norm from row k on, a multiple of the first unit vector.
func (f *factors) reflect(norm float64) {
	k := f.rank
	rows := f.r[k:]
	w := column(rows, k)
	w[0] += math.Copysign(norm, w[0])
	half := dot(w, w) / 2
	f.reflections, f.halves = append(f.reflections, w), append(f.halves, half)
	along := make([]float64, len(rows[0])-k)
	for i, row := range rows {
		move(along, along, w[i]/half, row[k:])
	}
	for i, row := range rows {
		move(row[k:], row[k:], -w[i], along)
	}
}
