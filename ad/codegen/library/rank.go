package library

// Rank sets dst to the weights of the entries of ranks from to to, counted from the largest key: 1 within, 0
// outside. A block of tied entries that is only partly within takes the weights of the slot. Room has 2·len(dst)
// entries.
func Rank(dst, slot []float64, from, to int, room []float64, keys ...[]float64) {
	n := len(dst)
	order := room[:n]
	OrderDown(order, room[n:2*n], keys...)
	for lo := 0; lo < n; {
		hi := TiedBlock(order, lo, keys)
		count := min(hi, to) - max(lo, from)
		for _, i := range order[lo:hi] {
			switch at := int(i); {
			case count <= 0:
				dst[at] = 0
			case count == hi-lo:
				dst[at] = 1
			default:
				dst[at] = slot[at]
			}
		}
		lo = hi
	}
}

// TieBreak is Rank for a rule among tied entries: mode 0 takes the first of them, 1 the last, 2 an even share of
// each and 3 all.
func TieBreak(dst []float64, from, to, mode int, room []float64, keys ...[]float64) {
	n := len(dst)
	order := room[:n]
	OrderDown(order, room[n:2*n], keys...)
	for lo := 0; lo < n; {
		hi := TiedBlock(order, lo, keys)
		count := min(hi, to) - max(lo, from)
		for i, at := range order[lo:hi] {
			dst[int(at)] = TieShare(i, max(count, 0), hi-lo, mode)
		}
		lo = hi
	}
}

// TieShare returns the weight of entry i of a tied block of so many entries, of which count are selected.
func TieShare(i, count, size, mode int) float64 {
	switch {
	case count == 0:
		return 0
	case count == size:
		return 1
	case mode == 0 && i < count || mode == 1 && i >= size-count || mode == 3:
		return 1
	case mode == 2:
		return float64(count) / float64(size)
	}
	return 0
}

// TiedRank sets dst to 1 on blocks of tied entries that are partly of ranks from to to, else 0.
func TiedRank(dst []float64, from, to int, room []float64, keys ...[]float64) {
	n := len(dst)
	order := room[:n]
	OrderDown(order, room[n:2*n], keys...)
	for lo := 0; lo < n; {
		hi := TiedBlock(order, lo, keys)
		count := min(hi, to) - max(lo, from)
		for _, at := range order[lo:hi] {
			dst[int(at)] = 0
			if count > 0 && count < hi-lo {
				dst[int(at)] = 1
			}
		}
		lo = hi
	}
}

// OneAt sets dst to 1 where x is v, else 0, and settles ties: mode 0 leaves the first, 1 the last, 2 an even share
// of each and 3 all.
func OneAt(dst, x []float64, v float64, mode int) {
	dst = dst[:len(x)]
	clear(dst)
	ties, first, last := 0, 0, 0
	for i, y := range x {
		if y == v {
			if ties == 0 {
				first = i
			}
			dst[i] = 1
			last = i
			ties++
		}
	}
	switch {
	case ties < 2 || mode == 3:
	case mode == 2:
		share := 1 / float64(ties)
		for i, w := range dst {
			dst[i] = float64(share * w)
		}
	default:
		clear(dst)
		if mode == 1 {
			first = last
		}
		dst[first] = 1
	}
}

// ShareOf returns an even share of 1 for each entry that is v.
func ShareOf(x []float64, v float64) float64 {
	ties := 0
	for _, y := range x {
		if y == v {
			ties++
		}
	}
	return 1 / float64(max(ties, 1))
}

// SlotAt sets dst to 1 where x is v, else 0, or, if several are, to the slot there.
func SlotAt(dst, x, slot []float64, v float64) {
	dst = dst[:len(x)]
	clear(dst)
	ties := 0
	for i, y := range x {
		if y == v {
			dst[i] = 1
			ties++
		}
	}
	for i := 0; i < len(x) && ties > 1; i++ {
		if dst[i] == 1 {
			dst[i] = slot[i]
		}
	}
}
