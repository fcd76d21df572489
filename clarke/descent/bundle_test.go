package descent_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/clarke/descent"
)

// The second function of Nesterov has another stationary point for n = 2, and it is not convex.
func TestBundleSolves(t *testing.T) {
	for _, p := range small {
		if p.name != "NCR2" {
			solves(t, descent.Bundle{}, p)
		}
	}
	for _, p := range large() {
		switch p.name {
		case "F2", "F3", "F5", "MAXQ", "L1HILB":
			solves(t, descent.Bundle{}, p)
		}
	}
}

// For convex f the certificate bounds f from below everywhere: f(z) ≥ f(x) + ⟨ĝ, z − x⟩ − ε.
func TestLawBundleCertificates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, start := drawVee(t)
		r := minimize(t, descent.Bundle{}, f, start, descent.Limits{})
		require.Equal(t, descent.Stationary, r.Status)
		c := r.Certificate
		epsilon, err := c.Linearisation(f, r.X)
		require.NoError(t, err)
		require.GreaterOrEqual(t, epsilon, -1e-13)
		require.LessOrEqual(t, epsilon, 1e-9*(1+math.Abs(r.F))+1e-13)
		require.LessOrEqual(t, r.F, c.Distance*f.away(r.X)+epsilon+1e-13)
		z := rapid.SliceOfN(rapid.Float64Range(-3, 3), f.Dim(), f.Dim()).Draw(t, "z")
		at, err := f.Evaluate(z, nil)
		require.NoError(t, err)
		bound := r.F - epsilon
		for i := range z {
			bound += c.MinNorm[i] * (z[i] - r.X[i])
		}
		require.GreaterOrEqual(t, at, bound-1e-12)
	})
}

// Limits end runs with what is known: the certificate of the model is true, if wide.
func TestBundleStopsWithACertificate(t *testing.T) {
	p := named("MAXQUAD")
	r := minimize(t, descent.Bundle{}, p, p.start, descent.Limits{Calls: 40})
	require.Equal(t, descent.OutOfCalls, r.Status)
	c := r.Certificate
	epsilon, err := c.Linearisation(p, r.X)
	require.NoError(t, err)
	require.Positive(t, epsilon)
	r, err = descent.Bundle{}.Minimize(context.Background(), p, p.start, descent.Limits{})
	require.NoError(t, err)
	require.NotEmpty(t, c.Points)
	require.Less(t, r.Calls, 400)
}

// The smallest bundle holds the cuts of p, of x and the last one.
func TestBundleOfFewCuts(t *testing.T) {
	solves(t, descent.Bundle{Cuts: 13}, named("MAXQUAD"))
	solves(t, descent.Bundle{Cuts: 8}, named("Shor"))
}

// In one variable, |x − 1| is solved by the cuts of both sides.
func TestBundleIsFiniteForPolyhedra(t *testing.T) {
	for _, start := range []float64{-7, 0, 1, 1e3} {
		r := minimize(t, descent.Bundle{}, program(t, "abs(x - 1)"), []float64{start}, descent.Limits{})
		require.Equal(t, descent.Stationary, r.Status)
		require.InDelta(t, 0, r.F, 1e-9)
		require.Less(t, r.Calls, 30)
	}
}

// A function that curves down has no stationary point but 0, where it has its maximum.
func TestBundleIsNotHeldByMaxima(t *testing.T) {
	r := minimize(t, descent.Bundle{}, program(t, "-x^2 + abs(x^4 - 1)"), []float64{0}, descent.Limits{})
	require.InDelta(t, -1, r.F, 1e-6)
}

// Programs of linear functions, plus |y|, whose gradient at the start is 0 or that of |y|: values too large, or slopes too small,
// for two points nearby to show that f decreases.
func TestBundleLeavesArtificialCriticalPoints(t *testing.T) {
	for _, text := range []string{
		"1000000 + relu(x) - relu(-x)",
		"1000000000 + relu(x) - relu(-x)",
		"abs(y) + (relu(x) - relu(-x))/1024",
		"1000 + abs(y) + (relu(x) - relu(-x))/100000",
	} {
		p := program(t, text)
		for seed := range uint64(3) {
			r := minimize(t, descent.Bundle{Seed: seed}, p, make([]float64, p.Dim()), descent.Limits{Calls: 3000})
			require.Equal(t, descent.Unbounded, r.Status, text)
		}
	}
}

// Gradients 0 at a vertex of a convex function are genuine, also if random points around do not show it.
func TestBundleTrustsGenuineGradients(t *testing.T) {
	for _, text := range []string{"norm1([a, b, c, d, e, f])", "sum(relu([a, b, c, d, e, f])) + abs(a)/8"} {
		p := program(t, text)
		r := minimize(t, descent.Bundle{}, p, make([]float64, 6), descent.Limits{})
		require.Equal(t, descent.Stationary, r.Status, text)
		require.Zero(t, r.Iterations)
		require.Zero(t, r.Certificate.Radius)
	}
}

func ExampleBundle() {
	r, err := descent.Bundle{}.Minimize(context.Background(), crease{}, []float64{3, -2}, descent.Limits{})
	if err != nil {
		panic(err)
	}
	epsilon, err := r.Certificate.Linearisation(crease{}, r.X)
	fmt.Printf("%.5f %s\n", r.F, r.Status)
	fmt.Println(r.Certificate.Distance <= 1e-6, epsilon <= 1e-9, err)
	// Output:
	// 0.00000 stationary
	// true true <nil>
}

// Gradients near the smallest number make the first t infinite, but for its bound; the values are 0 or subnormal.
func TestBundleWithTinyGradients(t *testing.T) {
	const tiny = 1e-323
	f := one(func(x float64) (float64, float64) { return tiny * math.Abs(x), tiny * sgn(x) })
	r := minimize(t, descent.Bundle{Tolerance: 5e-324, Error: 5e-324}, f, []float64{1e300}, descent.Limits{Calls: 2000})
	require.LessOrEqual(t, r.Calls, 2000)
}
