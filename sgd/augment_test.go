package sgd_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/sgd"
)

// fixed is a source that gives the same uniform number in turns.
type fixed struct {
	values []float64
	at     int
}

// Uint64 makes rand.Float64 return the next value, up to 2⁻⁵³.
func (f *fixed) Uint64() uint64 {
	v := f.values[f.at%len(f.values)]
	f.at++
	return uint64(v * (1 << 53))
}

// augmented moves an image by given parts of the ranges, each in [0, 1): ½ is none.
func augmented(m sgd.Images, src []float64, angle, size, down, right float64) []float64 {
	dst := make([]float64, len(src))
	m.Augment(dst, src, rand.New(&fixed{values: []float64{angle, size, down, right}}))
	return dst
}

// One pixel down and two to the left: what comes in is 0.
func TestShift(t *testing.T) {
	m := sgd.Images{Channels: 2, Height: 3, Width: 4, Shift: 2}
	src := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, -1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -12}
	require.InDeltaSlice(t, []float64{
		0, 0, 0, 0, 3, 4, 0, 0, 7, 8, 0, 0,
		0, 0, 0, 0, -3, -4, 0, 0, -7, -8, 0, 0,
	}, augmented(m, src, .5, .5, .75, 0), 1e-12)
}

// A quarter turn permutes the pixels of a square: first counterclockwise, then clockwise.
func TestQuarterTurn(t *testing.T) {
	m := sgd.Images{Channels: 1, Height: 3, Width: 3, Rotate: math.Pi}
	src := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9}
	require.InDeltaSlice(t, []float64{3, 6, 9, 2, 5, 8, 1, 4, 7}, augmented(m, src, .25, .5, .5, .5), 1e-12)
	require.InDeltaSlice(t, []float64{7, 4, 1, 8, 5, 2, 9, 6, 3}, augmented(m, src, .75, .5, .5, .5), 1e-12)
}

// Bilinear interpolation is exact on affine images, where no pixel comes from outside.
func TestLawAffineImages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, w := rapid.IntRange(3, 12).Draw(t, "h"), rapid.IntRange(3, 12).Draw(t, "w")
		m := sgd.Images{Channels: 1, Height: h, Width: w, Rotate: 3, Scale: .5, Shift: 2}
		part := rapid.Float64Range(0, .999)
		u := [4]float64{part.Draw(t, "angle"), part.Draw(t, "size"), part.Draw(t, "down"), part.Draw(t, "right")}
		image := func(i, j float64) float64 { return 2*i - 3*j + 7 }
		src := make([]float64, h*w)
		for k := range src {
			src[k] = image(float64(k/w), float64(k%w))
		}
		got := augmented(m, src, u[0], u[1], u[2], u[3])
		angle, size := 3*(2*u[0]-1), math.Pow(1.5, 2*u[1]-1)
		seen := 0
		for k, v := range got {
			y, x := float64(k/w)-float64(h-1)/2-2*(2*u[2]-1), float64(k%w)-float64(w-1)/2-2*(2*u[3]-1)
			i := (math.Cos(angle)*y-math.Sin(angle)*x)/size + float64(h-1)/2
			j := (math.Sin(angle)*y+math.Cos(angle)*x)/size + float64(w-1)/2
			if i > 0 && i < float64(h-1) && j > 0 && j < float64(w-1) {
				require.InDelta(t, image(i, j), v, 1e-10)
				seen++
			}
			if i < -1 || i > float64(h) || j < -1 || j > float64(w) {
				require.Zero(t, v)
			}
		}
	})
}

// The draws are in their ranges: moments of a uniform shift and of a symmetric one.
func TestMaskMoments(t *testing.T) {
	const n = 200_000
	rng := rand.New(rand.NewPCG(1, 2))
	mask := make([]float64, n)
	sgd.Bernoulli{Keep: .8}.Draw(mask, rng)
	kept := 0
	for _, v := range mask {
		if v != 0 {
			require.Equal(t, 1/.8, v)
			kept++
		}
	}
	require.InDelta(t, .8, float64(kept)/n, 5*math.Sqrt(.8*.2/n))
	sgd.Bernoulli{Keep: 1}.Draw(mask, rng)
	require.NotContains(t, mask, 0.0)
	sgd.Normal{Deviation: 3}.Draw(mask, rng)
	sum := 0.0
	for _, v := range mask {
		sum += v * v / n
	}
	require.InDelta(t, 9, sum, 5*9*math.Sqrt(2./n))
}
