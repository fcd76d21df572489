package expr

import "slices"

// Ties are found by comparing the rows (k₀[i], k₁[i], …) of all keys
// lexicographically. Comparing one key after the other within selectors that
// are nested would be wrong for ranks and permutations.

// compareRows compares entries i and j of the row that starts at base.
func compareRows[T any](a *arith[T], keys [][]T, base, i, j int) int {
	for _, k := range keys {
		if s := a.cmp(k[base+i], k[base+j]); s != 0 {
			return s
		}
	}
	return 0
}

// rowWork is the scratch of order: room for an order and as much again to find it.
func rowWork(in []Shape) int { return 2 * in[0].Dim(-1) }

// order sorts the n indices of the row that starts at base, by ascending keys if
// dir is 1 and by descending keys if it is −1; ties keep ascending indices, and a
// NaN ties with all. The result begins work, which holds 2n. Reals are sorted by the
// first key, and then the tied blocks by the others.
func order[T any](work []int, a *arith[T], keys [][]T, base, n, dir int) []int {
	idx := work[:n]
	if a.order == nil || !a.order(idx, keys[0][base:base+n], work[n:2*n]) {
		for i := range idx {
			idx[i] = i
		}
		slices.SortStableFunc(idx, func(i, j int) int { return dir * compareRows(a, keys, base, i, j) })
		return idx
	}
	if dir > 0 && len(keys) == 1 {
		return idx
	}
	if dir < 0 {
		slices.Reverse(idx)
	}
	blocks(idx, a, keys[:1], base, func(lo, hi int) {
		tied := idx[lo:hi]
		if dir < 0 {
			slices.Reverse(tied)
		}
		if len(keys) > 1 {
			slices.SortStableFunc(tied, func(i, j int) int { return dir * compareRows(a, keys[1:], base, i, j) })
		}
	})
	return idx
}

// blocks calls f with every maximal run [lo, hi) of tied entries in sorted order.
func blocks[T any](idx []int, a *arith[T], keys [][]T, base int, f func(lo, hi int)) {
	for lo := 0; lo < len(idx); {
		hi := lo + 1
		for hi < len(idx) && compareRows(a, keys, base, idx[lo], idx[hi]) == 0 {
			hi++
		}
		f(lo, hi)
		lo = hi
	}
}

// canOrder reports whether n entries from base on can be ordered by the keys: a
// NaN among them is a fault.
func canOrder[T any](c *Call[T], a *arith[T], keys [][]T, base, n int) bool {
	for _, k := range keys {
		for i, v := range k[base : base+n] {
			if a.isNaN(v) {
				c.Fail(base+i, FaultNaN)
				return false
			}
		}
	}
	return true
}

// best lists the entries of the row that starts at base whose keys are the
// largest (dir 1) or the smallest (dir −1), in index order, into idx.
func best[T any](idx []int, a *arith[T], keys [][]T, base, n, dir int) []int {
	first, further := keys[0][base:base+n], keys[1:]
	idx = append(idx[:0], 0)
	top := first[0]
	for i := 1; i < n; i++ {
		c := dir * a.cmp(first[i], top)
		if c == 0 {
			c = dir * compareRows(a, further, base, i, idx[0])
		}
		switch {
		case c > 0:
			idx, top = append(idx[:0], i), first[i]
		case c == 0:
			idx = append(idx, i)
		}
	}
	return idx
}
