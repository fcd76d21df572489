package library

import "math"

// MatMul sets dst, m×n in rows, to the product of a and b over k terms. Entry (i, p) of a is a[i·rowA + p·colA],
// entry (p, j) of b is b[p·rowB + j·colB].
func MatMul(dst, a, b []float64, m, n, k, rowA, colA, rowB, colB int) {
	for i := range m {
		row := dst[i*n : (i+1)*n]
		if n > 1 && colB == 1 {
			clear(row)
			for p := range k {
				v := a[i*rowA+p*colA]
				for j, w := range b[p*rowB : p*rowB+n] {
					row[j] = math.FMA(v, w, row[j])
				}
			}
			continue
		}
		for j := range row {
			s := 0.0
			for p := range k {
				s = math.FMA(a[i*rowA+p*colA], b[p*rowB+j*colB], s)
			}
			row[j] = s
		}
	}
}

// Outer sets dst to the outer product of x and y, in rows of the length of y.
func Outer(dst, x, y []float64) {
	for i, v := range x {
		row := dst[i*len(y) : (i+1)*len(y)]
		for j, w := range y {
			row[j] = float64(v * w)
		}
	}
}
