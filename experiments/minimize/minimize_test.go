package minimize

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/clarke/descent"
	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/experiments/problem"
)

// still is a method that answers with its start, and with a certificate of that point's gradient
// unless it has none. A liar reports half of it.
type still struct{ bare, liar bool }

func (still) Name() string { return "still" }

func (s still) Minimize(_ context.Context, f descent.Oracle, start []float64, _ descent.Limits) (*descent.Result, error) {
	gradient := make([]float64, len(start))
	value, err := f.Evaluate(start, gradient)
	if err != nil {
		return nil, err
	}
	r := &descent.Result{Method: "still", X: start, F: value, Calls: 1, Status: descent.Stalled, Message: "It stands still."}
	if s.bare {
		return r, nil
	}
	r.Certificate, err = descent.Certify(start, [][]float64{start}, [][]float64{gradient})
	if s.liar {
		r.Certificate.Distance /= 2
	}
	return r, err
}

func stand(t *testing.T, s still, expression, from string) *Report {
	t.Helper()
	at, err := explain.ParsePoint(from)
	require.NoError(t, err)
	r, err := Request{Expression: expression, From: at}.minimize(context.Background(), s)
	require.NoError(t, err)
	return r
}

func text(t *testing.T, r *Report) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, r.WriteText(context.Background(), &out))
	return out.String()
}

