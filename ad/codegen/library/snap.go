package library

import "github.com/tamegrad/tamegrad/expr/vm/kernel"

// SnapRow sets dst to x, where entries that differ by at most tol from their neighbours in sorted order have the
// value of the largest of them. Room has 2·len(x) entries.
func SnapRow(dst, x []float64, tol float64, room []float64) {
	n := len(x)
	order, last := room[:n], 0.0
	OrderDown(order, room[n:2*n], x)
	for k, at := range order {
		v := x[int(at)]
		dst[int(at)] = v
		if k > 0 && last-v <= tol {
			dst[int(at)] = dst[int(order[k-1])]
		}
		last = v
	}
}

// SnapVector sets dst to x, or to 0 if its norm is at most tol.
func SnapVector(dst, x []float64, tol float64) {
	if kernel.Norm(x) <= tol {
		clear(dst)
		return
	}
	copy(dst, x)
}
