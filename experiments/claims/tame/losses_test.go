package tame

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm"
)

func testRand() *rand.Rand { return rand.New(rand.NewPCG(3, 4)) }

// Pieces by hand: kinks outside of the interval and kinks that cancel do not count.
func TestPiecesOf(t *testing.T) {
	for text, want := range map[string]int{
		"abs(x)": 2, "relu(x) + relu(x - 1) + relu(-x - 1)": 4, "abs(x - 5)": 1,
		"relu(x) - relu(x) + abs(x - 1)": 2, "abs(abs(x) - 1)": 4, "max(x, 2*x) - relu(x)": 1,
	} {
		n, err := piecesOf(t.Context(), onLine{text, big.NewRat(-2, 1), big.NewRat(2, 1)})
		require.NoError(t, err)
		require.Equal(t, want, n, text)
	}
}

// For a deep network slopes on a fine grid change as often.
func TestPiecesOfADeepNetworkByGradients(t *testing.T) {
	program := deep(testRand(), 2)
	n, err := piecesOf(t.Context(), program)
	require.NoError(t, err)
	require.Greater(t, n, 4)
	f, err := parse.Parse(program.text)
	require.NoError(t, err)
	g, err := ad.Gradient(f)
	require.NoError(t, err)
	g, err = ad.Wire(g, ad.AtKink(0))
	require.NoError(t, err)
	const points = 1 << 18
	p, err := vm.Compile(g, vm.Options{Lanes: points})
	require.NoError(t, err)
	x, y, slope := make([]float64, points), make([]float64, points), make([]float64, points)
	for i := range x {
		x[i] = -8 + 16*(float64(i)+0.5)/points
	}
	require.NoError(t, p.Run([][]float64{y, slope}, x))
	changes := 1
	for i := 1; i < points; i++ {
		if math.Abs(slope[i]-slope[i-1]) > 1e-12 {
			changes++
		}
	}
	require.Equal(t, changes, n)
}

// Cover's number by counting sign patterns of lines in the plane on a circle.
func TestCover(t *testing.T) {
	rng := testRand()
	for n := 1; n <= 6; n++ {
		angles := make([]float64, n)
		for i := range angles {
			angles[i] = math.Pi * rng.Float64()
		}
		seen := map[int]bool{}
		for k := range 100000 {
			phi, code := 2*math.Pi*float64(k)/100000, 0
			for i, a := range angles {
				if math.Cos(phi-a) > 0 {
					code |= 1 << i
				}
			}
			seen[code] = true
		}
		require.Len(t, seen, int(cover(n, 2)))
	}
	require.EqualValues(t, 1<<4, cover(4, 4))
}

// The degree is neither less nor more, and two layers have a kink on the way to the
// opposite parameters.
func TestHasDegree(t *testing.T) {
	net := positiveNetwork(testRand(), 2)
	change := positiveNetwork(testRand(), 2)
	for degree := 1; degree <= 6; degree++ {
		ok, err := hasDegree(net, change, []float64{0, 0}, degree)
		require.NoError(t, err)
		require.Equal(t, degree == 4, ok)
	}
	seen, err := kinkSeen(net)
	require.NoError(t, err)
	require.True(t, seen)
	seen, err = kinkSeen(positiveNetwork(testRand(), 1))
	require.NoError(t, err)
	require.False(t, seen) // one layer has no kink
}

// Classes are not taken on trust: the wrong one and a careless dictionary are seen.
func TestCertificatesSeeMistakes(t *testing.T) {
	class, err := certified{text: "softplus(x)"}.class()
	require.NoError(t, err)
	require.NotEqual(t, expr.PiecewisePolynomial, class.Kind)
	var ops []*expr.Op
	for _, op := range expr.Ops() {
		careless := *op
		if careless.Name == "sin" {
			careless.Class = expr.DefinableAn
		}
		ops = append(ops, &careless)
	}
	require.Equal(t, 1, dictionaryErrors(ops))
	require.Zero(t, dictionaryErrors(expr.Ops()))
}
