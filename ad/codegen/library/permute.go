package library

// Permutation sets dst to the order that sorts the keys: n positions, then the first position of the tied block of
// each and, if dst has more rows, the mixing of the tied blocks from the slot. Room has n entries.
func Permutation(dst, slot []float64, n int, room []float64, keys ...[]float64) {
	order, first, mixing := dst[:n], dst[n:2*n], dst[2*n:]
	Order(order, room, keys...)
	clear(mixing)
	for lo := 0; lo < n; {
		hi := TiedBlock(order, lo, keys)
		for i := lo; i < hi; i++ {
			first[i] = float64(lo)
			switch {
			case len(mixing) == 0:
			case hi == lo+1:
				mixing[i*n+i] = 1
			default:
				copy(mixing[i*n+lo:i*n+hi], slot[i*n+lo:i*n+hi])
			}
		}
		lo = hi
	}
}

// TiedPermutation sets entry (i, j) of dst to 1, or with even to the even share, where sorted positions i and j tie,
// else to 0. Room has 2n entries.
func TiedPermutation(dst []float64, n int, even bool, room []float64, keys ...[]float64) {
	order := room[:n]
	Order(order, room[n:2*n], keys...)
	clear(dst)
	for lo := 0; lo < n; {
		hi := TiedBlock(order, lo, keys)
		share := 1.0
		if even {
			share = 1 / float64(hi-lo)
		}
		for i := lo; i < hi && hi > lo+1; i++ {
			for j := lo; j < hi; j++ {
				dst[i*n+j] = share
			}
		}
		lo = hi
	}
}

// Permute sets dst to the entries of x in the order of a permutation.
func Permute(dst, permutation, x []float64) {
	n := len(x)
	order, mixing := permutation[:n], permutation[2*n:]
	for i := range dst {
		if len(mixing) == 0 {
			dst[i] = x[int(order[i])]
			continue
		}
		s := 0.0
		for j, w := range mixing[i*n : (i+1)*n] {
			if w < 0 || w > 0 {
				s += float64(w * x[int(order[j])])
			}
		}
		dst[i] = s
	}
}

// Unpermute is the adjoint of Permute.
func Unpermute(dst, permutation, x []float64) {
	n := len(x)
	order, mixing := permutation[:n], permutation[2*n:]
	clear(dst)
	for j := range dst {
		k := int(order[j])
		if len(mixing) == 0 {
			dst[k] = x[j]
			continue
		}
		s := 0.0
		for i, v := range x {
			if w := mixing[i*n+j]; w < 0 || w > 0 {
				s += float64(w * v)
			}
		}
		dst[k] = s
	}
}
