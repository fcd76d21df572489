package network_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// crossEntropy returns the loss of rows of logits z and its gradient.
func crossEntropy(t require.TestingT, classes int, z, y []float64) (loss float64, gradient []float64) {
	g := expr.NewGraph()
	zn, yn := g.Param("z", len(z)/classes, classes), g.Data("y", len(z)/classes, classes)
	f, err := g.Func(expr.In(zn, yn), expr.Out(network.CrossEntropy(zn, yn)))
	require.NoError(t, err)
	df, err := ad.Gradient(f)
	require.NoError(t, err)
	require.Empty(t, df.Slots(), "no kinks")
	out := evaluate(t, df, [][]float64{z, y})
	return out[0][0], out[1]
}

// Against −Σ y (z − log Σ eᶻ) in 200 bits, for logits from tiny to huge and soft
// targets as well as hard ones.
func TestLawCrossEntropy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "classes")
		scale := math.Pow(10, rapid.Float64Range(-3, 2.5).Draw(t, "scale"))
		z, y := make([]float64, n), make([]float64, n)
		for i := range z {
			z[i] = scale * rapid.Float64Range(-1, 1).Draw(t, "z")
		}
		y[rapid.IntRange(0, n-1).Draw(t, "label")] = 1
		if rapid.Bool().Draw(t, "soft") {
			for i := range y {
				y[i] = 1 / float64(n)
			}
		}
		loss, gradient := crossEntropy(t, n, z, y)
		want, p := reference(z, y)
		require.InDelta(t, want, loss, 1e-12*(1+scale))
		for i := range p {
			require.InDelta(t, p[i]-y[i], gradient[i], 1e-12)
		}
	})
}

// reference computes with terms relative to the first logit, in floating point
// of 200 bits apart from the exponentials, which are of float64 with an exact
// power of two aside.
func reference(z, y []float64) (loss float64, p []float64) {
	sum, e := new(big.Float).SetPrec(200), make([]*big.Float, len(z))
	for i := range z {
		d := z[i] - z[0]
		k := math.Round(d / math.Ln2)
		m := new(big.Float).SetPrec(200).SetFloat64(math.Exp(d - k*math.Ln2))
		e[i] = m.SetMantExp(m, int(k))
		sum.Add(sum, e[i])
	}
	mantissa := new(big.Float)
	power := sum.MantExp(mantissa)
	f, _ := mantissa.Float64()
	logSum := math.Log(f) + float64(power)*math.Ln2
	for i := range z {
		loss -= y[i] * (z[i] - z[0] - logSum)
		q, _ := new(big.Float).SetPrec(200).Quo(e[i], sum).Float64()
		p = append(p, q)
	}
	return loss, p
}

// Where the right class wins clearly the loss keeps its digits, it is never
// negative, and huge logits do not overflow.
func TestCrossEntropyExtremes(t *testing.T) {
	for _, c := range []struct{ z, y, want float64 }{
		{50, 1, math.Exp(-50)}, {700, 1, math.Exp(-700)}, {1e6, 1, 0}, {1e6, 0, 1e6}, {-1e6, 1, 1e6}, {0, 1, math.Ln2},
	} {
		loss, gradient := crossEntropy(t, 2, []float64{c.z, 0}, []float64{c.y, 1 - c.y})
		require.InEpsilon(t, 1+c.want, 1+loss, 1e-15)
		if c.want > 0 {
			require.InEpsilon(t, c.want, loss, 1e-14)
		}
		require.GreaterOrEqual(t, loss, 0.0)
		require.InDelta(t, 0, gradient[0]+gradient[1], 1e-15)
	}
}

// At ties of logits the gradient is that of the function: a maximum in the
// program would have opened slots there.
func TestCrossEntropyAtTies(t *testing.T) {
	loss, gradient := crossEntropy(t, 4, []float64{2, 2, 2, 2, 0, 0, 0, 0}, []float64{1, 0, 0, 0, 0, 0, 0, 1})
	require.InDelta(t, math.Log(4), loss, 1e-15)
	require.InDeltaSlice(t, []float64{-0.375, 0.125, 0.125, 0.125, 0.125, 0.125, 0.125, -0.375}, gradient, 1e-16)
}
