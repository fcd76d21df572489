package kernel

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// Parts of products, in any order, give what the whole does.
func TestParts(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	cut, repeats := 0, 6
	if testing.Short() {
		repeats = 1
	}
	for _, s := range [][4]int{{300, 100, 200, 1}, {100, 300, 200, 1}, {97, 193, 400, 1}, {30, 40, 500, 9}, {1000, 1000, 3, 1}, {1, 3000, 2000, 1}, {5, 6, 7, 8}} {
		for range repeats {
			p := drawProduct[float64](r, s[0], s[1], s[2], false)
			p.Count = s[3]
			p.a, p.b = drawn[float64](r, p.Count*p.NextA+(s[0]+9)*(s[2]+9), false), drawn[float64](r, p.Count*p.NextB+(s[1]+9)*(s[2]+9), false)
			if p.bias != nil {
				p.bias = drawn[float64](r, p.Count*p.NextBias+s[1], false)
			}
			want, got := p.blank(), p.blank()
			NewMultiplier[float64](p.Product).Multiply(want, p.a, p.b, p.bias, make([]float64, p.Scratch()))
			parts := p.Parts(1 + r.IntN(5))
			r.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
			for _, q := range parts {
				NewMultiplier[float64](q.Product).Multiply(got[q.C:], p.a[q.A:], p.b[q.B:], after(p.bias, q.Bias), make([]float64, q.Scratch()))
			}
			sameBits(t, want, got, p.Product)
			cut += len(parts) - 1
		}
	}
	require.Positive(t, cut)
	small := Product{M: 20, N: 20, K: 20, Count: 1}
	require.Len(t, small.Parts(8), 1)
}

// Two parts of a large product differ by less than two tiles.
func TestPartsAreEven(t *testing.T) {
	for _, s := range [][3]int{{128, 256, 784}, {784, 256, 128}, {128, 128, 256}, {1024, 1024, 1024}, {500, 100, 100}} {
		m, n, k := s[0], s[1], s[2]
		p := Product{M: m, N: n, K: k, RowA: k, ColA: 1, RowB: n, ColB: 1, RowC: n, Count: 1}
		parts := p.Parts(2)
		require.Len(t, parts, 2)
		first, second := parts[0].Product, parts[1].Product
		require.Less(t, first.M-second.M, 2*band, s)
		require.Less(t, first.N-second.N, 2*widest, s)
	}
}
