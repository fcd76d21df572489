package minimize

import (
	"context"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/experiments/problem"
)

// The simplest rational is found by trying denominators 1, 2, … in turn.
func TestLawSimplest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		middle := big.NewRat(rapid.Int64Range(-3000, 3000).Draw(t, "numerator"), rapid.Int64Range(1, 1000).Draw(t, "denominator"))
		within := big.NewRat(rapid.Int64Range(0, 30).Draw(t, "within"), 1000)
		low, high := new(big.Rat).Sub(middle, within), new(big.Rat).Add(middle, within)
		got := simplest(low, high)
		for q := int64(1); ; q++ {
			scaled := new(big.Rat).Mul(low, big.NewRat(q, 1))
			p := new(big.Int).Div(scaled.Num(), scaled.Denom()) // floor
			var best *big.Rat
			for range 70 { // ends are less than 0.06·1001 numerators apart
				x := new(big.Rat).SetFrac(p, big.NewInt(q))
				if x.Cmp(low) >= 0 && x.Cmp(high) <= 0 && (best == nil || new(big.Rat).Abs(x).Cmp(new(big.Rat).Abs(best)) < 0) {
					best = x
				}
				p = new(big.Int).Add(p, big.NewInt(1))
			}
			if best != nil {
				require.Zero(t, best.Cmp(got), "%v in [%v, %v], not %v", best, low, high, got)
				return
			}
		}
	})
}

// stationaryPoints are points of the second function of Nesterov with 0 ∈ ∂f: (1, …, 1), and those with one xₖ = 0 for
// k < n and all xᵢ₊₁ = 2|xᵢ| − 1 (Gürbüzbalaban and Overton 2012). There are others, at which methods do not end.
func stationaryPoints(n int) [][]float64 {
	points := [][]float64{make([]float64, n)}
	for i := range n {
		points[0][i] = 1
	}
	for k := range n - 1 {
		for signs := range 1 << k {
			x := make([]float64, n)
			for i := k - 1; i >= 0; i-- {
				x[i] = (1 + x[i+1]) / 2
				if signs>>i&1 == 1 {
					x[i] = -x[i]
				}
			}
			for i := k + 1; i < n; i++ {
				x[i] = 2*math.Abs(x[i-1]) - 1
			}
			points = append(points, x)
		}
	}
	return points
}

// A method that ends beside one of these 2ⁿ⁻¹ stationary points is told which one it is,
// and that it is no minimum, with a way down.
func TestVerdictsTellStationaryPointsApart(t *testing.T) {
	for n := 2; n <= 5; n++ {
		p, err := problem.At("ncr2", n)
		require.NoError(t, err)
		points := stationaryPoints(n)
		require.Len(t, points, 1<<(n-1))
		for i, x := range points {
			p.Start = x
			r, err := Request{Problem: &p}.minimize(context.Background(), still{bare: true})
			require.NoError(t, err)
			v, err := r.verdict(context.Background())
			require.NoError(t, err)
			require.Equal(t, clarke.Yes, v.set.ContainsZero)
			if i == 0 {
				require.Equal(t, clarke.LocalMinimum, v.set.Minimality)
				continue
			}
			require.Equal(t, clarke.NotLocalMinimum, v.set.Minimality)
			require.Contains(t, rowOf(text(t, r), "at x"), "not a local minimum: f decreases along")
			require.Contains(t, rowOf(text(t, r), "at x"), "Clarke stationary: 0 ∈ ∂f(x)")
		}
	}
}

// The same for what gradient sampling and BFGS really end at.
func TestVerdictsNameStationaryPointsNearby(t *testing.T) {
	others := 0
	for _, method := range []string{"gradient-sampling", "bfgs"} {
		for n := 2; n <= 5; n++ {
			p, err := problem.At("ncr2", n)
			require.NoError(t, err)
			r, err := Minimize(context.Background(), Request{Problem: &p, Method: method, Seed: 2})
			require.NoError(t, err)
			if r.Status != "stationary" {
				continue
			}
			near := rowOf(text(t, r), "near x")
			if r.F < 1e-3 {
				require.Contains(t, near, "a local minimum, proved cell by cell")
				continue
			}
			others++
			require.Contains(t, near, "not a local minimum: f decreases along")
			require.Contains(t, near, "Clarke stationary: 0 ∈ ∂f(x)")
			v, err := r.verdict(context.Background())
			require.NoError(t, err)
			require.Contains(t, stationaryPoints(n), v.near.x)
			descends(t, r, v.near)
		}
	}
	require.GreaterOrEqual(t, others, 3)
}

// descends checks that f falls along the direction of a verdict.
func descends(t *testing.T, r *Report, n *neighbour) {
	d := n.set.Descent.Float
	longest := 0.0
	for _, v := range d {
		longest = max(longest, math.Abs(v))
	}
	value := func(s float64) float64 {
		y := 0.25 * math.Abs(n.x[0]+s*d[0]/longest-1)
		for i := range len(d) - 1 {
			y += math.Abs(n.x[i+1] + s*d[i+1]/longest - 2*math.Abs(n.x[i]+s*d[i]/longest) + 1)
		}
		return y
	}
	require.InDelta(t, r.F, value(0), 1e-6)
	require.Less(t, value(1e-4), value(0)-1e-9)
}

// max(min(x, −y), y − x) at 0 (Khan and Barton, example 6.2), and Nesterov's function at (0, −1), from runs that a liar
// ends there.
func TestNeighboursOfAnswers(t *testing.T) {
	for _, test := range []struct{ expression, at, near string }{
		{"max(min(x, -y), y - x)", "x=1e-9,y=-1e-9", "at (0, 0), 1.4e-09 from x: not a local minimum: f decreases along"},
		{"0.25*abs(x1 - 1) + abs(x2 - 2*abs(x1) + 1)", "x1=1e-8,x2=-1", "at (0, -1), 1e-08 from x: not a local minimum: f decreases along"},
		{"abs(3*x - 1) + abs(y)", "x=0.33333333,y=1e-10", "at (0.3333333333333333, 0), 3.3e-09 from x: a local minimum, proved cell by cell"},
		{"abs(x) + 2*x", "x=1e-9", ""}, // no stationary point
		{"x^2 + y^2", "x=1e-9,y=0", ""},
	} {
		at, err := explain.ParsePoint(test.at)
		require.NoError(t, err)
		r, err := Request{Expression: test.expression, From: at}.minimize(context.Background(), still{})
		require.NoError(t, err)
		require.Empty(t, rowOf(text(t, r), "near x"), "a certificate at x itself says nothing about others")
		r.Certificate.Radius = 1e-8
		got := rowOf(text(t, r), "near x")
		require.True(t, strings.HasPrefix(got, test.near), got)
		if test.near == "" {
			require.Empty(t, got)
		}
	}
}
