package library

import "github.com/tamegrad/tamegrad/expr/vm/kernel"

// Nearest sets dst to the indices of the k nearest rows of x, of d entries, for each row of y, nearest first; ties go
// to the lower index. Near has room for as many distances as x has rows.
func Nearest(dst, x, y []float64, d, k int, near []float64) {
	for j := range len(y) / d {
		out, listed := dst[j*k:(j+1)*k], 0
		for i := range near {
			near[i] = kernel.SquaredDistance(x[i*d:(i+1)*d], y[j*d:(j+1)*d])
			at := listed
			for at > 0 && near[i] < near[int(out[at-1])] {
				at--
			}
			if at < k {
				listed = min(listed+1, k)
				copy(out[at+1:listed], out[at:listed-1])
				out[at] = float64(i)
			}
		}
	}
}

// Farthest sets dst to the indices of rows of x, of d entries: first row 0, then always the row farthest from those
// taken; ties go to the lowest index. Near has room for as many distances as x has rows.
func Farthest(dst, x []float64, d int, near []float64) {
	last := 0
	for o := range dst {
		dst[o] = float64(last)
		for i := range near {
			if v := kernel.SquaredDistance(x[i*d:(i+1)*d], x[last*d:(last+1)*d]); o == 0 || v < near[i] {
				near[i] = v
			}
		}
		near[last] = -1 // below every distance
		last = 0
		for i, v := range near {
			if v > near[last] {
				last = i
			}
		}
	}
}
