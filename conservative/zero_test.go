package conservative

import (
	"context"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// rational draws a program and its field, or skips.
func rational(t *rapid.T, programs *rapid.Generator[optest.Program], o Options) (optest.Program, *Field) {
	p := programs.Draw(t, "program")
	if len(p.Func.Wrt()) == 0 {
		t.Skip("nothing to differentiate")
	}
	d, err := At(context.Background(), p.Func, clarke.RationalPoint(p.Rats()...), o)
	require.NoError(t, err)
	if d.Refused != "" {
		t.Skip(d.Refused)
	}
	return p, d
}

// matched sorts slots for the kinks of a field in the order of a program's own.
func (p *gradientProgram) matched(t require.TestingT, d *Field, at []clarke.Vector) [][]*big.Rat {
	out := make([][]*big.Rat, len(p.kinks))
	for i := range p.kinks {
		b := slices.IndexFunc(d.Kinks, func(k ad.Kink) bool {
			return k.Slot.Node == p.kinks[i].Slot.Node && slices.Equal(k.Entries, p.kinks[i].Entries)
		})
		require.GreaterOrEqual(t, b, 0)
		out[i] = at[b].Exact
	}
	return out
}

// requireMember holds slots against their sets and the program against them.
func requireMember(t require.TestingT, g *gradientProgram, d *Field, at []clarke.Vector, want clarke.Vector) {
	require.Empty(t, d.invalid(at), "%v", at)
	require.Zero(t, compare(want, g.at(t, g.matched(t, d, at))))
}

func requireProof(t require.TestingT, c *Certificate) {
	require.NoError(t, c.Check())
	if len(c.Leaves) > 0 {
		bad := *c
		bad.Leaves = slices.Clone(c.Leaves[1:])
		require.Error(t, bad.Check(), "leaves are missing")
		bad.Leaves = slices.Clone(c.Leaves)
		y := slices.Clone(bad.Leaves[0].Farkas.Exact)
		for i := range y {
			y[i] = new(big.Rat).Neg(y[i])
		}
		bad.Leaves[0].Farkas = clarke.Rational(y)
		require.Error(t, bad.Check(), "the vector is another one")
	}
}

// 0 ∈ D is decided for all programs of the generator with up to twelve kinks: yes
// with slots that the program confirms, no with a certificate that holds and that
// no point of a grid of slots contradicts.
func TestLawZeroIsDecided(t *testing.T) {
	programs := optest.Programs(optest.Config{Class: expr.PiecewisePolynomial, Repeat: true})
	rapid.Check(t, func(t *rapid.T) {
		p, d := rational(t, programs, Options{})
		if len(d.Kinks) > 12 {
			t.Skip("many kinks")
		}
		g := newGradientProgram(t, p.Func, p.Rats())
		// The element at a point of the grid, or the mean of two: the questions are as
		// hard as 0 ∈ D, and half of them have the answer yes.
		grid := g.onGrid(t, 2, 3000)
		targets := []clarke.Vector{d.zero()}
		if n := len(grid); n > 1 {
			i := rapid.IntRange(0, n-1).Draw(t, "element")
			j := rapid.IntRange(0, n-1).Draw(t, "other")
			targets = append(targets, grid[i], mean(grid[i], grid[j]))
		}
		for i, v := range targets {
			m, err := d.Contains(context.Background(), v)
			require.NoError(t, err)
			onGrid := slices.ContainsFunc(grid, func(e clarke.Vector) bool { return compare(e, v) == 0 })
			switch m.Verdict {
			case clarke.Yes:
				requireMember(t, g, d, m.Slots, v)
			case clarke.No:
				require.False(t, onGrid, "an element was denied")
				in, err := d.HullContains(v)
				require.NoError(t, err)
				if in == clarke.Yes {
					requireProof(t, m.Certificate)
				}
			default:
				require.Fail(t, "undecided", m.Why)
			}
			if i == 0 {
				require.Equal(t, d.ContainsZero, m.Verdict)
			}
		}
	})
}

func mean(a, b clarke.Vector) clarke.Vector {
	out := zeroRats(len(a.Exact))
	half := big.NewRat(1, 2)
	ratAxpy(out, half, a.Exact)
	ratAxpy(out, half, b.Exact)
	return clarke.Rational(out)
}

// Twelve kinks in three layers with integer weights.
func layered(rng *rand.Rand, widths ...int) *expr.Func {
	g := expr.NewGraph()
	x := g.Input("x", widths[0])
	y := x
	for _, n := range widths[1:] {
		var parts []expr.Node
		for range n {
			w := make([]float64, y.Shape().Size())
			for j := range w {
				w[j] = float64(rng.IntN(5) - 2)
			}
			z := expr.Dot(g.Tensor(w, len(w)), y)
			if rng.IntN(2) == 0 {
				z = expr.Abs(z)
			} else {
				z = expr.ReLU(z)
			}
			parts = append(parts, expr.Reshape(z, 1))
		}
		y = expr.Concat(parts...)
	}
	w := make([]float64, y.Shape().Size())
	for j := range w {
		w[j] = float64(rng.IntN(7) - 3)
	}
	out := expr.Add(expr.Dot(g.Tensor(w, len(w)), y), expr.Dot(g.Tensor([]float64{1, -1, 1, -1}[:widths[0]], widths[0]), x))
	f, err := g.Func(expr.In(x), expr.Out(out))
	if err != nil {
		panic(err)
	}
	return f
}

// checkZero decides 0 ∈ D for a random network and checks the answer without the
// search: the choice that gives 0, or the certificate and a grid of choices.
func checkZero(t require.TestingT, seed uint64) *Field {
	rng := rand.New(rand.NewPCG(seed, 1))
	n := 2 + rng.IntN(2)
	f := layered(rng, n, 3+rng.IntN(2), 2+rng.IntN(3), 1+rng.IntN(2))
	x := [][]*big.Rat{zeroRats(n)}
	d, err := At(context.Background(), f, clarke.RationalPoint(x...), Options{})
	require.NoError(t, err)
	g := newGradientProgram(t, f, x)
	switch d.ContainsZero {
	case clarke.Yes:
		requireMember(t, g, d, d.ZeroSlots, d.zero())
	case clarke.No:
		for _, v := range g.onGrid(t, 1, 1100) {
			require.False(t, v.IsZero())
		}
		if d.ZeroCertificate != nil {
			requireProof(t, d.ZeroCertificate)
		}
	default:
		require.Fail(t, "undecided", d.ContainsZeroWhy)
	}
	return d
}

func TestLawZeroOfNetworks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkZero(t, rapid.Uint64().Draw(t, "seed")) })
}

