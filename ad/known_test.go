package ad_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
	"github.com/tamegrad/tamegrad/testdata/known"
)

func knownRows(t testing.TB) []known.Function {
	rows, err := known.Functions()
	require.NoError(t, err)
	require.NotEmpty(t, rows)
	return rows
}

// eachKnown runs a test for every row that has a program.
func eachKnown(t *testing.T, test func(t *testing.T, row known.Function, f *expr.Func, at []*big.Rat)) {
	for _, row := range knownRows(t) {
		if row.Expression == "" {
			continue
		}
		t.Run(row.ID, func(t *testing.T) {
			f, err := parse.Parse(row.Expression)
			require.NoError(t, err)
			require.Len(t, row.At, len(f.In()))
			var at []*big.Rat
			for _, x := range f.In() {
				at = append(at, rational(t, row.At[x.String()]))
			}
			test(t, row, f, at)
		})
	}
}

func rational(t testing.TB, s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	require.True(t, ok, "%q is not a rational", s)
	return r
}

func rationals(t testing.TB, s []string) []*big.Rat {
	out := make([]*big.Rat, len(s))
	for i, v := range s {
		out[i] = rational(t, v)
	}
	return out
}

func points(t testing.TB, s [][]string) [][]*big.Rat {
	out := make([][]*big.Rat, len(s))
	for i, v := range s {
		out[i] = rationals(t, v)
	}
	return out
}

// run evaluates a program of scalar inputs and outputs, in rationals if it has
// a rational value there, else in float64; exactly tells which.
func run(t testing.TB, f *expr.Func, in ...[]*big.Rat) (out []string, exactly bool) {
	var flat [][]*big.Rat
	for _, v := range in {
		for _, x := range v {
			flat = append(flat, []*big.Rat{x})
		}
	}
	p, err := exact.Compile(f)
	if err == nil {
		var y [][]*big.Rat
		if y, err = p.Run(flat...); err == nil {
			for _, v := range y {
				out = append(out, v[0].RatString())
			}
			return out, true
		}
	}
	var unsupported *exact.UnsupportedError
	var fault *exact.FaultError
	require.True(t, errors.As(err, &unsupported) || errors.As(err, &fault), "%v", err)
	return runFloat(t, f, flat), false
}

func runFloat(t testing.TB, f *expr.Func, in [][]*big.Rat) (out []string) {
	p, err := vm.Compile(f, vm.Options{})
	require.NoError(t, err)
	w := p.NewWorkspace()
	for i, v := range in {
		w.In(i)[0], _ = v[0].Float64()
	}
	require.NoError(t, w.Run())
	for i := range f.Out() {
		out = append(out, fmt.Sprint(w.Out(i)[0]))
	}
	return out
}

// same compares numbers written as text: exactly, or up to rounding in float64.
func same(t testing.TB, want, got []string, exactly bool) {
	require.Len(t, got, len(want))
	for i := range want {
		if exactly {
			require.Equal(t, want[i], got[i], "want %v, got %v", want, got)
			continue
		}
		x, err := strconv.ParseFloat(got[i], 64)
		require.NoError(t, err)
		if want[i] == "NaN" {
			require.True(t, math.IsNaN(x), "want %v, got %v", want, got)
			continue
		}
		y, _ := rational(t, want[i]).Float64()
		require.InDelta(t, y, x, 1e-12, "want %v, got %v", want, got)
	}
}

// convention returns the wiring of a key of known.Function.Conventions.
func convention(t testing.TB, name string) ad.Wiring {
	kind, value, found := strings.Cut(name, "=")
	if !found {
		p, ok := ad.LookupPreset(name)
		require.True(t, ok, "no preset %q", name)
		return p.Wiring()
	}
	v, _ := rational(t, value).Float64()
	if kind == "atkink" {
		return ad.AtKink(v)
	}
	require.Equal(t, "atslot", kind)
	return ad.AtSlot(v)
}

func wired(t testing.TB, f *expr.Func, w ad.Wiring) *expr.Func {
	g, err := ad.Gradient(f)
	require.NoError(t, err)
	g, err = ad.Wire(g, w)
	require.NoError(t, err)
	return g
}

func TestKnownIsComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range knownRows(t) {
		seen[strings.TrimRight(row.ID, "abcd")] = true
		require.True(t, row.Expression != "" || row.Exempt["expression"] != "", "%s has no program and no reason", row.ID)
		for what, why := range row.Exempt {
			require.NotEmpty(t, why, "%s exempts %s without a reason", row.ID, what)
		}
	}
	for i := range 48 {
		require.True(t, seen[fmt.Sprintf("T%d", i+1)], "T%d is missing", i+1)
	}
}

func TestKnownDirectional(t *testing.T) {
	eachKnown(t, func(t *testing.T, row known.Function, f *expr.Func, at []*big.Rat) {
		if row.Exempt["directional"] != "" {
			return
		}
		g, err := ad.Directional(f)
		require.NoError(t, err)
		for _, d := range row.Directional {
			out, exactly := run(t, g, at, rationals(t, d.Direction))
			same(t, []string{d.Value}, out[1:], exactly)
		}
	})
}

func TestKnownLexicographic(t *testing.T) {
	eachKnown(t, func(t *testing.T, row known.Function, f *expr.Func, at []*big.Rat) {
		if row.Lexicographic == nil {
			return
		}
		g, err := ad.Lexicographic(f)
		require.NoError(t, err)
		out, exactly := run(t, g, at)
		same(t, row.Lexicographic, out[1:], exactly)
	})
}

func TestKnownConventions(t *testing.T) {
	eachKnown(t, func(t *testing.T, row known.Function, f *expr.Func, at []*big.Rat) {
		for name, want := range row.Conventions {
			out, exactly := run(t, wired(t, f, convention(t, name)), at)
			same(t, want, out[1:], exactly)
		}
	})
}

// TestKnownSets checks the facts about the listed polytopes against each other.
func TestKnownSets(t *testing.T) {
	for _, row := range knownRows(t) {
		t.Run(row.ID, func(t *testing.T) {
			for _, s := range []*known.Set{row.Clarke, row.Conservative} {
				if s == nil || s.Vertices == nil {
					continue
				}
				v := points(t, s.Vertices)
				extreme, err := convex.ExactExtreme(v)
				require.NoError(t, err)
				require.Len(t, extreme, len(v), "only %v are extreme", extreme)
				zero := s.ContainsZero
				if s == row.Conservative {
					require.True(t, s.HullContainsZero || !s.ContainsZero)
					zero = s.HullContainsZero
				}
				require.Equal(t, zero, inside(t, v, make([]string, len(v[0]))))
			}
			for _, m := range row.Members {
				require.Equal(t, m.Clarke, inside(t, points(t, row.Clarke.Vertices), m.Vector))
				if m.Conservative {
					require.True(t, inside(t, points(t, row.Conservative.Vertices), m.Vector))
				}
			}
		})
	}
}

// inside reports whether v is in the hull of points; empty entries are 0.
func inside(t testing.TB, p [][]*big.Rat, v []string) bool {
	x := make([]*big.Rat, len(v))
	for i := range v {
		if x[i] = new(big.Rat); v[i] != "" {
			x[i] = rational(t, v[i])
		}
	}
	m, err := convex.ExactContains(p, x)
	require.NoError(t, err)
	return m.Inside
}
