package expr

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// drawRat draws rationals of up to the given number of bits, 0 often among them.
func drawRat(t *rapid.T, length int) *big.Rat {
	draw := func(label string) *big.Int {
		b := rapid.SliceOfN(rapid.Byte(), 0, length/8).Draw(t, label)
		return new(big.Int).SetBytes(b)
	}
	num, den := draw("numerator"), draw("denominator")
	if rapid.Bool().Draw(t, "negative") {
		num.Neg(num)
	}
	return new(big.Rat).SetFrac(num, den.Add(den, big.NewInt(1)))
}

// Products over common denominators are those of rationals one by one, whatever
// the signs, lengths and strides, also where numbers are too long for lines.
func TestLawProductOfLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, k, n := rapid.IntRange(1, 3).Draw(t, "m"), rapid.IntRange(2, 4).Draw(t, "k"), rapid.IntRange(1, 3).Draw(t, "n")
		length := rapid.SampledFrom([]int{8, 64, 256, maxLineBits, 2 * maxLineBits}).Draw(t, "bits")
		flipA, flipB := rapid.IntRange(0, 1).Draw(t, "flip a"), rapid.IntRange(0, 1).Draw(t, "flip b")
		dims := func(rows, cols, flip int) Shape {
			s, err := NewShape([][]int{{rows, cols}, {cols, rows}}[flip]...)
			require.NoError(t, err)
			return s
		}
		shapes := []Shape{dims(m, k, flipA), dims(k, n, flipB)}
		c := &Call[*big.Rat]{Out: make([]*big.Rat, m*n), Shape: dims(m, n, 0), Shapes: shapes, Attr: Ints(flipA, flipB), Fault: new(Fault)}
		for _, s := range shapes {
			x := make([]*big.Rat, s.Size())
			for i := range x {
				x[i] = drawRat(t, length)
			}
			c.In = append(c.In, x)
		}
		matmulExact(c)
		ai, ap, bp, bj := matmulStrides(m, k, n, c.Attr)
		for i := range m {
			for j := range n {
				want := dotRat(c.In[0][i*ai:], ap, c.In[1][j*bj:], bp, k)
				require.Equal(t, want.RatString(), c.Out[i*n+j].RatString(), "entry %d, %d", i, j)
			}
		}
	})
}

// Long numbers are left to sums one by one.
func TestLinesRefuseLongNumbers(t *testing.T) {
	long := new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Lsh(big.NewInt(1), maxLineBits))
	for _, r := range []*big.Rat{long, new(big.Rat).Inv(long)} {
		_, ok := newLine([]*big.Rat{r}, 1, 1)
		require.False(t, ok)
	}
	_, ok := newLine([]*big.Rat{new(big.Rat).Mul(long, big.NewRat(2, 1))}, 1, 1)
	require.True(t, ok)
}

// The class of a germ looks at signs of exact products, which take time.
func BenchmarkMatmulExact(b *testing.B) {
	const n = 100
	s, _ := NewShape(n, n)
	x := make([]*big.Rat, n*n)
	for i := range x {
		x[i] = big.NewRat(int64(i*7919%1001-500), int64(i%13+1))
	}
	c := &Call[*big.Rat]{Out: make([]*big.Rat, n*n), In: [][]*big.Rat{x, x}, Shape: s, Shapes: []Shape{s, s}, Attr: Ints(0, 0)}
	for b.Loop() {
		matmulExact(c)
	}
}
