package clarke_test

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// Programs at 0 with curved switches, their subdifferentials worked out by hand,
// and whether these are proved. Ties of second order add limits that no cell has.
var tangencies = []struct {
	text  string
	limit [][]string // the extreme points of ∂f(0), in the order of the inputs
	exact bool
}{
	// One switch, or independent ones: every choice occurs.
	{"max(x^2, y)", [][]string{{"0", "0"}, {"0", "1"}}, true},
	{"relu(x*y + y)", [][]string{{"0", "0"}, {"0", "1"}}, true},
	{"relu(x + y*relu(y))", [][]string{{"0", "0"}, {"1", "0"}}, true},
	{"abs(y - x^2) + abs(x - y^2)", [][]string{{"-1", "-1"}, {"-1", "1"}, {"1", "-1"}, {"1", "1"}}, true},
	{"max(x + z^2, y - z^2, z)", [][]string{{"0", "0", "1"}, {"0", "1", "0"}, {"1", "0", "0"}}, true},
	// Nothing of first order.
	{"relu(x*y)", [][]string{{"0", "0"}}, true},
	{"max(x^2, y^2) + min(x*y, x^3)", [][]string{{"0", "0"}}, true},
	{"relu(y - x^2)*relu(x^2 - y + x)", [][]string{{"0", "0"}}, true},
	// Straight switches with curved pieces.
	{"(1 + x^2)*relu(y) - y^2*abs(y - x) + relu(y)", [][]string{{"0", "0"}, {"0", "2"}}, true},
	// Between y = 0 and y = x² lies a strip that no cone of directions sees.
	{"relu(y) - relu(y - x^2)", [][]string{{"0", "0"}, {"1", "0"}}, false},
	{"abs(y - x^2) - abs(y)", [][]string{{"-2", "0"}, {"0", "0"}}, false},
	{"min(max(y, 0), x^2)", [][]string{{"0", "0"}, {"1", "0"}}, false},
	{"clamp(y, 0, x^2)", [][]string{{"0", "0"}, {"1", "0"}}, false},
	{"relu(x - y^2) - relu(x - 2*y^2)", [][]string{{"0", "0"}, {"1", "0"}}, false},
	{"median([y, y - x^2, 0])", [][]string{{"0", "0"}, {"1", "0"}}, false},
	{"relu(y) - max(y - x^2, 0, -1)", [][]string{{"0", "0"}, {"1", "0"}}, false},
	{"norminf([y, y - x^2]) - abs(y)", [][]string{{"-2", "0"}, {"0", "0"}}, false},
	// The strip is there only where x is the largest.
	{"relu(t) - relu(t + max(x, y, z) - x - w^2)", [][]string{
		{"-1", "1", "-1", "0", "0"},
		{"-1", "1", "0", "-1", "0"},
		{"0", "0", "0", "0", "0"},
		{"0", "1", "-1", "0", "0"},
		{"0", "1", "0", "-1", "0"},
		{"1", "0", "0", "0", "0"},
	}, false},
	{"relu(t) - relu(t + sum(topk([x, y], 1)) - x - w^2)", [][]string{
		{"-1", "1", "-1", "0"}, {"0", "0", "0", "0"}, {"0", "1", "-1", "0"}, {"1", "0", "0", "0"},
	}, false},
	{"relu(t) - relu(t + sum(sort([x, y, 2*y])) - x - 3*y - w^2)", [][]string{{"0", "0", "0", "0"}, {"1", "0", "0", "0"}}, false},
	// Curved, but right all the same.
	{"relu(relu(x) - y^2)", [][]string{{"0", "0"}, {"1", "0"}}, false},
	{"max(y, x^2, -x^2)", [][]string{{"0", "0"}, {"1", "0"}}, false},
}

func TestTangencies(t *testing.T) {
	for _, c := range tangencies {
		t.Run(c.text, func(t *testing.T) {
			f, err := parse.Parse(c.text)
			require.NoError(t, err)
			n := len(f.In())
			limits := sampledLimits(t, f, zeroes(n))
			requireExtreme(t, clarke.Point(vectorsOf(t, c.limit)).Exact(), limits)
			s := at(t, f, pointOf(zeroes(n)))
			require.Equal(t, c.exact, s.Exact, s.Why)
			if c.exact {
				require.Equal(t, c.limit, texts(s.Vertices))
			}
			for _, v := range s.Vertices {
				require.Contains(t, textsOf(limits), texts([]clarke.Vector{v})[0])
			}
		})
	}
}

// sampledLimits finds limits of derivatives along many curves, from values only.
func sampledLimits(t *testing.T, f *expr.Func, x []*big.Rat) (out [][]*big.Rat) {
	p, err := exact.Compile(f)
	require.NoError(t, err)
	values := function(func(x []*big.Rat) []*big.Rat {
		y, err := p.Run(pointOf(x).Exact()...)
		require.NoError(t, err)
		return flatten(y)
	})
	rng := rand.New(rand.NewPCG(1, 1))
	curves := 600
	if testing.Short() { // enough for all limits of the table with this seed
		curves = 100
	}
	for range curves {
		if j, ok := values.limit(x, randomCurve(rng, len(x))...); ok {
			out = append(out, j)
		}
	}
	return distinct(out)
}

func vectorsOf(t *testing.T, lines [][]string) (out []clarke.Vector) {
	for _, l := range lines {
		out = append(out, vector(t, l))
	}
	return out
}
