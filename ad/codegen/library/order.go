package library

// Less reports whether row i of the keys, compared lexicographically, comes before row j.
func Less(keys [][]float64, i, j int) bool {
	for _, k := range keys {
		if k[i] != k[j] {
			return k[i] < k[j]
		}
	}
	return false
}

// Order sets order to the positions of the entries in ascending order of their keys; ties keep the order of
// positions. Room has as many entries as order.
func Order(order, room []float64, keys ...[]float64) {
	n := len(order)
	for i := range order {
		order[i] = float64(i)
	}
	from, to := order, room[:n]
	for width := 1; width < n; width *= 2 { // merges of runs, bottom up
		for lo := 0; lo < n; lo += 2 * width {
			mid, hi := min(lo+width, n), min(lo+2*width, n)
			for i, j, at := lo, mid, lo; at < hi; at++ {
				if i < mid && (j == hi || !Less(keys, int(from[j]), int(from[i]))) {
					to[at] = from[i]
					i++
				} else {
					to[at] = from[j]
					j++
				}
			}
		}
		from, to = to, from
	}
	copy(order, from)
}

// FirstNaN returns the first index of a NaN, or −1.
func FirstNaN(x []float64) int {
	for i, v := range x {
		if v != v {
			return i
		}
	}
	return -1
}

// SortRow sets dst to entries lo to hi of the sorted x, in ascending order, or if reversed is set to so many of
// the last ones in descending order. Room has 2·len(x) entries.
func SortRow(dst, x []float64, lo, hi int, reversed bool, room []float64) {
	n := len(x)
	if bad := FirstNaN(x); bad >= 0 {
		for i := range hi - lo {
			dst[i] = x[bad]
		}
		return
	}
	order := room[:n]
	Order(order, room[n:2*n], x)
	for i := range hi - lo {
		p := lo + i
		if reversed {
			p = n - 1 - p
		}
		dst[i] = x[int(order[p])]
	}
}

// RankMean averages the entries of x of ranks from to to, counted from the largest. Room has 2·len(x) entries.
func RankMean(x []float64, from, to, divisor int, room []float64) float64 {
	n := len(x)
	if bad := FirstNaN(x); bad >= 0 {
		return x[bad]
	}
	order := room[:n]
	OrderDown(order, room[n:2*n], x)
	s := x[int(order[from])]
	for _, at := range order[from+1 : to] {
		s += x[int(at)]
	}
	if divisor > 1 {
		s = float64(s * float64(1/float64(divisor)))
	}
	return s
}

// OrderDown is Order by descending keys; ties keep the order of positions as well.
func OrderDown(order, room []float64, keys ...[]float64) {
	n := len(order)
	Order(order, room, keys...)
	for i, v := range order {
		room[n-1-i] = v
	}
	copy(order, room[:n])
	for lo := 0; lo < n; {
		hi := TiedBlock(order, lo, keys)
		for i, j := lo, hi-1; i < j; i, j = i+1, j-1 {
			order[i], order[j] = order[j], order[i]
		}
		lo = hi
	}
}

// TiedBlock returns the end of the block of tied entries that begins at lo in sorted order.
func TiedBlock(order []float64, lo int, keys [][]float64) int {
	hi := lo + 1
	for hi < len(order) && !Less(keys, int(order[lo]), int(order[hi])) && !Less(keys, int(order[hi]), int(order[lo])) {
		hi++
	}
	return hi
}

// Quantile returns the entry of rank k, counted from the smallest, or, if high is not 0, low times it plus high
// times the next. Room has 2·len(x) entries.
func Quantile(x []float64, k int, low, high float64, room []float64) float64 {
	n := len(x)
	if bad := FirstNaN(x); bad >= 0 {
		return x[bad]
	}
	order := room[:n]
	Order(order, room[n:2*n], x)
	y := x[int(order[k])]
	if high > 0 {
		if z := x[int(order[k+1])]; y != z {
			y = float64(low*y) + float64(high*z)
		}
	}
	return y
}
