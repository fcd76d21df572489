package sgd_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/sgd"
)

func pair() []sgd.Param {
	return []sgd.Param{
		{Name: "a", Value: []float64{1}, Grad: []float64{3}},
		{Name: "b", Value: []float64{2, 5}, Grad: []float64{0, -4}},
	}
}

// One step of each group is that of its method alone at its own rate, and the
// buffers have distinct names.
func TestGroupsAreMethodsAlone(t *testing.T) {
	p := pair()
	s, err := sgd.Groups{{Params: []string{"b"}, Method: sgd.SGD{WeightDecay: 0.5}, Rate: 0.5}, {Method: sgd.DefaultAdam(), Rate: 1}}.Start(p)
	require.NoError(t, err)
	s.Update(p, 0.25)
	closeTo(t, []float64{1 - 0.25*3/(3+1e-8), 2 - 0.125*1, 5 - 0.125*(2.5-4)}, values(p))
	seen := map[string]bool{}
	for _, b := range s.Buffers() {
		require.False(t, seen[b.Name], b.Name)
		seen[b.Name] = true
	}
	require.Zero(t, testing.AllocsPerRun(10, func() { s.Update(p, 0.25) }))
}

func TestGroupsErrors(t *testing.T) {
	m := sgd.SGD{}
	for want, g := range map[string]sgd.Groups{
		"no parameter":  {{Params: []string{"c"}, Method: m, Rate: 1}, {Method: m, Rate: 1}},
		"named twice":   {{Params: []string{"a", "a"}, Method: m, Rate: 1}, {Method: m, Rate: 1}},
		"no group":      {{Params: []string{"a"}, Method: m, Rate: 1}},
		"take the rest": {{Method: m, Rate: 1}, {Method: m, Rate: 1}},
		"no method":     {{Rate: 1}},
	} {
		_, err := g.Start(pair())
		var e *sgd.CombineError
		require.ErrorAs(t, err, &e)
		require.ErrorContains(t, err, want)
	}
	for _, rate := range []float64{0, -1, math.NaN(), math.Inf(1)} { // 0 is a factor that was forgotten
		_, err := sgd.Groups{{Method: m, Rate: rate}}.Start(pair())
		var e *sgd.MethodError
		require.ErrorAs(t, err, &e)
	}
	for _, outer := range []sgd.Method{sgd.Groups{{Method: sgd.DefaultLBFGS(), Rate: 1}}, sgd.Clip{Method: sgd.DefaultLBFGS()}} {
		_, err := outer.Start(pair())
		require.ErrorContains(t, err, "a method that searches along the loss cannot be inside")
	}
}

// The gradient (3, 0, −4) has the norm 5; methods see it clipped, and it is unchanged.
func TestClip(t *testing.T) {
	for _, c := range []struct {
		clip sgd.Clip
		want []float64
	}{
		{sgd.Clip{Norm: 1}, []float64{1 - 3/(5+1e-6), 2, 5 + 4/(5+1e-6)}},
		{sgd.Clip{Norm: 6}, []float64{-2, 2, 9}},
		{sgd.Clip{Value: 3.5}, []float64{-2, 2, 8.5}},
		{sgd.Clip{}, []float64{-2, 2, 9}},
	} {
		p := pair()
		c.clip.Method = sgd.SGD{}
		for _, m := range []sgd.Method{c.clip, sgd.Groups{{Method: c.clip, Rate: 1}}} {
			p = pair()
			s, err := m.Start(p)
			require.NoError(t, err)
			s.Update(p, 1)
			closeTo(t, c.want, values(p))
			require.Equal(t, []float64{0, -4}, p[1].Grad)
			require.Zero(t, testing.AllocsPerRun(10, func() { s.Update(p, 0) }))
		}
	}
}
