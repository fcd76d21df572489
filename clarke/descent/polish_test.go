package descent_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke/descent"
	problems "github.com/tamegrad/tamegrad/experiments/problem"
)

func load(t require.TestingT, p problems.Problem) *descent.Program {
	f, err := p.Func()
	require.NoError(t, err)
	program, err := descent.NewProgram(f, ad.AtKink(0))
	require.NoError(t, err)
	return program
}

// near returns a minimiser of a problem moved by a distance in a random direction, as a result.
func perturbed(t require.TestingT, f *descent.Program, p problems.Problem, by float64, seed uint64) *descent.Result {
	rng := rand.New(rand.NewPCG(seed, 1))
	d, norm := make([]float64, p.N), 0.0
	for i := range d {
		d[i] = rng.NormFloat64()
		norm += d[i] * d[i]
	}
	x := slices.Clone(p.Minimizer)
	for i := range x {
		x[i] += by * d[i] / math.Sqrt(norm)
	}
	value, err := f.Evaluate(x, nil)
	require.NoError(t, err)
	return &descent.Result{X: x, F: value}
}

func TestPolishExplore(t *testing.T) {
	for _, p := range problems.All() {
		f := load(t, p)
		from := perturbed(t, f, p, 1e-4, 1)
		begin := time.Now()
		r, err := descent.Polish{}.Refine(context.Background(), f, from)
		if err != nil {
			t.Logf("%-14s ERROR %v", p.Name, err)
			continue
		}
		off := (r.Result.F - p.Minimum) / (1 + math.Abs(p.Minimum))
		t.Logf("%-14s n=%3d off %8.1e id %v act %d cert %.1e within %.1e %v  %s", p.Name, p.N, off, r.Identified, len(r.Active), r.Result.Certificate.Distance, r.Result.Certificate.Radius, time.Since(begin).Round(time.Millisecond), r.Reason)
	}
}
