package expr

// Rows of a few entries, such as those of windows, are done in loops of their own: the
// call of a kernel for each of them costs more.
const shortRow = 8

// largestShort writes the largest entry of every row of n, the first of those that tie,
// and reports whether no row has a NaN.
func largestShort[T Real](dst, x []T, n int) bool {
	for b := range dst {
		row := x[b*n : b*n+n]
		v := row[0]
		for _, y := range row[1:] {
			v = max(v, y) // of −0 and 0 it is 0
		}
		if v != v {
			return false
		}
		if v == 0 {
			for _, v = range row {
				if v == 0 {
					break
				}
			}
		}
		dst[b] = v
	}
	return true
}

// markShort writes 1 at the largest entries of every row of n, else 0, and has settle see
// to rows in which several tie. It reports whether no row has a NaN.
func markShort[T Real](dst, x []T, n int, settle func(row, ties int)) bool {
	unit := [2]T{0, 1}
	for b := 0; (b+1)*n <= len(dst); b++ {
		row, out := x[b*n:b*n+n], dst[b*n:b*n+n]
		v := row[0]
		for _, y := range row[1:] {
			v = max(v, y)
		}
		if v != v {
			return false
		}
		ties := 0
		for i, y := range row {
			one := 0
			if y == v {
				one = 1
			}
			ties += one
			out[i] = unit[one]
		}
		if ties > 1 {
			settle(b, ties)
		}
	}
	return true
}

// repeatEach writes every entry of x so many times: a few one by one, and then as many again as there are.
func repeatEach[T any](dst, x []T, times int) {
	const few = 32
	for i, v := range x {
		out := dst[i*times : (i+1)*times]
		done := min(times, few)
		for j := range done {
			out[j] = v
		}
		for done < times {
			done += copy(out[done:], out[:done])
		}
	}
}
