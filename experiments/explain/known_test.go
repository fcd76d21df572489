package explain_test

import (
	"context"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/testdata/known"
)

func knownRows(t testing.TB) []known.Function {
	rows, err := known.Functions()
	require.NoError(t, err)
	require.NotEmpty(t, rows)
	return rows
}

// request asks about a row.
func request(t testing.TB, k known.Function) explain.Request {
	var parts []string
	for name, value := range k.At {
		parts = append(parts, name+"="+value)
	}
	at, err := explain.ParsePoint(strings.Join(parts, ","))
	require.NoError(t, err)
	return explain.Request{Expression: k.Expression, At: at, Seed: 1}
}

func analyze(t testing.TB, q explain.Request) *explain.Report {
	r, err := explain.Analyze(context.Background(), q)
	require.NoError(t, err)
	return r
}

func rationals(t testing.TB, texts []string) clarke.Vector {
	out := make([]*big.Rat, len(texts))
	for i, s := range texts {
		x, ok := new(big.Rat).SetString(s)
		require.True(t, ok, s)
		out[i] = x
	}
	return clarke.Rational(out)
}

// requireVector compares exactly in rational arithmetic.
func requireVector(t testing.TB, r *explain.Report, want []string, got clarke.Vector) {
	if slices.Contains(want, "NaN") {
		for _, x := range got.Float {
			require.NotEqual(t, x, x) //nolint:testifylint // NaN
		}
		return
	}
	w := rationals(t, want)
	if got.Exact == nil {
		require.False(t, r.Exact)
		require.InDeltaSlice(t, w.Float, got.Float, 1e-14)
		return
	}
	require.Equal(t, texts(w), texts(got))
}

func texts(v clarke.Vector) []string {
	out := make([]string, len(v.Exact))
	for i, x := range v.Exact {
		out[i] = x.RatString()
	}
	return out
}

// knownCase checks one row; every exemption that it needs is taken from the row
// and said in the output.
type knownCase struct {
	*testing.T
	row  known.Function
	r    *explain.Report
	used map[string]bool
}

// exempt reports whether the row does not hold explain to a quantity.
func (c knownCase) exempt(quantity string) bool {
	why, ok := c.row.Exempt[quantity]
	if ok {
		c.Logf("%s: %s is exempt: %s", c.row.ID, quantity, why)
		c.used[quantity] = true
	}
	return ok
}

// aside are exemptions of what explain never gives.
var aside = []string{"expression", "expectation", "fixed point"}

func TestKnownAnswers(t *testing.T) {
	var refused []string
	verdicts := knownVerdicts(t)
	for _, row := range knownRows(t) {
		t.Run(row.ID, func(t *testing.T) {
			c := knownCase{t, row, nil, map[string]bool{}}
			for _, quantity := range aside {
				c.exempt(quantity)
			}
			if row.Expression == "" {
				require.Contains(t, row.Exempt, "expression")
				return
			}
			c.r = analyze(t, request(t, row))
			if c.r.Class.Kind <= expr.PiecewisePolynomial && c.r.Refused == "" {
				require.True(t, c.r.Exact)
			}
			c.conventions(verdicts[row.ID])
			if c.r.Refused != "" {
				refused = append(refused, row.ID)
				c.refused()
			} else {
				c.sets()
				c.directions()
			}
			for quantity := range row.Exempt {
				require.True(t, c.used[quantity], "the exemption of %s is needed by nothing", quantity)
			}
		})
	}
	require.Equal(t, []string{"T40", "T42", "T43", "T48"}, refused)
}

// refused checks that a refused program is exempt and has value and selections.
func (c knownCase) refused() {
	c.Logf("%s: refused, so derivatives along directions are not given: %s", c.row.ID, c.r.Refused)
	require.True(c, c.exempt("clarke"))
	require.True(c, c.exempt("conservative"))
	c.exempt("directional")
	require.Nil(c, c.r.Clarke)
	require.Nil(c, c.r.Conservative)
	require.Nil(c, c.r.Lexicographic)
	require.Len(c, c.r.Value.Float, 1)
	require.NotEmpty(c, c.r.Selections)
}

func (c knownCase) sets() {
	d, k := c.r.Conservative, c.r.Clarke
	require.True(c, k.Exact, k.Why)
	require.Equal(c, answer(c.row.Conservative.ContainsZero), d.ContainsZero, d.ContainsZeroWhy)
	require.Equal(c, answer(c.row.Conservative.HullContainsZero), d.HullContainsZero)
	require.Equal(c, answer(c.row.Clarke.ContainsZero), k.ContainsZero)
	if c.exempt("conservative.vertices") {
		require.True(c, c.exempt("clarke.vertices"))
		require.Nil(c, d.Vertices)
		require.True(c, k.Round && c.r.IsHull)
		require.Empty(c, c.r.Spurious)
	} else {
		require.True(c, d.Complete)
		c.vertices(c.row.Conservative.Vertices, d.Vertices)
		c.vertices(c.row.Clarke.Vertices, k.Vertices)
		c.vertices(spurious(c, c.row), c.r.Spurious)
	}
	c.members()
	c.support()
	c.minimality()
}

