package kernel

import "testing"

// Sorting touches no byte outside of its slices: they end, or begin, at a page that must not be touched.
func TestSortGuardPages(t *testing.T) {
	var pages [4][]byte
	for i := range pages {
		pages[i] = guarded(t)
	}
	eachSorting(t,
		func(t *testing.T, l *linear[float64]) {
			requireRows(t, l, func(i int, x []float64, atEnd bool) []float64 { return lodge(pages[i], atEnd, x) })
		},
		func(t *testing.T, l *linear[float32]) {
			requireRows(t, l, func(i int, x []float32, atEnd bool) []float32 { return lodge(pages[i], atEnd, x) })
		})
}
