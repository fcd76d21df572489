package explain_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/expr"
)

// refusal is a program that is refused at a point: the node, why, what the
// advice says and the program that follows it, which is certified there. An empty
// mended program means that none is at hand.
type refusal struct {
	text, at  string
	node, why string
	mend      string
	mended    string
}

const (
	notProved  = "the branches are not proved to agree where the switch is 0"
	oneValue   = "decides nothing almost everywhere"
	rootAtZero = "the argument of sqrt is not positive, and sqrt is not Lipschitz at 0 (here 0)"
)

var refusals = []refusal{
	// roots and powers
	{"sqrt(x^2)", "x=0", "sqrt#2", rootAtZero, "abs(x) is the spelling of sqrt(x^2) that works", "abs(x)"}, // T40
	{"sqrt(x*x)", "x=0", "sqrt#2", rootAtZero, "as is norm2", "norm2([x])"},
	{"sqrt(x^2 + y^2 + z^2)", "x=0,y=0,z=0", "sqrt#8", rootAtZero, "norm2(v) is the spelling", "norm2([x, y, z])"},
	{"let v = [x, y]; sqrt(dot(v, v))", "x=0,y=0", "sqrt#4", rootAtZero, "norm2(v) is the spelling", "norm2([x, y])"},
	{"sqrt(x)", "x=0", "sqrt#1", rootAtZero, "sqrt(max(x, c))", "sqrt(max(x, 0.001))"},
	{"sqrt(x)", "x=-1", "sqrt#1", "(here -1)", "sqrt(max(x, c))", "sqrt(max(x, 0.001))"},
	{"sqrt(x + y + z)", "x=0.1,y=0.2,z=-0.3", "sqrt#5", rootAtZero, "sqrt(max(x, c))", "sqrt(max(x + y + z, 0.001))"},
	{"x^0.5", "x=0", "pow#1", "the base of a fractional power is not positive (here 0)", "max(x, c)^p", "max(x, 0.1)^0.5"},
	{"abs(x)^(1/3)", "x=0", "pow#2", "the base of a fractional power is not positive (here 0)", "max(x, c)^p", "max(abs(x), 0.1)^(1/3)"},
	{"x^1.5", "x=0", "pow#1", "the base of a fractional power is not positive (here 0)", "abs(x)^p or relu(x)^p", "relu(x)^1.5"},
	{"x^(-2)", "x=0", "pow#1", "the base of a negative power is 0 (here 0)", "max(x, c)^p", "max(x, 0.1)^(-2)"},
	{"power(x, y)", "x=0,y=1", "power#2", "the base is not positive (here 0)", "power(max(x, c), y)", "power(max(x, 0.1), y)"},
	// quotients and logarithms
	{"1/x", "x=0", "div#2", "the denominator is 0 (here 0)", "x/max(y, c)", "1/max(x, 0.1)"},
	{"x/(y - y)", "x=1,y=2", "div#3", "the denominator is 0 (here 0)", "x/max(y, c)", "x/max(y - y, 1)"},
	{"relu(x)/x", "x=0", "div#2", "the denominator is 0 (here 0)", "x/max(y, c)", "relu(x)/max(x, 0.1)"},
	{"log(x)", "x=0", "log#1", "the argument of log is not positive (here 0)", "log(max(x, c))", "log(max(x, 0.1))"},
	{"log1p(x)", "x=-1", "log1p#1", "the argument of log1p is not above −1 (here -1)", "c > −1", "log1p(max(x, -0.9))"},
	// jumps
	{"floor(x)", "x=2", "floor#1", "floor jumps at an integer (here 2)", "take a point there", ""},
	{"sign(x)*x", "x=0", "sign#1", "sign jumps at 0 (here 0)", "clamp(c*x, -1, 1)", "clamp(100*x, -1, 1)*x"},
	{"x*sign(y)", "x=1,y=0", "sign#2", "sign jumps at 0 (here 0)", "clamp(c*x, -1, 1)", "x*clamp(100*y, -1, 1)"},
	// branches
	{"x == 1 ? 1 : x^2", "x=1", "where#5", oneValue, "the branch for unequal sides alone", "x^2"}, // T43
	{"x != 1 ? x^2 : 1", "x=1", "where#5", oneValue, "the branch for unequal sides alone", "x^2"},
	{"x == y ? 0 : x - y", "x=2,y=2", "where#5", oneValue, "the branch for unequal sides alone", "x - y"},
	{"x > 0 ? x : 0", "x=0", "where#4", notProved, "write relu(x) instead", "relu(x)"},
	{"0 >= x ? 0 : x", "x=0", "where#4", notProved, "write max(a, b) instead", "max(0, x)"},
	{"x >= 0 ? x : -x", "x=0", "where#4", notProved, "write abs(x) instead", "abs(x)"},
	{"x < 0 ? -x : x", "x=0", "where#4", notProved, "write abs(x) instead", "abs(x)"},
	{"x > y ? x : y", "x=1,y=1", "where#3", notProved, "write max(a, b) instead", "max(x, y)"},
	{"x^2 <= y ? y : x^2", "x=1,y=1", "where#5", notProved, "write max(a, b) instead", "max(x^2, y)"},
	{"x < y ? x : y", "x=1,y=1", "where#3", notProved, "write min(a, b) instead", "min(x, y)"},
	{"x > 0 ? x^2 : y", "x=0,y=0", "where#5", notProved, "if they agree there", ""},
	// oscillation: two or three nodes lack something, and the first is named
	{"sin(1/x)", "x=0", "div#2", "the denominator is 0 (here 0)", "x/max(y, c)", "sin(1/max(x, 0.1))"},
	{"x == 0 ? 0 : x^2*sin(1/x)", "x=0", "div#6", "the denominator is 0 (here 0)", "x/max(y, c)", ""}, // T42
	// indices
	{"sum(knn([u, v], [w, w], 1))", "u=[1,2],v=[2,1],w=[0,0]", "knn#7", "rows 0 and 1 are equally far", "gather by fixed indices", ""},
	{"sum(farthest([u, v, w], 2))", "u=[0,0],v=[2,1],w=[1,2]", "farthest#5", "rows 1 and 2 are equally far", "gather by fixed indices", ""},
	{"sum(gatherrows([[floor(x), 0]], [u, v]))", "u=[1,2],v=[2,3],x=0", "floor#", "floor jumps at an integer (here 0)", "take a point there", ""},
}

