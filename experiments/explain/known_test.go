package explain_test

import (
	"context"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/expr"
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
	if !c.exempt("conservative.vertices") {
		require.True(c, d.Complete)
		c.vertices(c.row.Conservative.Vertices, d.Vertices)
		require.Equal(c, answer(c.row.Conservative.HullContainsZero), d.HullContainsZero)
	}
	if !c.exempt("clarke.vertices") {
		c.vertices(c.row.Clarke.Vertices, k.Vertices)
		require.Equal(c, c.row.Clarke.ContainsZero, k.ContainsZero == clarke.Yes)
	}
	require.Contains(c, []clarke.Verdict{answer(c.row.Conservative.ContainsZero), clarke.Unknown}, d.ContainsZero)
	require.Contains(c, []clarke.Verdict{answer(c.row.Conservative.HullContainsZero), clarke.Unknown}, d.HullContainsZero)
	require.Contains(c, []clarke.Verdict{answer(c.row.Clarke.ContainsZero), clarke.Unknown}, k.ContainsZero)
	for _, m := range c.row.Members {
		v := rationals(c, m.Vector)
		inside, err := clarke.HullContains(k.Vertices, v)
		require.NoError(c, err)
		require.Equal(c, m.Clarke, inside, "%v", m.Vector)
		inHull, err := d.HullContains(v)
		require.NoError(c, err)
		require.False(c, m.Conservative && inHull != clarke.Yes, "%v", m.Vector)
	}
	c.support()
}

// support checks the bounds of the support functions.
func (c knownCase) support() {
	for i, want := range c.row.Clarke.Support {
		q := request(c, c.row)
		q.Support = rationals(c, want.Direction).Exact
		s := analyze(c, q).Support
		exact := rationals(c, []string{want.Value, c.row.Conservative.Support[i].Value}).Float
		require.LessOrEqual(c, s.Clarke.Lower.Float[0], exact[0])
		require.Nil(c, s.Clarke.Upper)
		require.Nil(c, s.Conservative.Upper)
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
		requireVector(c, c.r, []string{want.Value}, *analyze(c, q).Directional)
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
		case "conservative": // known only where ∂f is
			require.Equal(c, map[bool]string{false: "unknown", true: want}[c.r.Clarke.Exact], s.Verdict, s.Preset)
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
