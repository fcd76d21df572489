package library

// Prod returns the product of the entries of x.
func Prod(x []float64) float64 {
	p := x[0]
	for _, v := range x[1:] {
		p = float64(p * v)
	}
	return p
}

// ProdOthers sets each entry of dst to the product of the other entries of x.
func ProdOthers(dst, x []float64) {
	before, behind := 1.0, 1.0
	for i, v := range x {
		dst[i] = before
		before = float64(before * v)
	}
	for i := len(x) - 1; i >= 0; i-- {
		dst[i] = float64(dst[i] * behind)
		behind = float64(behind * x[i])
	}
}

// CumSum sets dst to the running sums of x.
func CumSum(dst, x []float64) {
	s := x[0]
	dst[0] = s
	for i := 1; i < len(x); i++ {
		s += x[i]
		dst[i] = s
	}
}

// CumSumBack sets dst to the running sums of x from its end.
func CumSumBack(dst, x []float64) {
	n := len(x) - 1
	s := x[n]
	dst[n] = s
	for i := n - 1; i >= 0; i-- {
		s += x[i]
		dst[i] = s
	}
}
