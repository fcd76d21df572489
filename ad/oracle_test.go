package ad_test

import (
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
	"github.com/tamegrad/tamegrad/testdata/known"
)

// smallRow reports whether the interpreter covers a row: T1 to T38, T44 to T46.
func smallRow(row known.Function) bool {
	var n int
	_, err := fmt.Sscanf(strings.TrimRight(row.ID, "abcd"), "T%d", &n)
	return err == nil && (n <= 38 || n >= 44 && n <= 46)
}

// TestPresetsAgreeWithInterpreter checks every preset on every row that the
// interpreter covers, and records where the returned vectors lie.
func TestPresetsAgreeWithInterpreter(t *testing.T) {
	var recorded strings.Builder
	fmt.Fprintf(&recorded, "%-6s", "id")
	for _, p := range ad.Presets() {
		fmt.Fprintf(&recorded, " %-12s", strings.ToLower(p.Name))
	}
	eachKnown(t, func(t *testing.T, row known.Function, f *expr.Func, at []*big.Rat) {
		if !smallRow(row) {
			return
		}
		fmt.Fprintf(&recorded, "\n%-6s", row.ID)
		for _, p := range ad.Presets() {
			fmt.Fprintf(&recorded, " %-12s", presetVerdict(t, row, f, at, p))
		}
	})
	want, err := known.Files.ReadFile("verdicts.txt")
	require.NoError(t, err)
	require.Equal(t, trimLines(string(want)), trimLines(recorded.String()))
}

func trimLines(s string) []string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines
}

// presetVerdict compares a preset with the interpreter and returns where the
// interpreter's vector lies, by the sets of the row.
func presetVerdict(t *testing.T, row known.Function, f *expr.Func, at []*big.Rat, p ad.Preset) string {
	oracle, rules := interpret(row.Expression), frameworks[strings.ToLower(p.Name)]
	g, err := ad.Gradient(f)
	require.NoError(t, err)
	g, err = ad.Wire(g, p.Wiring())
	var none *ad.NoRuleError
	if errors.As(err, &none) {
		require.False(t, rules.knows(oracle), "%s: %v", p.Name, err)
		return "no rule"
	}
	require.NoError(t, err)
	require.True(t, rules.knows(oracle), "%s has a rule that the interpreter lacks", p.Name)
	out, exactly := run(t, g, at)
	v := rules.gradient(oracle, floats(at))
	if !exactly {
		same(t, texts(v), out[1:], false)
		return verdict(t, row, texts(v))
	}
	require.InDeltaSlice(t, v, floats(rationals(t, out[1:])), 1e-15)
	return verdict(t, row, out[1:])
}

// verdict says in which of the row's sets a vector lies. Near the ends of
// intervals the vectors of T15 are exact, so no tolerance is needed.
func verdict(t *testing.T, row known.Function, v []string) string {
	switch {
	case inside(t, points(t, row.Clarke.Vertices), v):
		return "clarke"
	case inside(t, points(t, row.Conservative.Vertices), v):
		return "conservative"
	}
	return "neither"
}

func floats(v []*big.Rat) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i], _ = x.Float64()
	}
	return out
}

// texts writes floats as exact rationals.
func texts(v []float64) []string {
	out := make([]string, len(v))
	for i, x := range v {
		out[i] = new(big.Rat).SetFloat64(x).RatString()
	}
	return out
}

// TestKnownFields enumerates all combinations of active pieces: the hull is
// that of the conservative field.
func TestKnownFields(t *testing.T) {
	eachKnown(t, func(t *testing.T, row known.Function, _ *expr.Func, at []*big.Rat) {
		if !smallRow(row) {
			return
		}
		var all [][]*big.Rat
		interpret(row.Expression).selections(floats(at), func(g []float64) {
			all = append(all, rationals(t, texts(g)))
		})
		require.Equal(t, row.Conservative.Vertices, extremePoints(t, all))
	})
}

// extremePoints returns the vertices of the hull, sorted, as text.
func extremePoints(t *testing.T, p [][]*big.Rat) [][]string {
	slices.SortFunc(p, compareVectors)
	p = slices.CompactFunc(p, func(a, b []*big.Rat) bool { return compareVectors(a, b) == 0 })
	index, err := convex.ExactExtreme(p)
	require.NoError(t, err)
	slices.Sort(index)
	var out [][]string
	for _, i := range index {
		var v []string
		for _, x := range p[i] {
			v = append(v, x.RatString())
		}
		out = append(out, v)
	}
	return out
}

