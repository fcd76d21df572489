package clarke_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
)

// forms are m forms of small integers in ℝⁿ, row by row.
func forms(m, n int) []float64 {
	rng := rand.New(rand.NewPCG(11, uint64(m)))
	a := make([]float64, m*n)
	for i := range a {
		a[i] = float64(rng.IntN(2001) - 1000)
	}
	return a
}

// planeCells counts the sets of forms that rank from from to before to for some direction
// in the plane: between every two neighbouring directions along which two forms tie it
// looks at one.
func planeCells(a []float64, from, to int) int {
	m := len(a) / 2
	var ties []float64
	for i := range m {
		for j := range i {
			angle := math.Atan2(a[2*i]-a[2*j], a[2*j+1]-a[2*i+1])
			ties = append(ties, angle, math.Mod(angle+2*math.Pi, 2*math.Pi)-math.Pi)
		}
	}
	slices.Sort(ties)
	seen := map[string]bool{}
	for i, angle := range ties[1:] {
		sin, cos := math.Sincos((ties[i] + angle) / 2)
		order := make([]int, m)
		for k := range order {
			order[k] = k
		}
		slices.SortFunc(order, func(i, j int) int {
			return -int(math.Copysign(1, (a[2*i]-a[2*j])*cos+(a[2*i+1]-a[2*j+1])*sin))
		})
		slices.Sort(order[from:to])
		seen[fmt.Sprint(order[from:to])] = true
	}
	return len(seen)
}

// Where many entries tie, most ways to choose some of them are those of no
// direction: the search must not go through all of them.
func TestManyTies(t *testing.T) {
	for _, c := range []struct {
		name     string
		m, n     int
		from, to int
		op       func(v expr.Node) expr.Node
	}{
		{"smallest", 40, 2, 39, 40, func(v expr.Node) expr.Node { return expr.Min(v) }},
		{"largest", 40, 2, 0, 1, func(v expr.Node) expr.Node { return expr.Max(v) }},
		{"sum of half", 30, 2, 0, 15, func(v expr.Node) expr.Node { return expr.TopKSum(v, 15) }},
		{"median", 25, 2, 12, 13, expr.Median},
		{"quantile", 24, 2, 18, 19, func(v expr.Node) expr.Node { return expr.QuantileNumber(v, expr.Ratio(5, 23)) }},
		{"smallest of as many numbers", 30, 30, 29, 30, func(v expr.Node) expr.Node { return expr.Min(v) }},
	} {
		t.Run(fmt.Sprintf("%s of %d in %d", c.name, c.m, c.n), func(t *testing.T) {
			if testing.Short() && c.to-c.from == 1 && c.from != 0 {
				t.Skip("seconds, and two minutes under the race detector")
			}
			ctx, stop := context.WithTimeout(context.Background(), time.Minute)
			defer stop()
			a, g := forms(c.m, c.n), expr.NewGraph()
			x := g.Input("x", c.n)
			f, err := g.Func(expr.In(x), expr.Out(c.op(expr.MatMul(g.Tensor(a, c.m, c.n), x))))
			require.NoError(t, err)
			s, err := clarke.At(ctx, f, clarke.RationalPoint(zeroes(c.n)), clarke.Options{})
			require.NoError(t, err)
			require.True(t, s.Exact, s.Why)
			if sets := planeCells(a, c.from, c.to); c.n == 2 { // there may be one more, in which f decreases
				require.Contains(t, []int{sets, sets + 1}, s.Cells)
			} else {
				require.Equal(t, c.m, s.Cells)
			}
		})
	}
}

// A selection is followed to a second cell if f does not decrease in the first: the median
// of x, 2x and 4x grows where x > 0. With a further variable it decreases there as well.
func TestCellsSeenOfSelections(t *testing.T) {
	g := expr.NewGraph()
	x, w := g.Input("x"), g.Input("w")
	median := expr.Median(expr.Stack(expr.Scale(4, x), expr.Scale(2, x), x))
	zero := clarke.Rational(zeroes(1))
	for seen, y := range map[int]expr.Node{2: median, 1: expr.Add(expr.Mul(median, expr.Exp(w)), w)} {
		f, err := g.Func(expr.In(x, w), expr.Out(y))
		require.NoError(t, err)
		s := at(t, f, clarke.Point{zero, zero})
		require.True(t, s.Exact && s.Complete, s.Why)
		require.Equal(t, seen, s.Cells)
		require.Equal(t, 2, allCells(t, f, clarke.Point{zero, zero}))
		require.Equal(t, clarke.NotLocalMinimum, s.Minimality)
	}
}
