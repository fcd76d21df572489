package conservative_test

import (
	"context"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/testdata/known"
)

func eachKnown(t *testing.T, test func(t *testing.T, r known.Function, f *expr.Func, x clarke.Point)) {
	rows, err := known.Functions()
	require.NoError(t, err)
	require.NotEmpty(t, rows)
	for _, r := range rows {
		if r.Expression == "" {
			continue
		}
		t.Run(r.ID, func(t *testing.T) {
			f, err := parse.Parse(r.Expression)
			require.NoError(t, err)
			var x clarke.Point
			for _, n := range f.In() {
				x = append(x, vector(t, []string{r.At[n.String()]}))
			}
			test(t, r, f, x)
		})
	}
}

func vector(t testing.TB, s []string) clarke.Vector {
	out := make([]*big.Rat, len(s))
	for i, v := range s {
		r, ok := new(big.Rat).SetString(v)
		require.True(t, ok, "%q is no rational", v)
		out[i] = r
	}
	return clarke.Rational(out)
}

func texts(v []clarke.Vector) [][]string {
	var out [][]string
	for _, p := range v {
		var line []string
		for _, x := range p.Exact {
			line = append(line, x.RatString())
		}
		out = append(out, line)
	}
	return out
}

func toFloat(x clarke.Point) clarke.Point { return clarke.FloatPoint(x.Floats()...) }

func verdict(b bool) clarke.Verdict {
	if b {
		return clarke.Yes
	}
	return clarke.No
}

func TestKnownFields(t *testing.T) {
	eachKnown(t, func(t *testing.T, r known.Function, f *expr.Func, x clarke.Point) {
		d, err := conservative.At(context.Background(), f, x, conservative.Options{})
		require.NoError(t, err)
		want := r.Conservative
		if want == nil {
			require.NotEmpty(t, d.Refused)
			require.Nil(t, d.Vertices)
			require.Equal(t, clarke.Unknown, d.ContainsZero)
			_, err := d.Sample(rand.New(rand.NewPCG(1, 2)))
			require.ErrorAs(t, err, new(*conservative.RefusedError))
			return
		}
		require.Empty(t, d.Refused)
		require.Equal(t, verdict(want.ContainsZero), d.ContainsZero, d.ContainsZeroWhy)
		require.Equal(t, verdict(want.HullContainsZero), d.HullContainsZero)
		if want.Vertices == nil {
			require.False(t, d.Complete)
			require.NotEmpty(t, d.Why)
			require.Nil(t, d.Vertices)
			return
		}
		require.True(t, d.Complete, d.Why)
		checkPolytope(t, r, d)
	})
}

// checkPolytope compares a field with its row, in either arithmetic.
func checkPolytope(t *testing.T, r known.Function, d *conservative.Field) {
	require.Len(t, d.Vertices, len(r.Conservative.Vertices))
	if d.Arithmetic == "rational" {
		require.Equal(t, r.Conservative.Vertices, texts(d.Vertices))
	}
	for i, v := range r.Conservative.Vertices {
		require.InDeltaSlice(t, vector(t, v).Float, d.Vertices[i].Float, 1e-14)
	}
	if r.Conservative.HullContainsZero {
		require.Zero(t, d.Distance)
	} else {
		require.Positive(t, d.Distance)
	}
	for _, m := range r.Members {
		if !m.Conservative {
			continue
		}
		in, err := d.HullContains(vector(t, m.Vector))
		require.NoError(t, err)
		require.Equal(t, clarke.Yes, in, "%v", m.Vector)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		v, err := d.Sample(rng)
		require.NoError(t, err)
		in, err := d.HullContains(v)
		require.NoError(t, err)
		require.Equal(t, clarke.Yes, in, "%v is in D", v.Float)
	}
}

// All points of the table are dyadic, so float64 sees the same kinks.
func TestKnownFieldsInFloats(t *testing.T) {
	eachKnown(t, func(t *testing.T, r known.Function, f *expr.Func, x clarke.Point) {
		if r.Conservative == nil || r.Conservative.Vertices == nil {
			return
		}
		d, err := conservative.At(context.Background(), f, toFloat(x), conservative.Options{})
		require.NoError(t, err)
		require.Equal(t, "float64", d.Arithmetic)
		require.Equal(t, verdict(r.Conservative.HullContainsZero), d.HullContainsZero)
		require.Equal(t, verdict(r.Conservative.ContainsZero), d.ContainsZero, d.ContainsZeroWhy)
		checkPolytope(t, r, d)
	})
}

// ∂f(x) ⊂ conv D(x): Bolte and Pauwels 2021, Corollary 1.
func TestKnownClarkeIsInside(t *testing.T) {
	eachKnown(t, func(t *testing.T, r known.Function, f *expr.Func, x clarke.Point) {
		if r.Conservative == nil || r.Conservative.Vertices == nil || r.Clarke == nil {
			return
		}
		d, err := conservative.At(context.Background(), f, x, conservative.Options{})
		require.NoError(t, err)
		for _, v := range r.Clarke.Vertices {
			in, err := d.HullContains(vector(t, v))
			require.NoError(t, err)
			require.Equal(t, clarke.Yes, in)
		}
	})
}
