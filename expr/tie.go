package expr

import "slices"

// Ties are found by comparing the rows (k₀[i], k₁[i], …) of all keys
// lexicographically. Comparing one key after the other within selectors that
// are nested would be wrong for ranks and permutations.

// compareRows compares entries i and j of rows of the given keys.
func compareRows[T any](a *arith[T], keys [][]T, i, j int) int {
	for _, k := range keys {
		if s := a.cmp(k[i], k[j]); s != 0 {
			return s
		}
	}
	return 0
}

// order sorts the indices of a row, by ascending keys if dir is 1 and by
// descending keys if it is −1; ties keep ascending indices.
func order[T any](idx []int, a *arith[T], keys [][]T, dir int) {
	for i := range idx {
		idx[i] = i
	}
	slices.SortStableFunc(idx, func(i, j int) int { return dir * compareRows(a, keys, i, j) })
}

// blocks calls f with every maximal run [lo, hi) of tied entries in sorted order.
func blocks[T any](idx []int, a *arith[T], keys [][]T, f func(lo, hi int)) {
	for lo := 0; lo < len(idx); {
		hi := lo + 1
		for hi < len(idx) && compareRows(a, keys, idx[lo], idx[hi]) == 0 {
			hi++
		}
		f(lo, hi)
		lo = hi
	}
}

// fewKeys is how many keys selectors compare without allocating.
const fewKeys = 4

// keyRows returns row b of the first m operands in dst; ok is false if one of
// them has a NaN, which is a fault.
func keyRows[T any](c *Call[T], a *arith[T], dst [][]T, b, m, n int) bool {
	for k := range m {
		dst[k] = c.row(k, b, n)
	}
	for _, key := range dst[:m] {
		for i, v := range key {
			if a.isNaN(v) {
				c.Fail(b*n+i, FaultNaN)
				return false
			}
		}
	}
	return true
}
