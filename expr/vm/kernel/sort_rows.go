package kernel

// SortRows sets the rows of dst to the sorted rows of x, which have n entries and follow each other; the lengths of
// slices are those of whole rows, here and below. work is scratch of 2n. It reports false if an entry is NaN: then dst
// means nothing.
func SortRows[T Real](dst, x []T, n int, work []int) bool {
	return sortRows(linearOf[T](chosen), dst, x, n, work)
}

func sortRows[T Real](l *linear[T], dst, x []T, n int, work []int) bool {
	if v := l.pairs(x, n); v > 0 {
		if l.sortPairs(&dst[0], &x[0], v) {
			return false
		}
		dst, x = dst[v*l.lanes:], x[v*l.lanes:]
	}
	order, spare := work[:n], work[n:2*n]
	for ; len(x) > 0; dst, x = dst[n:], x[n:] {
		if !l.orderRow(order, x[:n], spare) {
			return false
		}
		for i, at := range order {
			dst[i] = x[at]
		}
	}
	return true
}

// pairs returns how many vectors of x the kernels for rows of two take; what is left of x is for Go.
func (l *linear[T]) pairs(x []T, n int) int {
	if n != 2 || l.sortPairs == nil {
		return 0
	}
	return len(x) / l.lanes
}

// OrderRows writes for each row of n entries of x two rows of dst that say how to sort it: for every position of the
// sorted row the position of the entry that goes there, and the first position of the entries that tie with it. work
// is scratch of 2n. It reports false if an entry is NaN: then dst means nothing.
func OrderRows[T Real](dst, x []T, n int, work []int) bool {
	return orderRows(linearOf[T](chosen), dst, x, n, work)
}

func orderRows[T Real](l *linear[T], dst, x []T, n int, work []int) bool {
	if v := l.pairs(x, n); v > 0 {
		if l.orderPairs(&dst[0], &x[0], v) {
			return false
		}
		dst, x = dst[2*v*l.lanes:], x[v*l.lanes:]
	}
	order, spare := work[:n], work[n:2*n]
	for ; len(x) > 0; dst, x = dst[2*n:], x[n:] {
		if !l.orderRow(order, x[:n], spare) {
			return false
		}
		from, tied := dst[:n], dst[n:2*n]
		first, last := 0, x[order[0]]
		for i, at := range order {
			v := x[at]
			if v > last {
				first = i
			}
			from[i], tied[i], last = T(at), T(first), v
		}
	}
	return true
}

// PermuteRows sets each row of dst, of n entries, to that of x in the order that OrderRows has written. It reports
// false if the first row of an order has a number that is not a position: then dst means nothing.
func PermuteRows[T Real](dst, order, x []T, n int) bool {
	return permuteRows(linearOf[T](chosen), dst, order, x, n)
}

func permuteRows[T Real](l *linear[T], dst, order, x []T, n int) bool {
	dst, order, x = l.exchange(dst, order, x, n)
	for ; len(dst) > 0; dst, order, x = dst[n:], order[2*n:], x[n:] {
		row := x[:n]
		for i, v := range order[:n] {
			at, ok := index(v, n)
			if !ok {
				return false
			}
			dst[i] = row[at]
		}
	}
	return true
}

// UnpermuteRows undoes PermuteRows: it puts each entry of x where PermuteRows takes it from, and 0 where that takes
// none from. It reports false as PermuteRows does.
func UnpermuteRows[T Real](dst, order, x []T, n int) bool {
	return unpermuteRows(linearOf[T](chosen), dst, order, x, n)
}

func unpermuteRows[T Real](l *linear[T], dst, order, x []T, n int) bool {
	dst, order, x = l.exchange(dst, order, x, n)
	clear(dst)
	for ; len(dst) > 0; dst, order, x = dst[n:], order[2*n:], x[n:] {
		row := dst[:n]
		for i, v := range order[:n] {
			at, ok := index(v, n)
			if !ok {
				return false
			}
			row[at] = x[i]
		}
	}
	return true
}

// exchange permutes rows of two, which undoes it too, and returns what it leaves to do: all if an order of two lists
// one position twice, or what is none.
func (l *linear[T]) exchange(dst, order, x []T, n int) (restDst, restOrder, restX []T) {
	v := l.pairs(x, n)
	if v == 0 || l.permutePairs(&dst[0], &order[0], &x[0], v) {
		return dst, order, x
	}
	return dst[v*l.lanes:], order[2*v*l.lanes:], x[v*l.lanes:]
}

// index returns v as a position in a row of n.
func index[T Real](v T, n int) (at int, ok bool) {
	at = int(v)
	return at, uint(at) < uint(n) && T(at) == v
}
