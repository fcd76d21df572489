package kernel

import (
	"math/rand/v2"
	"syscall"
	"testing"
	"unsafe"
)

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

// Nor does it touch one outside of its scratch.
func TestOrderGuardPages(t *testing.T) {
	page := guarded(t)
	room := func(n int) []int {
		from := len(page) - n*int(unsafe.Sizeof(0))
		return unsafe.Slice((*int)(unsafe.Pointer(&page[from])), n)
	}
	eachSorting(t,
		func(_ *testing.T, l *linear[float64]) { orderInto(l, room) },
		func(_ *testing.T, l *linear[float32]) { orderInto(l, room) })
}

func orderInto[T Real](l *linear[T], room func(n int) []int) {
	r := rand.New(rand.NewPCG(4, 4))
	for n := 1; n < syscall.Getpagesize()/8; n++ {
		l.orderRow(make([]int, n), drawRow[T](r, n, rowsToSort["normal"]), room(n))
	}
}