func compareVectors(a, b []*big.Rat) int {
	return slices.CompareFunc(a, b, func(x, y *big.Rat) int { return x.Cmp(y) })
}

// exactValue is a function on rational points that knows no derivatives.
type exactValue func(x []*big.Rat) *big.Rat

// piecewiseAffine returns the function if a few difference quotients look
// affine along rays from the point, which no other row's do.
func piecewiseAffine(f *expr.Func, at []*big.Rat) (exactValue, bool) {
	p, err := exact.Compile(f)
	if err != nil {
		return nil, false
	}
	value := func(x []*big.Rat) *big.Rat {
		in := make([][]*big.Rat, len(x))
		for i := range x {
			in[i] = x[i : i+1]
		}
		out, err := p.Run(in...)
		if err != nil {
			return nil
		}
		return out[0][0]
	}
	d := make([]*big.Rat, len(at))
	for i := range d {
		d[i] = big.NewRat(int64(3-2*i), 1)
	}
	for _, x := range d {
		a, b := quotient(value, at, d, big.NewRat(1, 1000)), quotient(value, at, d, big.NewRat(1, 3000))
		if a == nil || b == nil || a.Cmp(b) != 0 {
			return nil, false
		}
		x.Neg(x)
	}
	return value, true
}

// move returns x + t·d.
func move(x, d []*big.Rat, t *big.Rat) []*big.Rat {
	out := make([]*big.Rat, len(x))
	for i := range x {
		out[i] = new(big.Rat).Mul(t, d[i])
		out[i].Add(out[i], x[i])
	}
	return out
}

// quotient is (f(x + t·d) − f(x))/t, or nil if f has no value there.
func quotient(f exactValue, x, d []*big.Rat, t *big.Rat) *big.Rat {
	a, b := f(move(x, d, t)), f(x)
	if a == nil || b == nil {
		return nil
	}
	a = new(big.Rat).Sub(a, b)
	return a.Quo(a, t)
}

// gradientAt returns the gradient of a piecewise affine function where it is
// differentiable, found from its values only.
func gradientAt(f exactValue, x []*big.Rat) ([]*big.Rat, bool) {
	g := make([]*big.Rat, len(x))
	h := big.NewRat(1, 1e15)
	for i := range x {
		e := zeroRats(len(x))
		e[i].SetInt64(1)
		g[i] = quotient(f, x, e, h)
		if left := quotient(f, x, e, new(big.Rat).Neg(h)); g[i].Cmp(left) != 0 {
			return nil, false
		}
	}
	return g, true
}

func zeroRats(n int) []*big.Rat {
	out := make([]*big.Rat, n)
	for i := range out {
		out[i] = new(big.Rat)
	}
	return out
}

func randomDirection(rng *rand.Rand, n int) []*big.Rat {
	d := zeroRats(n)
	for i := range d {
		d[i].SetInt64(rng.Int64N(101) - 50)
	}
	return d
}

// eachAffine runs a test for the piecewise affine rows.
func eachAffine(t *testing.T, test func(t *testing.T, row known.Function, f *expr.Func, at []*big.Rat, value exactValue)) {
	rows := 0
	eachKnown(t, func(t *testing.T, row known.Function, f *expr.Func, at []*big.Rat) {
		if value, ok := piecewiseAffine(f, at); ok && row.Exempt["directional"] == "" {
			rows++
			test(t, row, f, at, value)
		}
	})
	require.Greater(t, rows, 40)
}

// TestKnownClarke compares the listed vertices with the gradients at nearby
// points, which are found from exact values only.
func TestKnownClarke(t *testing.T) {
	eachAffine(t, func(t *testing.T, row known.Function, _ *expr.Func, at []*big.Rat, value exactValue) {
		rng := rand.New(rand.NewPCG(1, 2))
		var all [][]*big.Rat
		for range 200 {
			near := move(at, randomDirection(rng, len(at)), big.NewRat(1, 1e6))
			if g, ok := gradientAt(value, near); ok {
				all = append(all, g)
			}
		}
		require.Equal(t, row.Clarke.Vertices, extremePoints(t, all))
	})
}

