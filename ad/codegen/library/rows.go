package library

// RowAt returns which of n rows v lists, or −1.
func RowAt(v float64, n int) int {
	if v >= 0 && v < float64(n) && v == float64(int(v)) {
		return int(v)
	}
	return -1
}

// GatherRows sets the rows of dst, of d entries, to the rows of x that index lists, and to 0 where it lists none.
func GatherRows(dst, index, x []float64, d int) {
	clear(dst)
	for j, v := range index {
		if row := RowAt(v, len(x)/d); row >= 0 {
			copy(dst[j*d:], x[row*d:(row+1)*d])
		}
	}
}

// ScatterRows adds the rows of x, of d entries, to the rows of zeros that index lists.
func ScatterRows(dst, index, x []float64, d int) {
	clear(dst)
	for j, v := range index {
		row := RowAt(v, len(dst)/d)
		if row < 0 {
			continue
		}
		out := dst[row*d : (row+1)*d]
		for i, y := range x[j*d : (j+1)*d] {
			out[i] += y
		}
	}
}
