package conservative

import (
	"context"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

// smallRats draws n rationals with small numerators and denominators.
func smallRats(t *rapid.T, n int, label string) []*big.Rat {
	out := make([]*big.Rat, n)
	for i := range out {
		out[i] = big.NewRat(rapid.Int64Range(-6, 6).Draw(t, label), rapid.Int64Range(1, 4).Draw(t, label))
	}
	return out
}

// leibniz is the determinant as a sum over permutations.
func leibniz(m int, b []*big.Rat) *big.Rat {
	if m == 0 {
		return big.NewRat(1, 1)
	}
	sum := new(big.Rat)
	for j := range m {
		var minor []*big.Rat
		for i := m; i < len(b); i++ {
			if i%m != j {
				minor = append(minor, b[i])
			}
		}
		term := new(big.Rat).Mul(b[j], leibniz(m-1, minor))
		if j%2 == 1 {
			term.Neg(term)
		}
		sum.Add(sum, term)
	}
	return sum
}

// Elimination finds the determinant and the solution, in both arithmetics.
func TestLawSolve(t *testing.T) {
	ctx := context.Background()
	singular := 0
	rapid.Check(t, func(t *rapid.T) {
		m, k := rapid.IntRange(1, 4).Draw(t, "m"), rapid.IntRange(0, 3).Draw(t, "k")
		b, c := smallRats(t, m*m, "b"), smallRats(t, m*k, "c")
		x, det, err := rationals.solve(ctx, m, b, c)
		require.NoError(t, err)
		require.Zero(t, det.Cmp(leibniz(m, b)))
		if det.Sign() == 0 {
			singular++
			require.Nil(t, x)
			return
		}
		require.Len(t, x, m*k)
		if k == 0 {
			return
		}
		for i, v := range rationals.product(m, b, x, nil) {
			require.Zero(t, v.Cmp(c[i]))
		}
		rounded, d, err := float64s.solve(ctx, m, clarke.Rational(b).Float, clarke.Rational(c).Float)
		require.NoError(t, err)
		require.InEpsilon(t, clarke.Rational([]*big.Rat{det}).Float[0], d, 1e-9)
		for i, v := range clarke.Rational(x).Float {
			require.InDelta(t, v, rounded[i], 1e-8*(1+math.Abs(v)))
		}
	})
	RequireSeen(t, singular)
}

// The determinant of a combination is the value of the polynomial.
func TestLawDeterminantPolynomial(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, n := rapid.IntRange(1, 3).Draw(t, "m"), rapid.IntRange(1, 4).Draw(t, "n")
		h := &matrixHull{ctx: context.Background(), m: m}
		sum := make([]*big.Rat, m*m)
		for i := range sum {
			sum[i] = new(big.Rat)
		}
		weights := smallRats(t, n, "weights")
		for i := range n {
			h.b = append(h.b, clarke.Rational(smallRats(t, m*m, "b")))
			for j, x := range h.b[i].Exact {
				sum[j].Add(sum[j], new(big.Rat).Mul(weights[i], x))
			}
		}
		p, err := h.determinant()
		require.NoError(t, err)
		value := new(big.Rat)
		for w, x := range p {
			term, degree := new(big.Rat).Set(x), 0
			for i := range n {
				for range w[i] {
					term.Mul(term, weights[i])
					degree++
				}
			}
			require.Equal(t, m, degree)
			value.Add(value, term)
		}
		require.Zero(t, value.Cmp(leibniz(m, sum)))
	})
}

// The float64 bound of ‖I − R·B‖ is above the true norms, for R and B that round.
func TestLawResidualNorms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.IntRange(1, 4).Draw(t, "m")
		b, r := smallRats(t, m*m, "b"), optest.Rough(t, m*m, "r")
		if rapid.Bool().Draw(t, "inverse") { // then the norm is mere rounding
			unit := make([]float64, m*m)
			for i := range m {
				unit[i*m+i] = 1
			}
			inverse, _, err := float64s.solve(context.Background(), m, clarke.Rational(b).Float, unit)
			require.NoError(t, err)
			if inverse != nil {
				r = inverse
			}
		}
		rest := rationals.minus(rationals.identity(m), rationals.product(m, exactly(clarke.Floats(r)), b, nil))
		rows, columns := residualNorms(m, r, clarke.Rational(b).Float)
		for i := range m {
			require.LessOrEqual(t, absoluteSum(rest[i*m:(i+1)*m], 1).Cmp(new(big.Rat).SetFloat64(rows)), 0)
			require.LessOrEqual(t, absoluteSum(rest[i:], m).Cmp(new(big.Rat).SetFloat64(columns)), 0)
		}
	})
}

// The spectral norm of a 2 × 2 matrix is the root of the larger eigenvalue of AᵀA,
// (tr + √(tr² − 4·det))/2.
func TestLawSpectralNorm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list [][]*big.Rat
		want := 0.0
		for range rapid.IntRange(1, 4).Draw(t, "n") {
			a := smallRats(t, 4, "a")
			for _, x := range a {
				x.Mul(x, big.NewRat(1, 8))
			}
			list = append(list, a)
			g := clarke.Rational(gramOf(2, a)).Float
			trace, det := g[0]+g[3], float64(g[0]*g[3])-float64(g[1]*g[2])
			want = max(want, math.Sqrt((trace+math.Sqrt(max(0, float64(trace*trace)-4*det)))/2))
		}
		got, err := spectralNorm(context.Background(), 2, list)
		require.NoError(t, err)
		if want > 1+1e-9 {
			require.True(t, math.IsInf(got, 1))
		} else if want < 1-1e-9 {
			require.InDelta(t, want+0x1p-21, got, 0x1p-21+1e-9)
		}
	})
}