// Both answers come up, and "no" also where 0 is in conv D, by a certificate.
func TestZeroOfNetworksHasAllAnswers(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and on one goroutine")
	}
	yes, certificates := 0, 0
	for seed := range uint64(200) {
		d := checkZero(t, seed)
		if d.ContainsZero == clarke.Yes {
			yes++
		}
		if d.ZeroCertificate != nil {
			certificates++
		}
	}
	t.Logf("%d times yes, %d certificates of no", yes, certificates)
	require.Positive(t, yes)
	require.Positive(t, certificates)
}

// A Direction is a ball: cuts close in on it, and rational points on its sphere
// are found where they are the only ones.
func TestZeroWithDirections(t *testing.T) {
	for text, want := range map[string]clarke.Verdict{
		"norm2([x, y]) + x":                     clarke.Yes, // (1, 0) + a ball of radius 1
		"norm2([x, y]) + 0.6*x + 0.8*y":         clarke.Yes,
		"norm2([x, y]) + x + 0.01*y":            clarke.No,
		"norm2([x, y]) - abs(x) + x - 2*y":      clarke.No,
		"relu(norm2([x, y])) + 0.3*x":           clarke.Yes,
		"abs(norm2([x, y]) + x - y/2) + x/2":    clarke.Yes,
		"max(norm2([x, y]), x + 2*y) + 2*x - y": clarke.No,
	} {
		f, err := parse.Parse(text)
		require.NoError(t, err)
		d, err := At(context.Background(), f, clarke.RationalPoint(zeroRats(1), zeroRats(1)), Options{})
		require.NoError(t, err)
		require.Equal(t, want, d.ContainsZero, "%s: %s", text, d.ContainsZeroWhy)
		if want == clarke.Yes {
			v, err := d.Element(d.ZeroSlots)
			require.NoError(t, err)
			require.True(t, v.IsZero())
			require.Empty(t, d.invalid(d.ZeroSlots))
		}
		if d.ZeroCertificate != nil {
			requireProof(t, d.ZeroCertificate)
		}
	}
}

// T38 has D = {(s + tb, −sa − t)}, the rectangles [s, s + t] × −[t, s + t]: with s and t as
// large as (p, −q) allows it is in one if and only if |p − q| ≤ 1, so D is its hull although
// choices multiply each other.
func TestCrossedReluIsConvex(t *testing.T) {
	f, err := parse.Parse("relu(x - relu(y)) - relu(y - relu(x))")
	require.NoError(t, err)
	d, err := At(context.Background(), f, clarke.RationalPoint(zeroRats(1), zeroRats(1)), Options{})
	require.NoError(t, err)
	require.False(t, d.Affine)
	for p := int64(-1); p <= 9; p++ { // fourths
		for q := int64(-1); q <= 9; q++ {
			m, err := d.Contains(context.Background(), clarke.Rational([]*big.Rat{big.NewRat(p, 4), big.NewRat(-q, 4)}))
			require.NoError(t, err)
			want := clarke.No
			if 0 <= min(p, q) && max(p, q) <= 8 && max(p-q, q-p) <= 4 {
				want = clarke.Yes
			}
			require.Equal(t, want, m.Verdict, "(%d, −%d)/4", p, q)
		}
	}
}
