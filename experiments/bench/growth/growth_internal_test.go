package growth

import (
	"math"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A power of the size is found again, with no scatter; a factor changes nothing.
func TestLawFitFindsPowers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		exponent := rapid.Float64Range(-3, 4).Draw(t, "exponent")
		factor := math.Exp(rapid.Float64Range(-20, 20).Draw(t, "log factor"))
		l := Law{Predicted: power(exponent)}
		var points []Point
		for size := 1; size <= 1<<10; size *= 2 {
			y := factor * math.Pow(float64(size), exponent)
			points = append(points, Point{Size: size, Median: y, Predicted: l.Predicted(float64(size))})
		}
		f := l.fit(Range{Below: 1e-9, Above: 1e-9}, points)
		require.InDelta(t, exponent, f.Exponent, 1e-10)
		require.InDelta(t, exponent, f.Predicted, 1e-10)
		require.InDelta(t, 0, f.StdErr, 1e-9)
		require.InEpsilon(t, factor, f.Factor, 1e-9)
		require.Equal(t, Within, f.Verdict)
	})
}

// The standard error is the scatter of slopes that noise makes: 1000 lines with noise of standard deviation s at
// x = 0, …, 7 have slopes of standard deviation s/√42.
func TestStdErrIsTheScatterOfSlopes(t *testing.T) {
	rng, s := generator(1), 0.3
	x := []float64{0, 1, 2, 3, 4, 5, 6, 7}
	sum, squares := 0.0, 0.0
	const lines = 1000
	for range lines {
		var points []Point
		for _, v := range x {
			size := 1 << int(v)
			points = append(points, Point{Size: size, Median: math.Exp2(v + s*rng.NormFloat64()), Predicted: float64(size)})
		}
		f := (&Law{}).fit(Range{}, points)
		sum += float64(f.StdErr * f.StdErr)
		squares += float64((f.Exponent - 1) * (f.Exponent - 1))
	}
	want := s / math.Sqrt(42)
	require.InEpsilon(t, want, math.Sqrt(squares/lines), 0.1)
	require.InEpsilon(t, want, math.Sqrt(sum/lines), 0.1)
}

func TestLawOverheadIsSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fixed, rate := rapid.Float64Range(0, 100).Draw(t, "fixed"), rapid.Float64Range(0.01, 100).Draw(t, "rate")
		var points []Point
		for size := 1; size <= 1<<8; size *= 2 {
			points = append(points, Point{Size: size, Median: fixed + rate*float64(size), Predicted: float64(size)})
		}
		o := overhead(points)
		require.InDelta(t, fixed, o.Fixed, 1e-7*(fixed+rate))
		require.InDelta(t, rate, o.Rate, 1e-7*(fixed+rate))
	})
	negative := []Point{{Median: 1, Predicted: 2}, {Median: 7, Predicted: 8}}
	require.Zero(t, overhead(negative).Fixed)
}

// sink keeps allocations on the heap.
var sink any

// A build that makes three slices of a size one after the other and keeps the last.
func TestMemoryOfABuild(t *testing.T) {
	const size = 1 << 22
	build := func() (any, error) {
		for range 2 {
			sink = make([]byte, size)
		}
		sink = nil
		return make([]byte, size), nil
	}
	const hair = size / 16
	for _, c := range []struct {
		name     string
		gauge    func(func() (any, error)) (float64, error)
		from, to float64
	}{
		{"allocated", allocated, 3 * size, 3*size + hair},
		{"held", held, size, size + hair},
		{"peak", peak, size, 3*size + hair},
	} {
		v, err := c.gauge(build)
		require.NoError(t, err)
		require.GreaterOrEqual(t, v, c.from, c.name)
		require.LessOrEqual(t, v, c.to, c.name)
	}
}

// Garbage of many builds does not add up to a peak.
func TestPeakLeavesGarbageOut(t *testing.T) {
	const size, count = 1 << 20, 200
	v, err := peak(func() (any, error) {
		for range count {
			sink = make([]byte, size)
			runtime.Gosched()
		}
		sink = nil
		return nil, nil
	})
	require.NoError(t, err)
	require.GreaterOrEqual(t, v, float64(size))
	require.Less(t, v, float64(size*count/4))
}

func TestQuartiles(t *testing.T) {
	low, median, high := quartiles([]float64{5, 1, 3, 2, 4})
	require.InDelta(t, 3, median, 0)
	require.LessOrEqual(t, low, 2.0)
	require.GreaterOrEqual(t, high, 3.5)
	_, median, _ = quartiles([]float64{4, 1, 2, 3})
	require.InDelta(t, 2.5, median, 0)
}

func TestArrangements(t *testing.T) {
	require.InDelta(t, 10072, arrangement(20, 5), 0, "20 kinks in ℝ⁵")
	require.InDelta(t, 14, arrangement(4, 3), 0)
	require.InDelta(t, 16, arrangement(4, 9), 0, "all combinations, if the dimension is not less")
	require.InDelta(t, 2+4+6, visited(3, 2), 0)
}
