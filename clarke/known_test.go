package clarke_test

import (
	"context"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
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

// All rows with a set are exact at a rational point. At the same point in floats
// the vertices are the same, but nothing is proved.
func TestKnownSubdifferentials(t *testing.T) {
	eachKnown(t, func(t *testing.T, r known.Function, f *expr.Func, x clarke.Point) {
		for _, at := range []clarke.Point{x, toFloat(x)} {
			s, err := clarke.At(context.Background(), f, at, clarke.Options{})
			require.NoError(t, err)
			require.NotEmpty(t, s.Why)
			if r.Exempt["clarke"] != "" {
				require.NotEmpty(t, s.Refused)
				require.Nil(t, s.Vertices)
				require.Equal(t, clarke.Unknown, s.ContainsZero)
				continue
			}
			require.Empty(t, s.Refused)
			require.Equal(t, at.IsExact(), s.Exact, s.Why)
			require.Len(t, s.Certificates, len(s.Vertices))
			if r.Clarke.Vertices != nil {
				checkSubdifferential(t, r, s)
			} else {
				require.True(t, s.Round)
			}
		}
	})
}

func checkSubdifferential(t *testing.T, r known.Function, s *clarke.Subdifferential) {
	require.Len(t, s.Vertices, len(r.Clarke.Vertices))
	if s.Arithmetic == "rational" {
		require.Equal(t, r.Clarke.Vertices, texts(s.Vertices))
	}
	for i, v := range r.Clarke.Vertices {
		require.InDeltaSlice(t, vector(t, v).Float, s.Vertices[i].Float, 1e-12)
	}
	switch {
	case r.Clarke.ContainsZero:
		require.Equal(t, clarke.Yes, s.ContainsZero)
		require.Zero(t, s.Distance)
	case s.Exact:
		require.Equal(t, clarke.No, s.ContainsZero)
		require.Positive(t, s.Distance)
	default:
		require.Equal(t, clarke.Unknown, s.ContainsZero)
	}
}

// A certificate is checked by moving: f is smooth at x + td for small t > 0, and
// its gradient there is the vertex if f is piecewise affine.
func TestKnownCertificates(t *testing.T) {
	eachKnown(t, func(t *testing.T, r known.Function, f *expr.Func, x clarke.Point) {
		s, err := clarke.At(context.Background(), f, x, clarke.Options{})
		require.NoError(t, err)
		if f.Class().Kind > expr.PiecewiseAffine {
			return
		}
		step := big.NewRat(1, 1<<40)
		for _, c := range s.Certificates {
			var moved clarke.Point
			for i, v := range x {
				d := new(big.Rat).Mul(step, c.Direction.Exact[i])
				moved = append(moved, clarke.Rational([]*big.Rat{d.Add(d, v.Exact[0])}))
			}
			near, err := clarke.At(context.Background(), f, moved, clarke.Options{})
			require.NoError(t, err)
			require.Equal(t, texts([]clarke.Vector{c.Vertex}), texts(near.Vertices))
		}
	})
}

// Gradients at nearby points approach ∂f for small programs; they lie in it, and
// span it, where the program is piecewise affine.
func TestKnownSamples(t *testing.T) {
	eachKnown(t, func(t *testing.T, r known.Function, f *expr.Func, x clarke.Point) {
		if r.Clarke.Vertices == nil || r.Exempt["clarke"] != "" {
			return
		}
		s, err := clarke.NewSampler(f, ad.AtKink(0))
		require.NoError(t, err)
		for _, spread := range []clarke.Spread{clarke.Ball, clarke.Sphere, clarke.Gaussian} {
			near, err := s.Around(context.Background(), x, clarke.SampleOptions{Radius: 1e-6, Count: 100, Spread: spread, Seed: 1})
			require.NoError(t, err)
			require.Len(t, near.Gradients, 100)
			m, err := near.MinNorm()
			require.NoError(t, err)
			hull, err := near.Hull()
			require.NoError(t, err)
			if f.Class().Kind <= expr.PiecewiseAffine {
				require.Len(t, hull, len(r.Clarke.Vertices))
			}
			if r.Clarke.ContainsZero {
				require.InDelta(t, 0, m.Distance, 1e-5)
			} else {
				require.Greater(t, m.Distance, 0.1)
			}
		}
	})
}

// ∂f of the Euclidean norm at 0 is the unit disc: elements are unit vectors along
// the direction.
func TestBall(t *testing.T) {
	f, err := parse.Parse("norm2([x, y])")
	require.NoError(t, err)
	e, err := clarke.NewElement(f)
	require.NoError(t, err)
	require.Error(t, e.Exactly())
	g, d, err := e.At(clarke.FloatPoint([]float64{0}, []float64{0}), rand.New(rand.NewPCG(1, 1)))
	require.NoError(t, err)
	require.InDelta(t, 1, g.Float[0]*g.Float[0]+g.Float[1]*g.Float[1], 1e-14)
	require.InDelta(t, 0, g.Float[0]*d.Float[1]-g.Float[1]*d.Float[0], 1e-14)
}
