package conservative

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/bench/workload"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/parse"
)

func integers(t *rapid.T, n int) clarke.Vector {
	out := make([]*big.Rat, n)
	for i := range out {
		out[i] = big.NewRat(rapid.Int64Range(-4, 4).Draw(t, "direction"), 1)
	}
	return clarke.Rational(out)
}

func highestProduct(list []clarke.Vector, w clarke.Vector) *big.Rat {
	var best *big.Rat
	for _, v := range list {
		if p := ratDot(v.Exact, w.Exact); best == nil || p.Cmp(best) > 0 {
			best = p
		}
	}
	return best
}

// h(d) = max ⟨g, d⟩ over the gradients that the program gives for all products of
// extreme choices; with a small budget it is between the bounds.
func TestLawSupport(t *testing.T) {
	programs := optest.Programs(optest.Config{Class: expr.PiecewisePolynomial, Repeat: true})
	rapid.Check(t, func(t *rapid.T) {
		p, d := rational(t, programs, Options{})
		g := newGradientProgram(t, p.Func, p.Rats())
		corners := g.corners(t, 1024)
		if corners == nil {
			t.Skip("too many corners")
		}
		checkSupport(t, g, d, corners)
	})
}

func TestLawSupportOfNetworks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		f := layered(rng, 2, 3, 3, 2)
		x := [][]*big.Rat{zeroRats(2)}
		d, err := At(context.Background(), f, clarke.RationalPoint(x...), Options{MaxSlots: 1})
		require.NoError(t, err)
		g := newGradientProgram(t, f, x)
		corners := g.corners(t, 1024)
		checkSupport(t, g, d, corners)
		m, err := clarke.MinNorm(corners)
		require.NoError(t, err)
		require.Equal(t, m.Point.Exact, d.MinNorm.Exact, "by the oracle only: %v", d.Complete)
		require.Equal(t, d.Distance, d.DistanceLower)
	})
}

func checkSupport(t *rapid.T, g *gradientProgram, d *Field, corners []clarke.Vector) {
	ctx := context.Background()
	w := integers(t, d.float.n)
	want := highestProduct(corners, w)
	h, err := d.Support(ctx, w, 0)
	require.NoError(t, err)
	require.True(t, h.Closed)
	require.Zero(t, want.Cmp(h.Lower.Exact[0]))
	require.Zero(t, want.Cmp(h.Upper.Exact[0]))
	require.Zero(t, want.Cmp(ratDot(h.Element.Exact, w.Exact)))
	requireMember(t, g, d, h.Slots, h.Element)
	one, err := d.Support(ctx, w, 1)
	require.NoError(t, err)
	require.LessOrEqual(t, one.Lower.Exact[0].Cmp(want), 0)
	require.GreaterOrEqual(t, one.Upper.Exact[0].Cmp(want), 0)
	float, err := d.Support(ctx, clarke.Floats(w.Float), 0)
	require.NoError(t, err)
	close, _ := want.Float64()
	require.InDelta(t, close, float.Lower.Float[0], 1e-9*(1+d.float.size()))
	require.InDelta(t, close, float.Upper.Float[0], 1e-9*(1+d.float.size()))
}

// The field of ⟨w, f⟩ is w times that of f, since both share all slots: so the
// support function of the Jacobians for w ⊗ d is that of the gradients for d.
func TestLawJacobians(t *testing.T) {
	programs := optest.Programs(optest.Config{Class: expr.PiecewisePolynomial, Vector: true, Steps: 6})
	rapid.Check(t, func(t *rapid.T) {
		p, d := rational(t, programs, Options{MaxSlots: 6})
		if p.Func.Out()[0].Shape().Size() > 9 {
			t.Skip("large")
		}
		w := integers(t, d.float.m)
		graph := p.Func.Graph()
		sum := graph.Const(0)
		rest := w
		for _, y := range p.Func.Out() {
			n := y.Shape().Size()
			flat := expr.Reshape(y, n)
			sum = expr.Add(sum, expr.Dot(flat, graph.Tensor(rest.Float[:n], n)))
			rest = cutOf(rest, n, len(rest.Float))
		}
		scalar, err := graph.Func(expr.In(p.Func.In()...), expr.Out(sum))
		require.NoError(t, err)
		one, err := At(context.Background(), scalar, clarke.RationalPoint(p.Rats()...), Options{MaxSlots: 6})
		require.NoError(t, err)
		direction := integers(t, d.float.n)
		product := zeroRats(0)
		for _, a := range w.Exact {
			for _, b := range direction.Exact {
				product = append(product, new(big.Rat).Mul(a, b))
			}
		}
		ctx := context.Background()
		got, err := d.Support(ctx, clarke.Rational(product), 0)
		require.NoError(t, err)
		want, err := one.Support(ctx, direction, 0)
		require.NoError(t, err)
		if got.Closed && want.Closed && len(one.Kinks) == len(d.Kinks) {
			require.Zero(t, want.Lower.Exact[0].Cmp(got.Lower.Exact[0]))
		}
	})
}

