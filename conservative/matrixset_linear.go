package conservative

import (
	"context"
	"math"
	"math/big"
	"slices"
)

// Matrices are flat and row-major here, as clarke.Vectors or lists of numbers.

// arithmetic is one of the two that matrices are computed in. Rounded products
// are passed to functions, so that no compiler fuses them with a sum, and results
// have the same bits on all machines.
type arithmetic[T any] struct {
	zero, one          T
	add, sub, mul, quo func(a, b T) T
	isZero             func(a T) bool
	better             func(a, b T) bool // whether a serves better as a pivot
}

var float64s = arithmetic[float64]{
	zero: 0, one: 1,
	add:    func(a, b float64) float64 { return a + b },
	sub:    func(a, b float64) float64 { return a - b },
	mul:    func(a, b float64) float64 { return a * b },
	quo:    func(a, b float64) float64 { return a / b },
	isZero: func(a float64) bool { return a == 0 },
	better: func(a, b float64) bool { return math.Abs(a) > math.Abs(b) },
}

// Rationals take the first pivot that is not 0.
var rationals = arithmetic[*big.Rat]{
	zero: new(big.Rat), one: big.NewRat(1, 1),
	add:    func(a, b *big.Rat) *big.Rat { return new(big.Rat).Add(a, b) },
	sub:    func(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) },
	mul:    func(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) },
	quo:    func(a, b *big.Rat) *big.Rat { return new(big.Rat).Quo(a, b) },
	isZero: func(a *big.Rat) bool { return a.Sign() == 0 },
	better: func(a, b *big.Rat) bool { return a.Sign() != 0 && b.Sign() == 0 },
}

// solve returns the solution X of B·X = C, for an m × m matrix B and a matrix C of
// m rows, and det B, by Gauss and Jordan's elimination with partial pivoting. X
// is nil if B is singular: a pivot is exactly 0.
func (f arithmetic[T]) solve(ctx context.Context, m int, b, c []T) (x []T, det T, err error) {
	k := len(c) / m
	rows := make([][]T, m)
	for i := range rows {
		rows[i] = append(append(rows[i], b[i*m:(i+1)*m]...), c[i*k:(i+1)*k]...)
	}
	det = f.one
	for j := range rows {
		if err := ctx.Err(); err != nil {
			return nil, det, err
		}
		p := f.pivot(rows, j)
		if f.isZero(rows[p][j]) {
			return nil, f.zero, nil
		}
		if p != j {
			rows[p], rows[j] = rows[j], rows[p]
			det = f.sub(f.zero, det)
		}
		det = f.mul(det, rows[j][j])
		f.clear(rows, j)
	}
	for i := range rows {
		x = append(x, rows[i][m:]...)
	}
	return x, det, nil
}

func (f arithmetic[T]) pivot(rows [][]T, j int) int {
	p := j
	for i := j + 1; i < len(rows); i++ {
		if f.better(rows[i][j], rows[p][j]) {
			p = i
		}
	}
	return p
}

// clear divides row j by its pivot and takes multiples of it from all others.
func (f arithmetic[T]) clear(rows [][]T, j int) {
	head := rows[j][j]
	for c := j; c < len(rows[j]); c++ {
		rows[j][c] = f.quo(rows[j][c], head)
	}
	for i := range rows {
		if i == j || f.isZero(rows[i][j]) {
			continue
		}
		factor := rows[i][j]
		for c := j; c < len(rows[i]); c++ {
			rows[i][c] = f.sub(rows[i][c], f.mul(factor, rows[j][c]))
		}
	}
}

// product returns A·X + B for an m × n matrix A; B may be nil and is 0 then.
func (f arithmetic[T]) product(m int, a, x, b []T) []T {
	n := len(a) / m
	k := len(x) / n
	out := make([]T, m*k)
	for i := range out {
		out[i] = f.zero
		if b != nil {
			out[i] = b[i]
		}
		for l := range n {
			out[i] = f.add(out[i], f.mul(a[i/k*n+l], x[l*k+i%k]))
		}
	}
	return out
}

// minus returns a − b.
func (f arithmetic[T]) minus(a, b []T) []T {
	out := make([]T, len(a))
	for i := range out {
		out[i] = f.sub(a[i], b[i])
	}
	return out
}

// zeros returns n zeros, which the caller may replace but not change.
func (f arithmetic[T]) zeros(n int) []T { return slices.Repeat([]T{f.zero}, n) }

// identity returns the m × m unit matrix.
func (f arithmetic[T]) identity(m int) []T {
	out := f.zeros(m * m)
	for i := range m {
		out[i*m+i] = f.one
	}
	return out
}

// mean returns the mean of lists of one length.
func (f arithmetic[T]) mean(lists [][]T) []T {
	sum, count := f.zeros(len(lists[0])), f.zero
	for _, v := range lists {
		count = f.add(count, f.one)
		for i := range sum {
			sum[i] = f.add(sum[i], v[i])
		}
	}
	for i := range sum {
		sum[i] = f.quo(sum[i], count)
	}
	return sum
}
