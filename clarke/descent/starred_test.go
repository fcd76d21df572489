package descent_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/clarke/descent"
)

// starred are optima without a closed form, and the weights of the active pieces in 0 ∈ ∂f(x*), from Newton's method for their
// Lagrange conditions in 50 decimal digits.
var starred = []struct {
	name    string
	n       int
	minimum float64
	weights []float64
}{
	{"cb2", 2, 1.952224493870658993966608, []float64{.43048117400366867234, .56951882599633132766}},
	{"shor", 5, 22.6001620957708953414443, []float64{.22961437055082017543, .21337867784509159264, .19688724758776258259, .36011970401632564934}},
	{"maxquad", 10, -.8414083345964148924034093, []float64{.0003554532075714925362, .11007682528727434959, .39518104250827523082, .49438667899687892705}},
	{"wong1", 7, 680.6300573744021489538013, []float64{.84916655236454125377, .11397199591673760504, .036861451718721141185}},
	{"f8", 2, -1, nil},
	{"f8", 3, -1.5605173186, nil},
	{"f8", 5, -2.9747308809, nil},
	{"f8", 10, -6.5146142107, nil},
	{"f8", 20, -13.5831178692, nil},
	{"f8", 50, -34.7951814095, nil},
}

// By auto from the standard start, and polished, to 12 digits; those of F8 to the ten decimals that literature prints.
func TestStarredOptima(t *testing.T) {
	for _, s := range starred {
		if testing.Short() && s.n > 10 {
			continue
		}
		p, f := load(t, s.name, s.n)
		from, err := descent.Auto{}.Minimize(context.Background(), f, p.Start, descent.Limits{})
		require.NoError(t, err)
		r := refine(t, f, from)
		require.True(t, r.Identified, s.name)
		within := 5e-13 * math.Abs(s.minimum)
		if s.weights == nil {
			within = 0.5001e-10
		}
		require.InDelta(t, s.minimum, r.Result.F, within, "%s, n = %d", s.name, s.n)
		if s.weights != nil {
			require.InDeltaSlice(t, slices.Sorted(slices.Values(s.weights)), weights(r.Result.Certificate), 1e-10, s.name)
		}
	}
}

// weights are those of a certificate in ascending order, added up for equal gradients.
func weights(c descent.Certificate) []float64 {
	var gradients [][]float64
	var out []float64
	for i, g := range c.Gradients {
		k := slices.IndexFunc(gradients, func(h []float64) bool {
			return slices.EqualFunc(g, h, func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*(1+math.Abs(a)) })
		})
		if k < 0 {
			k, gradients, out = len(out), append(gradients, g), append(out, 0)
		}
		out[k] += c.Weights[i]
	}
	slices.Sort(out)
	return out
}

// The certificates of literature: their weights are those of the polish.
func TestPolishHasTheWeightsOfLiterature(t *testing.T) {
	count := 0
	for _, name := range polishable {
		p, f := load(t, name, 0)
		if p.Certificate == nil {
			continue
		}
		r := refine(t, f, moved(t, f, p.Minimizer, 1e-5, 1))
		c := *p.Certificate
		require.InDeltaSlice(t, slices.Sorted(slices.Values(c.Weights)), weights(r.Result.Certificate), 1e-10, name)
		for _, g := range c.Gradients {
			require.True(t, slices.ContainsFunc(r.Result.Certificate.Gradients, func(h []float64) bool {
				return slices.EqualFunc(g, h, func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*(1+math.Abs(a)) })
			}), "%s: no gradient %v", name, g)
		}
		count++
	}
	require.Equal(t, 9, count)
}
