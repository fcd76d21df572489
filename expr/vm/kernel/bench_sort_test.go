package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// Rows of several lengths: how to sort them, sorted, and permuted.
func BenchmarkSort(b *testing.B) {
	for _, n := range []int{2, 4, 8, 32, 128, 512, 1024, 1 << 16} {
		b.Run(fmt.Sprintf("%d/float64", n), func(b *testing.B) { benchmarkSort[float64](b, n) })
		b.Run(fmt.Sprintf("%d/float32", n), func(b *testing.B) { benchmarkSort[float32](b, n) })
	}
}

func benchmarkSort[T Real](b *testing.B, n int) {
	const entries = 1 << 16
	x := drawRow[T](rand.New(rand.NewPCG(1, 1)), entries, rowsToSort["normal"])
	dst, order, work := make([]T, entries), make([]T, 2*entries), make([]int, 2*n)
	for name, f := range map[string]func() bool{
		"sort":      func() bool { return SortRows(dst, x, n, work) },
		"order":     func() bool { return OrderRows(order, x, n, work) },
		"permute":   func() bool { return PermuteRows(dst, order, x, n) },
		"unpermute": func() bool { return UnpermuteRows(dst, order, x, n) },
	} {
		OrderRows(order, x, n, work)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/entries, "ns/entry")
		})
	}
}