// rowOf returns what a text says in the row of a name.
func rowOf(text, name string) string {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

// Verdicts on points, with ∂f from calculus by hand.
func TestVerdicts(t *testing.T) {
	for _, test := range []struct{ expression, at, want string }{
		// ∂f = conv{(1,0), (0,−1), (−1,1)} ∋ 0 and f′((−1,−2)) = −1 (Khan and Barton, example 6.2).
		{"max(min(x, -y), y - x)", "x=0,y=0", "not a local minimum: f decreases along"},
		{"max(min(x, -y), y - x)", "x=0,y=0", "2 active kinks, Clarke stationary: 0 ∈ ∂f(x)"},
		{"0.25*abs(x1 - 1) + abs(x2 - 2*abs(x1) + 1)", "x1=0,x2=-1", "not a local minimum"},
		{"0.25*abs(x1 - 1) + abs(x2 - 2*abs(x1) + 1)", "x1=0,x2=-1", "0 ∈ ∂f(x)"},
		{"0.25*abs(x1 - 1) + abs(x2 - 2*abs(x1) + 1)", "x1=1,x2=1", "a local minimum, proved cell by cell"},
		{"abs(x)*exp(x)", "x=0", "1 active kink, Clarke stationary: 0 ∈ ∂f(x)"},
		{"2*relu(x) + x + exp(x)", "x=0", "not stationary: 0 is at distance 2 from ∂f(x)"}, // ∂f = [2, 4]
		{"x^2 + abs(y)", "x=3/2,y=1", "no kink is active; f is smooth there, with a gradient of norm 3.16"},
		{"sqrt(x^2)", "x=0", "no verdict: sqrt#2: the argument of sqrt is not positive"},
		{"sum(abs(x))", "x=[" + strings.Repeat("1,", 199) + "1]", "not looked at: Clarke's set is not computed above 128 coordinates"},
	} {
		require.Contains(t, rowOf(text(t, stand(t, still{bare: true}, test.expression, test.at)), "at x"), test.want, test.expression)
	}
}

// A run towards infinity may end there.
func TestVerdictAtInfinity(t *testing.T) {
	r := stand(t, still{bare: true}, "-x", "x=1")
	r.X = []float64{math.Inf(1)}
	require.Equal(t, "no verdict: x is not finite", rowOf(text(t, r), "at x"))
}

// The direction of a verdict is one of descent.
func TestDescentOfAVerdict(t *testing.T) {
	r := stand(t, still{}, "max(min(x, -y), y - x)", "x=0,y=0")
	v, err := r.verdict(context.Background())
	require.NoError(t, err)
	d := v.set.Descent.Float
	for _, s := range []float64{1e-9, 1e-3, 1} {
		x, y := s*d[0], s*d[1]
		require.Negative(t, max(min(x, -y), y-x))
	}
}

// Zeros of floats that are none in rationals are none: 0.1 + 0.2 is not 0.3.
func TestVerdictIsExact(t *testing.T) {
	require.Contains(t, text(t, stand(t, still{}, "abs(x + y - 3/10)", "x=0.1,y=0.2")), "no kink is active")
	require.Contains(t, text(t, stand(t, still{}, "abs(x + y - 3/8)", "x=0.125,y=0.25")), "a local minimum")
}

func TestJSON(t *testing.T) {
	line, err := jsonnum.Line(stand(t, still{}, "abs(x) + y[0]^2", "x=-0.0,y=[3]"))
	require.NoError(t, err)
	require.Equal(t, `{"schema":1,"x":[0,3],"f":9,"oracle_calls":1,"method":"still","certificate":{"min_norm":[0,6],"distance":6,"radius":0},`+
		`"status":"stalled","message":"It stands still."}`+"\n", string(line))
	line, err = jsonnum.Line(stand(t, still{bare: true}, "log(x)", "x=0"))
	require.NoError(t, err)
	var o struct {
		F           jsonnum.Number
		Certificate struct {
			Distance jsonnum.Number
			MinNorm  []float64 `json:"min_norm"`
		}
	}
	require.NoError(t, json.Unmarshal(line, &o))
	require.True(t, math.IsInf(float64(o.F), -1))
	require.True(t, math.IsInf(float64(o.Certificate.Distance), 1), "nothing is known")
	require.NotNil(t, o.Certificate.MinNorm)
	require.Empty(t, o.Certificate.MinNorm)
}

func TestCertificatesAreRechecked(t *testing.T) {
	r := stand(t, still{}, "x^2 + y^2", "x=1,y=1")
	require.NoError(t, r.Certified)
	require.Equal(t, "a gradient at x itself, of norm 2.83; rechecked", rowOf(text(t, r), "certificate"))
	r = stand(t, still{liar: true}, "x^2 + y^2", "x=1,y=1")
	require.ErrorContains(t, r.Certified, "distance is off")
	require.Contains(t, rowOf(text(t, r), "certificate"), "does not hold: ")
	require.Contains(t, rowOf(text(t, stand(t, still{bare: true}, "x", "x=1")), "certificate"), "none: ")
}

func TestText(t *testing.T) {
	p, err := problem.At("f3", 12)
	require.NoError(t, err)
	r, err := Request{Problem: &p}.minimize(context.Background(), still{})
	require.NoError(t, err)
	got := text(t, r)
	require.Equal(t, "f3, chained LQ", rowOf(got, "minimised"))
	require.Equal(t, "11, above the least value -15.556349186104047 by 27", rowOf(got, "value"))
	require.Contains(t, rowOf(got, "x"), "x[7] = -0.5, … 12 in all")
	require.Contains(t, got, "It stands still.")
	require.Equal(t, "still; oracle calls 1, iterations 0", rowOf(got, "method"))

	p, err = problem.Lookup("rosenbrock")
	require.NoError(t, err)
	at, err := explain.ParsePoint("x=[1,1]")
	require.NoError(t, err)
	r, err = Request{Problem: &p, From: at}.minimize(context.Background(), still{})
	require.NoError(t, err)
	require.Equal(t, "0, which is the least value", rowOf(text(t, r), "value"))
	require.Equal(t, "1 active kink, Clarke stationary: 0 ∈ ∂f(x)", rowOf(text(t, r), "at x"))
}

// The default method finds the least value of every problem from its standard start, without
// knowing it; of chained ones for few variables, since larger ones are package descent's.
func TestAutoFindsAllLeastValues(t *testing.T) {
	for _, p := range problem.All() {
		if p.Scalable() && p.N > 20 {
			var err error
			p, err = p.Of(10)
			require.NoError(t, err)
		}
		r, err := Minimize(context.Background(), Request{Problem: &p, Method: "auto", Seed: 1})
		require.NoError(t, err, p.Name)
		require.InDelta(t, p.Minimum, r.F, 1e-6*(1+math.Abs(p.Minimum)), p.Name)
		require.NoError(t, r.Certified, p.Name)
		require.True(t, r.hasCertificate(), p.Name)
		require.Contains(t, []descent.Status{descent.Stationary, descent.Stalled}, r.Status, p.Name)
	}
}

// Where many kinks are active the verdict looks at few cells and stays short of an answer.
func TestVerdictOnManyKinksEnds(t *testing.T) {
	for _, name := range []string{"f1", "f10", "l1hilb"} {
		p, err := problem.At(name, 50)
		require.NoError(t, err)
		p.Start = p.Minimizer
		r, err := Request{Problem: &p}.minimize(context.Background(), still{})
		require.NoError(t, err)
		require.Contains(t, rowOf(text(t, r), "at x"), "active kink")
		v, err := r.verdict(context.Background())
		require.NoError(t, err)
		require.LessOrEqual(t, v.set.Cells*v.kinks*50*50, 3*verdictWork)
	}
}

func TestMethodsHaveNames(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range Methods() {
		require.NotEmpty(t, name)
		require.False(t, seen[name], name)
		seen[name] = true
		m, err := Request{Method: name}.method()
		require.NoError(t, err)
		require.Equal(t, name, m.Name())
	}
	_, err := Request{Method: "gradient-samplin"}.method()
	require.EqualError(t, err, `there is no method "gradient-samplin": did you mean "gradient-sampling"?`)
	_, err = Request{Method: "xyzzyxyzzy"}.method()
	require.ErrorContains(t, err, "there are ")
}
