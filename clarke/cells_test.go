package clarke

import (
	"context"
	"math/big"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/bench/workload"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// germAtZero linearises a program of one vector at 0.
func germAtZero(t testing.TB, f *expr.Func, rational bool) *germ {
	l, err := ad.NewLinearizer(f, 0)
	require.NoError(t, err)
	n := f.In()[0].Shape().Size()
	var lin *ad.Linearization
	if rational {
		zero := make([]*big.Rat, n)
		for i := range zero {
			zero[i] = new(big.Rat)
		}
		lin, err = l.AtExact(context.Background(), zero)
	} else {
		lin, err = l.At(context.Background(), make([]float64, n))
	}
	require.NoError(t, err)
	return newGerm(lin, n)
}

func countCells(t testing.TB, g *germ) int {
	s := &search{g: g, ctx: context.Background(), most: 1 << 20, leaf: func(Vector, *Cone) error { return nil }}
	complete, err := s.run()
	require.NoError(t, err)
	require.True(t, complete)
	return s.leaves
}

// Hyperplanes through 0 in general position cut space into as many cells as Schläfli's formula says.
func TestCellsOfGenericArrangements(t *testing.T) {
	for _, test := range []struct{ m, n int }{{1, 1}, {3, 2}, {5, 2}, {4, 3}, {7, 3}, {6, 4}, {8, 5}} {
		want := workload.GenericCells(test.m, test.n)
		for _, rational := range []bool{true, false} {
			require.Equal(t, want, countCells(t, germAtZero(t, workload.GenericKinks(test.m, test.n), rational)), "%d kinks in dimension %d", test.m, test.n)
		}
	}
}

func TestCountCells(t *testing.T) {
	f := workload.GenericKinks(7, 3)
	zero := make([]*big.Rat, 3)
	for i := range zero {
		zero[i] = new(big.Rat)
	}
	for _, x := range []Point{FloatPoint(make([]float64, 3)), RationalPoint(zero)} {
		a, err := NewAnalyzer(f, Options{})
		require.NoError(t, err)
		cells, err := a.CountCells(t.Context(), x)
		require.NoError(t, err)
		require.Equal(t, workload.GenericCells(7, 3), cells)
		a, err = NewAnalyzer(f, Options{Cells: 5})
		require.NoError(t, err)
		cells, err = a.CountCells(t.Context(), x)
		require.ErrorContains(t, err, "budget of 5 cells")
		require.Equal(t, 5, cells)
	}
	for text, why := range map[string]string{"norm2([x, y])": "no cells around the norm", "sqrt(abs(x)) + y": "not certified"} {
		f, err := parse.Parse(text)
		require.NoError(t, err)
		a, err := NewAnalyzer(f, Options{})
		require.NoError(t, err)
		_, err = a.CountCells(t.Context(), FloatPoint([]float64{0}, []float64{0}))
		require.ErrorContains(t, err, why)
	}
}

func TestCellsOfTwentyKinks(t *testing.T) {
	if testing.Short() {
		t.Skip("a second or two")
	}
	require.Equal(t, 10072, countCells(t, germAtZero(t, workload.GenericKinks(20, 5), false)))
}

// BenchmarkCells reports the time a cell for more and more kinks in ℝ⁵.
func BenchmarkCells(b *testing.B) {
	for _, rational := range []bool{false, true} {
		name := "float64"
		if rational {
			name = "rational"
		}
		for _, m := range []int{6, 10, 14, 20} {
			b.Run(name+"/kinks="+strconv.Itoa(m), func(b *testing.B) {
				g := germAtZero(b, workload.GenericKinks(m, 5), rational)
				cells := 0
				for b.Loop() {
					cells += countCells(b, g)
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(cells), "µs/cell")
				b.ReportMetric(float64(cells)/float64(b.N), "cells")
			})
		}
	}
}

// The norm of one number is its absolute value.
func TestNormOfOneNumber(t *testing.T) {
	g := expr.NewGraph()
	x := g.Input("x", 1)
	f, err := g.Func(expr.In(x), expr.Out(expr.Sub(expr.Norm2(x), expr.Sum(expr.ReLU(x)))))
	require.NoError(t, err)
	s, err := At(context.Background(), f, RationalPoint([]*big.Rat{new(big.Rat)}), Options{})
	require.NoError(t, err)
	require.True(t, s.Exact, s.Why)
	require.Equal(t, []Vector{Floats([]float64{-1}), Floats([]float64{0})}, s.Vertices)
}

// Where a switch is not rational, kinks that seem inactive are not proved to be.
func TestIrrationalSwitchesProveNothing(t *testing.T) {
	g := expr.NewGraph()
	x := g.Input("x")
	f, err := g.Func(expr.In(x), expr.Out(expr.ReLU(expr.Sub(expr.Exp(x), g.Const(2)))))
	require.NoError(t, err)
	s, err := At(context.Background(), f, RationalPoint([]*big.Rat{new(big.Rat)}), Options{})
	require.NoError(t, err)
	require.False(t, s.Exact)
	require.Contains(t, s.Why, "float64")
	smooth, err := g.Func(expr.In(x), expr.Out(expr.Exp(x)))
	require.NoError(t, err)
	s, err = At(context.Background(), smooth, FloatPoint([]float64{0.5}), Options{})
	require.NoError(t, err)
	require.True(t, s.Exact)
}
