package conservative_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

var (
	affine     = optest.Programs(optest.Config{Class: expr.PiecewiseAffine})
	polynomial = optest.Programs(optest.Config{Class: expr.PiecewisePolynomial})
)

// draw returns a random program with its field at a rational point; programs
// with more combinations than the budget are passed over.
func draw(t *rapid.T, programs *rapid.Generator[optest.Program]) (optest.Program, *conservative.Field) {
	p := programs.Draw(t, "program")
	if len(p.Func.Wrt()) == 0 {
		t.Skip("nothing to differentiate")
	}
	d, err := conservative.At(context.Background(), p.Func, clarke.RationalPoint(p.Rats()...), conservative.Options{MaxSlots: 8})
	require.NoError(t, err)
	if !d.Complete {
		t.Skip(d.Why)
	}
	require.Equal(t, "rational", d.Arithmetic)
	return p, d
}

func requireInside(t *rapid.T, d *conservative.Field, v clarke.Vector) {
	in, err := d.HullContains(v)
	require.NoError(t, err)
	require.Equal(t, clarke.Yes, in, "%v should be in the hull of %v", v.Float, d.Vertices)
}

func eachFamily(t *testing.T, law func(t *rapid.T, p optest.Program, d *conservative.Field)) {
	for name, programs := range map[string]*rapid.Generator[optest.Program]{"affine": affine, "polynomial": polynomial} {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			p, d := draw(t, programs)
			law(t, p, d)
		}))
	}
}

// Every wiring by pieces gives an element of D, and so does Sample.
func TestLawSelectionsAreInside(t *testing.T) {
	eachFamily(t, func(t *rapid.T, p optest.Program, d *conservative.Field) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		for range 3 {
			v, err := d.Sample(rng)
			require.NoError(t, err)
			requireInside(t, d, v)
		}
		g, err := ad.Gradient(p.Func)
		require.NoError(t, err)
		for _, w := range []ad.Wiring{ad.Random(rng), ad.AtSlot(0), ad.AtSlot(0.5), ad.AtSlot(1)} {
			selection, err := ad.Wire(g, w)
			require.NoError(t, err)
			out := optest.Exact(t, selection, p.Rats()...)
			requireInside(t, d, clarke.Rational(optest.Join(out[1:]...)))
		}
	})
}

// Limiting gradients lie in conv D.
func TestLawClarkeIsInside(t *testing.T) {
	eachFamily(t, func(t *rapid.T, p optest.Program, d *conservative.Field) {
		s, err := clarke.At(context.Background(), p.Func, clarke.RationalPoint(p.Rats()...), clarke.Options{})
		require.NoError(t, err)
		for _, v := range s.Vertices {
			requireInside(t, d, v)
		}
		if s.ContainsZero == clarke.Yes {
			require.Equal(t, clarke.Yes, d.HullContainsZero)
		}
	})
}

// Both arithmetics see the same kinks and sets unless float64 rounds.
func TestLawArithmeticsAgree(t *testing.T) {
	eachFamily(t, func(t *rapid.T, p optest.Program, d *conservative.Field) {
		if p.Rounds(t) {
			return
		}
		f, err := conservative.At(context.Background(), p.Func, clarke.FloatPoint(p.At...), conservative.Options{MaxSlots: 8})
		require.NoError(t, err)
		requireSameKinks(t, d.Kinks, f.Kinks)
		require.True(t, f.Complete)
		scale := 1.0
		for _, v := range d.Vertices {
			for _, x := range v.Float {
				scale = max(scale, x, -x)
			}
		}
		a, b := pointsOf(d.Vertices), pointsOf(f.Vertices)
		gap, err := hausdorff(a, b)
		require.NoError(t, err)
		require.LessOrEqual(t, gap, 1e-9*scale)
		if f.ContainsZero != clarke.Unknown && d.ContainsZero != clarke.Unknown && d.Distance == 0 {
			require.Equal(t, d.ContainsZero, f.ContainsZero)
		}
		if f.Affine {
			require.True(t, d.Affine, "the graph proves what rationals refute")
		}
	})
}

func requireSameKinks(t *rapid.T, want, got []ad.Kink) {
	require.Len(t, got, len(want))
	for i := range want {
		require.Equal(t, want[i].Op, got[i].Op)
		require.Equal(t, want[i].Index, got[i].Index)
		require.Equal(t, want[i].Entries, got[i].Entries)
		require.Equal(t, want[i].Pieces, got[i].Pieces)
	}
}
