package kernel

import (
	"math/rand/v2"
	"testing"
	"unsafe"
)

// lodge copies a slice to the end, or the beginning, of a guarded page.
func lodge[E any](page []byte, atEnd bool, x []E) []E {
	if len(x) == 0 {
		return nil
	}
	if atEnd {
		page = page[len(page)-len(x)*int(unsafe.Sizeof(x[0])):]
	}
	y := unsafe.Slice((*E)(unsafe.Pointer(&page[0])), len(x))
	copy(y, x)
	return y
}

func testGuarded[T Real](t *testing.T) {
	var pages [5][]byte
	for i := range pages {
		pages[i] = guarded(t)
	}
	r := rand.New(rand.NewPCG(7, 8))
	eachLinear(t, func(t *testing.T, l *linear[T]) {
		for i := range 4000 {
			atEnd := i%2 == 0
			m, n, k := 1+r.IntN(20), 1+r.IntN(25), 1+r.IntN(20)
			if r.IntN(8) == 0 { // few columns
				m, n, k = 32, 2+r.IntN(11), 16
			}
			p := Product{M: m, N: n, K: k, RowA: k, ColA: 1, RowB: n, ColB: 1, RowC: n, Count: 1}
			if r.IntN(2) == 0 {
				p.RowA, p.ColA = 1, m
			}
			if r.IntN(2) == 0 {
				p.RowB, p.ColB = 1, k
			}
			a, b := lodge(pages[0], atEnd, drawn[T](r, m*k, false)), lodge(pages[1], atEnd, drawn[T](r, k*n, false))
			c, bias := lodge(pages[2], atEnd, make([]T, m*n)), lodge(pages[3], atEnd, drawn[T](r, n, false))
			if r.IntN(2) == 0 {
				bias = nil
			}
			multiply(l, p, c, a, b, bias, make([]T, p.Scratch()))
			want := make([]T, m*n)
			plainProducts(&p, want, a, b, bias)
			sameBits(t, want, c, p)

			a, b = lodge(pages[0], atEnd, drawn[T](r, m*k, false)), lodge(pages[1], atEnd, drawn[T](r, m*k, false))
			l.sumRows(lodge(pages[2], atEnd, make([]T, m)), a, k)
			l.sumOn(lodge(pages[2], atEnd, make([]T, Accumulators[T]())), a)
			l.dotRows(lodge(pages[2], atEnd, make([]T, m)), a, b, k)
			l.sumColumns(lodge(pages[2], atEnd, make([]T, k)), a, m, k)
		}
	})
}

// Rows that are packed are read and written to their ends, and no further.
func testPacksGuarded[T Real](t *testing.T) {
	from, to := guarded(t), guarded(t)
	r := rand.New(rand.NewPCG(9, 10))
	eachLinear(t, func(t *testing.T, l *linear[T]) {
		if l.pack == nil {
			t.Skip("the path in Go packs nothing")
		}
		for width, pack := range map[int]func(dst, src *T, rowS, rows int){2 * l.lanes: l.pack, band: l.packBand} {
			for rows := 1; rows <= 2*fewAtOnce; rows++ {
				for _, stride := range []int{width, width + 1, width + r.IntN(9)} {
					for _, atEnd := range []bool{false, true} {
						src := lodge(from, atEnd, drawn[T](r, (rows-1)*stride+width, true))
						dst := lodge(to, atEnd, make([]T, rows*width))
						pack(&dst[0], &src[0], stride, rows)
						for i := range rows {
							sameBits(t, src[i*stride:][:width], dst[i*width:][:width], stride)
						}
					}
				}
			}
		}
	})
}

func TestPacksInGuardPages(t *testing.T) {
	t.Run("float64", testPacksGuarded[float64])
	t.Run("float32", testPacksGuarded[float32])
}

// No byte outside of the matrices is touched.
func TestProductsInGuardPages(t *testing.T) {
	t.Run("float64", testGuarded[float64])
	t.Run("float32", testGuarded[float32])
}