// vectors draws programs of vectors with their sets at a rational point.
func vectors(t *rapid.T, programs *rapid.Generator[optest.Program]) *matrixSet {
	p := programs.Draw(t, "program")
	if len(p.Func.Wrt()) == 0 {
		t.Skip("nothing to differentiate")
	}
	j, err := newJacobians(p.Func, Options{MaxSlots: 8})
	if errors.As(err, new(*ad.SizeError)) {
		t.Skip(err)
	}
	require.NoError(t, err)
	m, err := j.at(context.Background(), clarke.RationalPoint(p.Rats()...))
	require.NoError(t, err)
	if m.refused != "" {
		t.Skip(m.refused)
	}
	return m
}

var vectorPrograms = optest.Programs(optest.Config{Class: expr.PiecewisePolynomial, Vector: true})

// Where blocks are said to be of rank one, the changes that two choices in one
// block make are u·rᵀ and u·r′ᵀ, or u·rᵀ and u′·rᵀ, whatever the other blocks hold:
// side by side or on top of each other they have rank one.
func TestLawRankOneBlocks(t *testing.T) {
	seen, wide := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		m := vectors(t, vectorPrograms)
		if len(m.kinks) == 0 || !m.ofRankOne() {
			t.Skip("no block to look at")
		}
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		s := drawAssignment(m.kinks, rng)
		block := rng.IntN(len(s))
		var v []clarke.Vector
		for range 3 {
			s[block] = drawAssignment(m.kinks, rng)[block]
			v = append(v, elementAt(t, m, s))
		}
		first, second := matrixRows(m, minusIn(v[1], v[0])), matrixRows(m, minusIn(v[2], v[0]))
		beside := make([][]*big.Rat, len(first))
		for i := range first {
			beside[i] = append(append(beside[i], first[i]...), second[i]...)
		}
		seen++
		if !ofRank1(append(append([][]*big.Rat{}, first...), second...)) {
			wide++
			require.True(t, ofRank1(beside), "%v of %v", m.kinks[block].Op, m.j.f)
		}
	})
	RequireSeen(t, seen)
	RequireSeen(t, wide)
}

func elementAt(t *rapid.T, m *matrixSet, s assignment) clarke.Vector {
	_, e, err := m.j.element(m.x, m.kinks, s)
	require.NoError(t, err)
	return e
}

// matrixRows cuts a Jacobian into its rows.
func matrixRows(m *matrixSet, v clarke.Vector) [][]*big.Rat {
	var rows [][]*big.Rat
	width := len(v.Exact) / m.j.rows
	for flat := v.Exact; len(flat) > 0; flat = flat[width:] {
		rows = append(rows, flat[:width])
	}
	return rows
}

// Where the set is said to be affine, the element at the middle of two assignments
// is the middle of the elements.
func TestLawAffineSets(t *testing.T) {
	proved, open := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		m := vectors(t, vectorPrograms)
		if len(m.kinks) < 2 { // nothing to decide
			return
		}
		if !m.affine() {
			open++
			return
		}
		proved++
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		a, b := drawAssignment(m.kinks, rng), drawAssignment(m.kinks, rng)
		middle := make(assignment, len(a))
		for i := range a {
			middle[i] = choice{make([]int, len(a[i].weights)), 2 * a[i].over * b[i].over}
			for j := range middle[i].weights {
				middle[i].weights[j] = a[i].weights[j]*b[i].over + b[i].weights[j]*a[i].over
			}
		}
		mean := meanIn([]clarke.Vector{elementAt(t, m, a), elementAt(t, m, b)})
		require.True(t, minusIn(mean, elementAt(t, m, middle)).IsZero())
	})
	RequireSeen(t, proved)
	RequireSeen(t, open)
}

// ofRank1 reports whether all rows are multiples of one.
func ofRank1(rows [][]*big.Rat) bool {
	var base []*big.Rat
	for _, r := range rows {
		if base == nil && absoluteSum(r, 1).Sign() != 0 {
			base = r
		}
	}
	for _, r := range rows {
		for i := range base {
			for j := range i {
				if new(big.Rat).Mul(r[i], base[j]).Cmp(new(big.Rat).Mul(r[j], base[i])) != 0 {
					return false
				}
			}
		}
	}
	return true
}

// The sets of both arithmetics agree at dyadic points.
func TestLawMatrixSetArithmetics(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := vectors(t, vectorPrograms)
		f, err := m.j.at(context.Background(), clarke.FloatPoint(m.x.Floats()...))
		require.NoError(t, err)
		require.Equal(t, m.complete, f.complete)
		require.InDeltaSlice(t, m.value.Float, f.value.Float, 1e-6*(1+largest(m.value)))
		if !m.complete {
			return
		}
		for _, list := range [][2][]clarke.Vector{{m.elements, f.elements}, {f.elements, m.elements}} {
			for _, e := range list[0] {
				require.True(t, near(e, list[1]), "%v is not among %v", e.Float, list[1])
			}
		}
	})
}

func largest(v clarke.Vector) float64 {
	size := 0.0
	for _, x := range v.Float {
		size = max(size, math.Abs(x))
	}
	return size
}

func near(e clarke.Vector, list []clarke.Vector) bool {
	for _, o := range list {
		if largest(minusIn(clarke.Floats(e.Float), clarke.Floats(o.Float))) <= 1e-9*(1+largest(e)) {
			return true
		}
	}
	return false
}