// minimality compares with values at nearby points.
func (c knownCase) minimality() {
	f, err := parse.Parse(c.row.Expression)
	require.NoError(c, err)
	p, err := vm.Compile(f, vm.Options{})
	require.NoError(c, err)
	value := func(shift func() float64) float64 {
		var in [][]float64
		for _, n := range f.In() {
			in = append(in, []float64{rationals(c, []string{c.row.At[n.String()]}).Float[0] + shift()})
		}
		out := [][]float64{{0}}
		require.NoError(c, p.Run(out, in...))
		return out[0][0]
	}
	rng := rand.New(rand.NewPCG(1, 2))
	lowest, here := math.Inf(1), value(func() float64 { return 0 })
	for range 200 {
		lowest = min(lowest, value(func() float64 { return math.Ldexp(float64(rng.IntN(257)-128), -20) }))
	}
	affine := c.r.Class.Kind <= expr.PiecewiseAffine
	switch k := c.r.Clarke; {
	case lowest < here && affine:
		require.Equal(c, clarke.NotLocalMinimum, k.Minimality)
	case lowest < here: // perhaps to second order only
		require.NotEqual(c, clarke.LocalMinimum, k.Minimality)
	case affine:
		require.Equal(c, clarke.LocalMinimum, k.Minimality)
	default:
		require.Equal(c, clarke.UnknownMinimality, k.Minimality)
	}
}

// spurious are the vertices of conv D in the table that the table's ∂f does not
// contain.
func spurious(t testing.TB, row known.Function) (out [][]string) {
	var inner []clarke.Vector
	for _, v := range row.Clarke.Vertices {
		inner = append(inner, rationals(t, v))
	}
	for _, v := range row.Conservative.Vertices {
		inside, err := clarke.HullContains(inner, rationals(t, v))
		require.NoError(t, err)
		if !inside {
			out = append(out, v)
		}
	}
	return out
}

// members checks vectors of which the table knows where they lie.
func (c knownCase) members() {
	for _, m := range c.row.Members {
		v := rationals(c, m.Vector)
		inside, err := clarke.HullContains(c.r.Clarke.Vertices, v)
		require.NoError(c, err)
		require.Equal(c, m.Clarke, inside, "%v", m.Vector)
		in, err := c.r.Conservative.Contains(context.Background(), v)
		require.NoError(c, err)
		require.Equal(c, answer(m.Conservative), in.Verdict, "%v: %s", m.Vector, in.Why)
	}
}

// support checks support functions; that of a polytope is the largest product with
// a vertex.
func (c knownCase) support() {
	for i, want := range c.row.Clarke.Support {
		q := request(c, c.row)
		q.Support = rationals(c, want.Direction).Exact
		s := analyze(c, q).Support
		require.True(c, s.Clarke.Closed())
		require.True(c, s.Conservative.Closed())
		exact := rationals(c, []string{want.Value, c.row.Conservative.Support[i].Value}).Float
		require.InDelta(c, exact[0], s.Clarke.Lower.Float[0], 1e-12)
		require.InDelta(c, exact[1], s.Conservative.Lower.Float[0], 1e-12)
	}
}

func answer(b bool) clarke.Verdict {
	if b {
		return clarke.Yes
	}
	return clarke.No
}

func (c knownCase) vertices(want [][]string, got []clarke.Vector) {
	require.Len(c, got, len(want))
	for i := range want {
		requireVector(c, c.r, want[i], got[i])
	}
}

func (c knownCase) directions() {
	if c.row.Lexicographic != nil {
		requireVector(c, c.r, c.row.Lexicographic, c.r.Lexicographic[0])
	}
	for _, want := range c.row.Directional {
		q := request(c, c.row)
		q.Along = rationals(c, want.Direction).Exact
		requireVector(c, c.r, []string{want.Value}, *analyze(c, q).Along.Derivative)
	}
}

// conventions checks what frameworks return, and in which set it lies.
func (c knownCase) conventions(verdicts map[string]string) {
	for _, s := range c.r.Selections {
		if want, ok := c.row.Conventions[s.Preset]; ok {
			requireVector(c, c.r, want, s.Rows[0])
		}
		want, ok := verdicts[s.Preset]
		require.True(c, ok || c.r.Refused != "" || verdicts == nil)
		switch want {
		case "":
		case "no rule":
			require.Nil(c, s.Rows)
			require.NotEmpty(c, s.Why)
		default:
			require.Equal(c, want, s.Verdict, s.Preset)
		}
	}
	for name := range c.row.Conventions {
		if strings.HasPrefix(name, "at") {
			c.Logf("%s: %s is no preset of a framework, so explain does not return it", c.row.ID, name)
		}
	}
}

func knownVerdicts(t testing.TB) map[string]map[string]string {
	verdicts, err := known.Verdicts()
	require.NoError(t, err)
	return verdicts
}
