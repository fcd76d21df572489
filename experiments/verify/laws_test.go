package verify_test

import (
	"context"
	"math/big"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/experiments/verify"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

// What explain says about random programs holds: in rationals exactly, in float64 as
// printed or up to rounding.
func TestLawExplanationsHold(t *testing.T) {
	for name, class := range map[string]expr.Kind{
		"affine": expr.PiecewiseAffine, "polynomial": expr.PiecewisePolynomial,
		"semialgebraic": expr.Semialgebraic, "any": expr.NotDefinable,
	} {
		t.Run(name, func(t *testing.T) {
			programs := optest.Programs(optest.Config{Class: class, Steps: 5})
			rapid.Check(t, func(t *rapid.T) {
				p := programs.Draw(t, "program")
				if len(p.Func.Wrt()) == 0 {
					t.Skip("nothing to differentiate")
				}
				object := explainedProgram(t, p)
				r, err := recheck(t, object)
				require.NoError(t, err)
				for _, c := range r.Checks {
					require.NotEqual(t, verify.Fails, c.Status, "%s: %s\n%s", c.Name, c.Text, object)
				}
			})
		})
	}
}

// explainedProgram explains a program at its point, along the first coordinate.
func explainedProgram(t require.TestingT, p optest.Program) []byte {
	names := expr.Identifiers(p.Func)
	q := explain.Request{Program: p.Func}
	n, m := 0, 0
	for i, in := range p.Func.In() {
		q.At = append(q.At, explain.Coordinate{Name: names[i], Dims: in.Shape().Dims(), Values: p.Rats()[i]})
	}
	for _, in := range p.Func.Wrt() {
		n += in.Shape().Size()
	}
	for _, out := range p.Func.Out() {
		m += out.Shape().Size()
	}
	for i := range n {
		q.Along = append(q.Along, big.NewRat(int64(i*i)-2, 3))
	}
	for i := range n * m {
		q.Support = append(q.Support, big.NewRat(int64(i%5)-2, 3))
	}
	r, err := explain.Analyze(context.Background(), q)
	require.NoError(t, err)
	line, err := jsonnum.Line(r)
	require.NoError(t, err)
	return line
}

// The searches whose answers are rechecked are not even linked in.
func TestSearchesAreNotUsed(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").CombinedOutput()
	require.NoError(t, err, string(out))
	for _, name := range strings.Fields(string(out)) {
		require.NotRegexp(t, `tamegrad/(clarke|conservative|experiments/explain)$`, name)
	}
}
