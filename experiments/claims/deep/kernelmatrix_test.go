package deep

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/tamegrad/tamegrad/expr/random"
)

// Jacobi's method against the tridiagonal one of gonum, also for eigenvalues that are multiple.
func TestEigenvalues(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 3))
	for n := 1; n <= 18; n++ {
		g := make([]float64, n*(n+2)/2/n*n)
		random.Normals(g, 1, rng)
		a := mat.NewSymDense(n, nil)
		a.SymOuterK(1, mat.NewDense(n, len(g)/n, g))
		entries := make([]float64, n*n)
		for i := range n {
			for j := range n {
				entries[i*n+j] = a.At(i, j)
			}
		}
		got, err := eigenvalues(n, entries)
		require.NoError(t, err)
		var e mat.EigenSym
		require.True(t, e.Factorize(a, false))
		require.InDeltaSlice(t, e.Values(nil), got, 1e-11)
	}
}
