package clarke_test

import (
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// solvable reports whether some d has ⟨row, d⟩ > 0 for all rows, by
// Fourier–Motzkin elimination in integers: d₀ lies between the bounds that rows
// of either sign set if and only if each lower bound is below each upper one.
func solvable(rows [][]*big.Rat) bool {
	if len(rows) == 0 {
		return true
	}
	var whole [][]*big.Int
	for _, r := range rows {
		whole = append(whole, integers(r))
	}
	for n := len(rows[0]); n > 0; n-- {
		whole = compacted(whole)
		var up, down, next [][]*big.Int
		for _, r := range whole {
			switch r[0].Sign() {
			case 1:
				up = append(up, r)
			case -1:
				down = append(down, r)
			default:
				next = append(next, r[1:])
			}
		}
		for _, u := range up {
			for _, d := range down {
				next = append(next, crossed(u, d))
			}
		}
		whole = next
	}
	return len(whole) == 0 // what is left says 0 > 0
}

// crossed eliminates the first entries, of which u's is positive and d's negative.
func crossed(u, d []*big.Int) []*big.Int {
	out := make([]*big.Int, len(u)-1)
	p := new(big.Int)
	for i := range out {
		out[i] = new(big.Int).Mul(u[0], d[i+1])
		out[i].Sub(out[i], p.Mul(d[0], u[i+1]))
	}
	return out
}

// integers returns the row times its common denominator.
func integers(r []*big.Rat) []*big.Int {
	common := big.NewInt(1)
	for _, x := range r {
		g := new(big.Int).GCD(nil, nil, common, x.Denom())
		common.Mul(common, new(big.Int).Quo(x.Denom(), g))
	}
	out := make([]*big.Int, len(r))
	for i, x := range r {
		out[i] = new(big.Int).Mul(x.Num(), new(big.Int).Quo(common, x.Denom()))
	}
	return out
}

// compacted divides rows by common factors and keeps one of equal rows.
func compacted(rows [][]*big.Int) [][]*big.Int {
	for _, r := range rows {
		g := new(big.Int)
		for _, x := range r {
			g.GCD(nil, nil, g, new(big.Int).Abs(x))
		}
		if g.Sign() > 0 {
			for _, x := range r {
				x.Quo(x, g)
			}
		}
	}
	compare := func(a, b []*big.Int) int {
		return slices.CompareFunc(a, b, func(x, y *big.Int) int { return x.Cmp(y) })
	}
	slices.SortFunc(rows, compare)
	return slices.CompactFunc(rows, func(a, b []*big.Int) bool { return compare(a, b) == 0 })
}

// inHull reports whether v is in the convex hull of the points: whether no
// functional is larger at v than at all of them.
func inHull(points [][]*big.Rat, v []*big.Rat) bool {
	rows := make([][]*big.Rat, len(points))
	for i, p := range points {
		rows[i] = make([]*big.Rat, len(v))
		for j := range v {
			rows[i][j] = minus(v[j], p[j])
		}
	}
	return !solvable(rows)
}

func rats(v ...int64) []*big.Rat {
	out := make([]*big.Rat, len(v))
	for i, x := range v {
		out[i] = big.NewRat(x, 1)
	}
	return out
}

func TestSolvable(t *testing.T) {
	for _, c := range []struct {
		rows [][]*big.Rat
		want bool
	}{
		{nil, true},
		{[][]*big.Rat{rats(1)}, true},
		{[][]*big.Rat{rats(1), rats(-2)}, false},
		{[][]*big.Rat{rats(0, 0)}, false},
		{[][]*big.Rat{rats(1, 0), rats(0, 1), rats(-1, -1)}, false},
		{[][]*big.Rat{rats(1, 0), rats(0, 1), rats(-1, 2)}, true},
		{[][]*big.Rat{rats(1, 1, 0), rats(-1, 0, 1), rats(0, -1, -1)}, false},
		{[][]*big.Rat{rats(1, 1, 0), rats(-1, 0, 1), rats(0, -1, 1)}, true},
	} {
		require.Equal(t, c.want, solvable(c.rows), "%v", c.rows)
	}
	square := [][]*big.Rat{rats(0, 0), rats(2, 0), rats(0, 2), rats(2, 2)}
	require.True(t, inHull(square, rats(1, 2)))
	require.True(t, inHull(square, rats(2, 2)))
	require.False(t, inHull(square, rats(3, 1)))
	require.False(t, inHull(square[:3], rats(2, 1)))
}