func TestRefusalsSayWhyAndWhatToWrite(t *testing.T) {
	for _, c := range refusals {
		t.Run(c.text+" at "+c.at, func(t *testing.T) {
			r := analyze(t, requestFor(t, c.text, c.at))
			require.False(t, r.Class.Certified())
			require.NotEmpty(t, r.Class.Reasons)
			first := r.Class.Reasons[0]
			require.Contains(t, first.Node.String(), c.node)
			require.Contains(t, first.Why, c.why)
			require.Contains(t, first.Mend, c.mend)
			require.Equal(t, first.String(), r.Refused, "explain says the same")
			require.Nil(t, r.Conservative)
			require.Nil(t, r.Clarke)
			sentence(t, r.Refused)
			if c.mended != "" {
				names := regexp.MustCompile(`\w+=[^=]*(,|$)`)
				at := keepNames(names.FindAllString(c.at, -1), c.mended)
				mended := analyze(t, requestFor(t, c.mended, at))
				require.True(t, mended.Class.Certified(), "%v", mended.Class.Why())
				require.Empty(t, mended.Refused)
			}
		})
	}
}

// keepNames joins the values whose names the text reads.
func keepNames(values []string, text string) string {
	var kept []string
	for _, v := range values {
		name, _, _ := strings.Cut(v, "=")
		if regexp.MustCompile(`\b` + name + `\b`).MatchString(text) {
			kept = append(kept, strings.TrimSuffix(v, ","))
		}
	}
	return strings.Join(kept, ",")
}

// sentence checks what makes a refusal readable: one line, no missing value, no
// name of Go.
func sentence(t *testing.T, s string) {
	require.NotRegexp(t, `[\n]|%!|<nil>|\bop[A-Z]|expr\.|\s$|;\s*;`, s)
	require.Regexp(t, `^[a-z0-9]+#\d+: \S`, s)
}

func requestFor(t *testing.T, text, at string) explain.Request {
	p, err := explain.ParsePoint(at)
	require.NoError(t, err)
	return explain.Request{Expression: text, At: p, Seed: 1}
}

// An equality says what it does to derivatives, and what is refused.
func TestEqualityBranchIsExplained(t *testing.T) {
	why := analyze(t, requestFor(t, "x == 1 ? 1 : x^2", "x=1")).Refused
	for _, part := range []string{
		"a single value of the switch", "almost everywhere", "frameworks return its derivative where it is taken",
		"D and ∂ are refused", "write the branch for unequal sides alone",
	} {
		require.Contains(t, why, part)
	}
	// Elsewhere the branch is no matter, in the same program.
	require.Empty(t, analyze(t, requestFor(t, "x == 1 ? 1 : x^2", "x=2")).Refused)
}

// Every node that lacks something is named, not only the first.
func TestAllReasonsAreNamed(t *testing.T) {
	r := analyze(t, requestFor(t, "x == 0 ? 0 : x^2*sin(1/x)", "x=0")) // T42
	require.Equal(t, expr.NotDefinable, r.Class.Kind)
	var names []string
	for _, reason := range r.Class.Reasons {
		names = append(names, reason.Node.Op().Name)
	}
	require.Equal(t, []string{"div", "sin", "where"}, names)
	require.Contains(t, r.Class.Reasons[1].Why, "not proved bounded is not definable")
	require.Contains(t, r.Class.Reasons[2].Why, oneValue)
}