// TestDirectionalIsTheLimit compares Directional with exact difference
// quotients, which are the limit for piecewise affine functions.
func TestDirectionalIsTheLimit(t *testing.T) {
	eachAffine(t, func(t *testing.T, _ known.Function, f *expr.Func, at []*big.Rat, value exactValue) {
		g, err := ad.Directional(f)
		require.NoError(t, err)
		rng := rand.New(rand.NewPCG(3, 4))
		for k := range 40 {
			d := randomDirection(rng, len(at))
			if k < 20 { // along kinks: few and small coordinates
				for _, x := range d {
					x.SetInt64(rng.Int64N(3) - 1)
				}
			}
			out, exactly := run(t, g, at, d)
			same(t, []string{quotient(value, at, d, big.NewRat(1, 1e6)).RatString()}, out[1:], exactly)
		}
	})
}

// TestLexicographicIsTheLimit compares Lexicographic with the gradient at
// x + t(e₁ + εe₂ + ε²e₃).
func TestLexicographicIsTheLimit(t *testing.T) {
	eachAffine(t, func(t *testing.T, row known.Function, f *expr.Func, at []*big.Rat, value exactValue) {
		d := zeroRats(len(at))
		for i := range d {
			d[i].SetFrac64(1, []int64{1, 1e2, 1e4}[i])
		}
		want, ok := gradientAt(value, move(at, d, big.NewRat(1, 1e6)))
		require.True(t, ok)
		g, err := ad.Lexicographic(f)
		require.NoError(t, err)
		out, exactly := run(t, g, at)
		var text []string
		for _, x := range want {
			text = append(text, x.RatString())
		}
		same(t, text, out[1:], exactly)
	})
}

// TestLawPresetsAgreeWithInterpreter draws programs whose kinks are active and
// compares every preset that has all the rules, bit for bit.
func TestLawPresetsAgreeWithInterpreter(t *testing.T) {
	lack := map[string][]string{"autograd": {"relu"}, "gorgonia": {"max", "min", "clamp"}}
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(ad.Presets()).Draw(t, "preset")
		name := strings.ToLower(p.Name)
		text := randomProgram(t, 4, lack[name])
		x := rapid.SliceOfN(rapid.IntRange(-1, 1), 3, 3).Draw(t, "x")
		point := []float64{float64(x[0]), float64(x[1]), float64(x[2])}
		want := frameworks[name].gradient(interpret(text), point)
		requireGradient(t, text, p.Wiring(), point, want)
	})
}

func requireGradient(t *rapid.T, text string, w ad.Wiring, point, want []float64) {
	f, err := parse.Parse(text)
	require.NoError(t, err)
	g, err := ad.Gradient(f)
	require.NoError(t, err)
	g, err = ad.Wire(g, w)
	require.NoError(t, err)
	p, err := vm.Compile(g, vm.Options{})
	require.NoError(t, err)
	ws := p.NewWorkspace()
	for i := range f.In() {
		ws.In(i)[0] = point[i]
	}
	require.NoError(t, ws.Run())
	for i, v := range want {
		require.Equal(t, v+0, ws.Out(1 + i)[0]+0, "%s at %v, coordinate %d", text, point, i)
	}
}

// randomProgram writes an expression of the given depth in x, y and z.
func randomProgram(t *rapid.T, depth int, without []string) string {
	leaves := []string{"x", "y", "z", "x", "y", "1", "0", "0.5"}
	if depth == 0 || rapid.IntRange(0, 9).Draw(t, "leaf") == 0 {
		return rapid.SampledFrom(leaves).Draw(t, "name")
	}
	ops := []string{"+", "-", "*", "neg", "relu", "abs", "max", "min", "clamp"}
	ops = slices.DeleteFunc(ops, func(op string) bool { return slices.Contains(without, op) })
	part := func() string { return randomProgram(t, depth-1, without) }
	switch op := rapid.SampledFrom(ops).Draw(t, "op"); op {
	case "+", "-", "*":
		return "(" + part() + " " + op + " " + part() + ")"
	case "neg":
		return "(-" + part() + ")"
	case "clamp":
		return "clamp(" + part() + ", " + rapid.SampledFrom([]string{"-1, 1", "0, 1", "-1, 0"}).Draw(t, "bounds") + ")"
	case "max", "min":
		return op + "(" + part() + ", " + part() + ")"
	default:
		return op + "(" + part() + ")"
	}
}