// g is affine in all slots jointly where the field says so: the program's gradient
// at a midpoint of slots is the midpoint of its gradients. And where it denies that
// the field has a group.
func TestLawAffineIsSound(t *testing.T) {
	programs := optest.Programs(optest.Config{Class: expr.PiecewisePolynomial})
	rapid.Check(t, func(t *rapid.T) {
		p, d := rational(t, programs, Options{MaxSlots: 4})
		free := 0
		for _, group := range d.Groups {
			free += len(group)
		}
		require.Equal(t, d.Affine, d.Depth <= 1)
		require.LessOrEqual(t, d.Depth, free)
		if !d.Affine || free < 2 {
			return
		}
		g := newGradientProgram(t, p.Func, p.Rats())
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		a, b := d.listed(valuesOf(ratNumbers, d.random(rng))), d.listed(valuesOf(ratNumbers, d.random(rng)))
		middle := make([]clarke.Vector, len(a))
		for i := range a {
			middle[i] = mean(a[i], b[i])
		}
		want := mean(g.at(t, g.matched(t, d, a)), g.at(t, g.matched(t, d, b)))
		require.Zero(t, compare(want, g.at(t, g.matched(t, d, middle))))
	})
}

func nested(op string, n int) string {
	return strings.Repeat(op+"(", n) + "x - y/3" + strings.Repeat(")", n)
}

// Sixty kinks on one path have 2^60 combinations of choices, yet relu in relu has
// few elements, abs in abs a tight relaxation, and what has neither gets bounds.
func TestSixtyKinksOnOnePath(t *testing.T) {
	x := clarke.RationalPoint(zeroRats(1), zeroRats(1))
	for _, c := range []struct {
		text     string
		vertices int
	}{
		{nested("relu", 60), 2},
		{nested("abs", 60) + " + 2*x", 2},
		{strings.Repeat("relu(0.5*abs(", 30) + "x - y/3" + strings.Repeat(")-0.1*y)", 30), 0},
	} {
		f, err := parse.Parse(c.text)
		require.NoError(t, err)
		d, err := At(context.Background(), f, x, Options{MaxParts: 64})
		require.NoError(t, err)
		require.Len(t, d.Kinks, 60)
		require.Equal(t, 60, d.Depth)
		h, err := d.Support(context.Background(), clarke.Floats([]float64{1, 0}), 16)
		require.NoError(t, err)
		require.LessOrEqual(t, h.Lower.Float[0], h.Upper.Float[0])
		require.Less(t, h.Upper.Float[0]-h.Lower.Float[0], 1e-6, "the relaxation is nearly tight")
		require.LessOrEqual(t, d.DistanceLower, d.Distance)
		t.Log(c.text[:12], d.Complete, d.Why, d.HullContainsZero, d.ContainsZero, d.ContainsZeroWhy, h.Lower.Float, h.Upper.Float)
	}
}

// Thirty-six kinks in three layers; what follows the linearisation ends at once
// when the context does, with bounds.
func TestCancelledContextReturnsSoon(t *testing.T) {
	f := layered(rand.New(rand.NewPCG(5, 5)), 4, 12, 12, 12)
	for _, x := range []clarke.Point{clarke.FloatPoint(make([]float64, 4)), clarke.RationalPoint(zeroRats(4))} {
		a, err := NewAnalyzer(f, Options{})
		require.NoError(t, err)
		lin, err := a.linearize(context.Background(), x)
		require.NoError(t, err)
		for _, wait := range []time.Duration{0, 20 * time.Millisecond, 200 * time.Millisecond} {
			d := &Field{options: a.o}
			require.NoError(t, d.adopt(lin))
			ctx, stop := context.WithCancel(context.Background())
			time.AfterFunc(wait, stop)
			start := time.Now()
			require.NoError(t, d.build(ctx))
			late := time.Since(start) - wait
			require.Less(t, late, 2*time.Second, "a hang; on an idle machine it is below 100 ms")
			require.LessOrEqual(t, d.DistanceLower, d.Distance)
			h, err := d.Support(ctx, clarke.Floats([]float64{1, 0, 0, 0}), 0)
			require.NoError(t, err)
			require.LessOrEqual(t, h.Lower.Float[0], h.Upper.Float[0])
			require.NotEmpty(t, d.ContainsZeroWhy)
			t.Log(late, d.Why, d.ContainsZeroWhy)
		}
	}
}

func TestSupportMistakes(t *testing.T) {
	f, err := parse.Parse("abs(x)")
	require.NoError(t, err)
	d, err := At(context.Background(), f, clarke.RationalPoint(zeroRats(1)), Options{})
	require.NoError(t, err)
	for _, v := range []clarke.Vector{clarke.Floats([]float64{1, 2}), clarke.Floats(nil)} {
		_, err := d.Support(context.Background(), v, 0)
		require.ErrorAs(t, err, new(*VectorError))
		_, err = d.HullContains(v)
		require.ErrorAs(t, err, new(*VectorError))
		_, err = d.Contains(context.Background(), v)
		require.ErrorAs(t, err, new(*VectorError))
	}
}

func BenchmarkMinNorm(b *testing.B) {
	for _, size := range [][2]int{{20, 10}, {200, 50}} {
		f := workload.Zonotope(size[0], size[1])
		a, err := NewAnalyzer(f, Options{})
		require.NoError(b, err)
		x := clarke.FloatPoint(make([]float64, size[1]))
		ctx := context.Background()
		d, err := a.At(ctx, x)
		require.NoError(b, err)
		require.Equal(b, clarke.No, d.HullContainsZero)
		name := fmt.Sprintf("%dx%d/", size[0], size[1])
		b.Run(name+"MinNorm", func(b *testing.B) {
			for b.Loop() {
				n, _ := d.project(ctx, make([]float64, size[1]))
				b.ReportMetric(float64(n.Cycles), "cycles")
			}
		})
		b.Run(name+"At", func(b *testing.B) {
			for b.Loop() {
				_, _ = a.At(ctx, x)
			}
		})
		b.Run(name+"AtExact", func(b *testing.B) {
			for b.Loop() {
				_, _ = a.At(ctx, clarke.RationalPoint(zeroRats(size[1])))
			}
		})
	}
}
