package adaptive

import (
	"context"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/sgd"
)

// An ε that is not 0, a scaling that is no power of four, and a method without scaling are seen.
func TestScalingSeesWrongMethods(t *testing.T) {
	spoiled := func(methods []named, base float64) []string {
		return claimtest.Sabotaged(t, diagonalScaling(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runScaling(ctx, c, methods, base)
		})
	}
	require.Equal(t, []string{"adam"}, spoiled([]named{{"adam", sgd.DefaultAdam(), 0.05}}, 4))
	require.Equal(t, []string{"momentum"}, spoiled([]named{{"momentum", sgd.SGD{Momentum: 0.5}, 1e-4}}, 4))
	require.Contains(t, spoiled(scaleFree(), 3), "adam")
}

// Other methods do not have the steps of the formulas.
func TestStepsSeeWrongMethods(t *testing.T) {
	failed := claimtest.Sabotaged(t, adagradSteps(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runAdagradSteps(ctx, c, sgd.RMSprop{Beta: 0.99})
	})
	require.Subset(t, failed, []string{"formula-0", "exponent-0", "distance-0"})
	failed = claimtest.Sabotaged(t, adagradSteps(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runAdagradSteps(ctx, c, sgd.Adagrad{Epsilon: 1e-7})
	})
	require.Equal(t, []string{"formula-0", "formula-1", "exponent-1", "distance-1"}, failed, "ε does not matter for a large gradient")
	failed = claimtest.Sabotaged(t, rmspropSteps(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runRMSpropSteps(ctx, c, sgd.Adagrad{})
	})
	require.Subset(t, failed, []string{"formula", "limit"})
	failed = claimtest.Sabotaged(t, rmspropSteps(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runRMSpropSteps(ctx, c, sgd.RMSprop{Beta: 0.98})
	})
	require.Contains(t, failed, "formula")
	adam := sgd.DefaultAdam()
	adam.Beta2 = 0.995
	failed = claimtest.Sabotaged(t, adamSteps(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runAdamSteps(ctx, c, adam)
	})
	require.Equal(t, []string{"rare"}, failed, "a constant gradient does not see β₂")
}

// The rotated runs tell methods that scale entries from those that do not.
func TestRotationsSeeWrongMethods(t *testing.T) {
	failed := claimtest.Sabotaged(t, rotations(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runRotations(ctx, c, diagonal(), equivariant(), sgd.Adam{Beta1: 0.9, Beta2: 0.999})
	})
	require.Len(t, failed, len(diagonal())+len(equivariant())+2)
}

// Gradient descent does not follow the signs, and Adagrad does not end at the minimum norm.
func TestSeparableSeesWrongMethods(t *testing.T) {
	failed := claimtest.Sabotaged(t, separable(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runSeparable(ctx, c, []named{{"sgd", sgd.SGD{}, 1e-3}}, sgd.SGD{})
	})
	require.Subset(t, failed, []string{"sgd-accuracy", "sgd-signs"})
	failed = claimtest.Sabotaged(t, separable(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runSeparable(ctx, c, nil, sgd.Adagrad{})
	})
	require.Contains(t, failed, "gradient-descent-accuracy")
}

// The minimum-norm solution in rationals: XXᵀa = y by elimination has the two values of the
// formula, and Xu = 4y.
func TestMinimumNormInRationals(t *testing.T) {
	for _, c := range [][2]int{{12, 8}, {3, 2}, {7, 5}} {
		x, y, d := sparseRows(c[0], c[1])
		n := len(y)
		gram := make([][]*big.Rat, n)
		for i := range gram {
			for j := range n {
				sum := 0.0
				for k := range d {
					sum += x[i*d+k] * x[j*d+k]
				}
				gram[i] = append(gram[i], new(big.Rat).SetFloat64(sum))
			}
			gram[i] = append(gram[i], new(big.Rat).SetFloat64(y[i]))
		}
		p, q := minimumNorm(float64(c[0]), float64(c[1]))
		for i, a := range solved(gram) {
			want := p
			if y[i] < 0 {
				want = -q
			}
			got, _ := a.Float64()
			require.InDelta(t, want, got, 1e-15)
		}
		for i := range n {
			sum := 0.0
			for k := range d {
				column := 0.0
				for j := range n {
					column += x[j*d+k] * y[j]
				}
				if column != 0 {
					sum += x[i*d+k] * math.Copysign(1, column)
				}
			}
			require.Equal(t, 4*y[i], sum)
		}
	}
}

// solved is Gauss and Jordan's elimination of a regular system.
func solved(a [][]*big.Rat) (out []*big.Rat) {
	for c := range a {
		for r := c; ; r++ {
			if a[r][c].Sign() != 0 {
				a[c], a[r] = a[r], a[c]
				break
			}
		}
		for r := range a {
			if r == c || a[r][c].Sign() == 0 {
				continue
			}
			factor := new(big.Rat).Quo(a[r][c], a[c][c])
			for k := c; k < len(a[r]); k++ {
				a[r][k] = new(big.Rat).Sub(a[r][k], new(big.Rat).Mul(factor, a[c][k]))
			}
		}
	}
	for c := range a {
		out = append(out, new(big.Rat).Quo(a[c][len(a)], a[c][c]))
	}
	return out
}

// Adam's bound for rare gradients by its recursion in rationals, with squares compared.
func TestRareStepInRationals(t *testing.T) {
	const zeros = 30
	beta1, beta2, one := big.NewRat(9, 10), big.NewRat(999, 1000), big.NewRat(1, 1)
	left1, left2 := big.NewRat(1, 1), big.NewRat(1, 1) // βᵏ
	for range zeros + 1 {
		left1.Mul(left1, beta1)
		left2.Mul(left2, beta2)
	}
	m := new(big.Rat).Quo(new(big.Rat).Sub(one, beta1), new(big.Rat).Sub(one, left1))
	v := new(big.Rat).Quo(new(big.Rat).Sub(one, beta2), new(big.Rat).Sub(one, left2))
	square, _ := new(big.Rat).Quo(m.Mul(m, m), v).Float64()
	step, err := rareStep(t.Context(), sgd.DefaultAdam(), 1, zeros)
	require.NoError(t, err)
	require.InEpsilon(t, math.Sqrt(square), step, 1e-12)
}

// A constant step is not universal: it stays at a distance where f has kinks. (Averages of
// quadratics with noise forgive it: Polyak and Juditsky 1992.)
func TestUniversalitySeesConstantSteps(t *testing.T) {
	failed := claimtest.Sabotaged(t, universality(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runUniversality(ctx, c, sgd.SGD{})
	}, claim.Setting{Name: "rate", Value: "0.07"})
	require.Equal(t, []string{"nonsmooth"}, failed)
}

// A space that contains only bad configurations, and a best of B that is none, are seen.
func TestTuningSeesWrongSpaces(t *testing.T) {
	bad := spaces()
	bad[1].draw = func(*rand.Rand) (sgd.Method, float64) { return sgd.SGD{Momentum: 0.9}, 1e-7 }
	failed := claimtest.Sabotaged(t, tuning(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runTuning(ctx, c, bad, expectedBest)
	}, claim.Setting{Name: "trials", Value: "20"})
	require.Equal(t, []string{"contained-wine", "contained-breast-cancer", "contained-digits"}, failed)
	failed = claimtest.Sabotaged(t, tuning(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runTuning(ctx, c, spaces(), func([]float64, int) float64 { return 1 })
	}, claim.Setting{Name: "trials", Value: "20"})
	require.Equal(t, []string{"orders"}, failed)
}

// The expected best of B is that of all N^B draws.
func TestExpectedBestByEnumeration(t *testing.T) {
	losses := []float64{0.1, 0.4, 0.5, 2}
	for b := 1; b <= 5; b++ {
		sum, count := 0.0, 0
		var draw func(left int, best float64)
		draw = func(left int, best float64) {
			if left == 0 {
				sum, count = sum+best, count+1
				return
			}
			for _, l := range losses {
				draw(left-1, min(best, l))
			}
		}
		draw(b, math.Inf(1))
		require.InEpsilon(t, sum/float64(count), expectedBest(losses, b), 1e-12)
	}
}

// Methods that change places are seen, and so is a shrinkage of what A does not see.
func TestMinimumNormSeesWrongMethods(t *testing.T) {
	spoiled := func(plain sgd.Method, others []named) []string {
		return claimtest.Sabotaged(t, minimumNorms(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runMinimumNorms(ctx, c, plain, others)
		})
	}
	require.Empty(t, spoiled(sgd.SGD{}, followers()))
	require.Equal(t, []string{"sgd"}, spoiled(sgd.SGD{}, []named{{"sgd", sgd.SGD{}, 1e-2}}))
	require.Equal(t, []string{"from-zero", "rate", "from-a-point"}, spoiled(sgd.Adagrad{}, nil))
	require.Contains(t, spoiled(sgd.SGD{WeightDecay: 1e-3}, nil), "from-a-point")
}

// The solution of least norm by the normal equations in rationals, and what is nearest to a
// start.
func TestNearestSolutionInRationals(t *testing.T) {
	const m, n = 3, 5
	rng := rand.New(rand.NewPCG(1, 2))
	entries, b, start := make([]float64, m*n), make([]float64, m), make([]float64, n)
	for _, v := range [][]float64{entries, b, start} {
		for i := range v {
			v[i] = float64(rng.IntN(33)-16) / 8
		}
	}
	exact := func(x float64) *big.Rat { return new(big.Rat).SetFloat64(x) }
	gram := make([][]*big.Rat, m)
	for i := range gram {
		right := exact(b[i])
		for j := range n {
			right.Sub(right, new(big.Rat).Mul(exact(entries[i*n+j]), exact(start[j])))
		}
		for k := range m {
			sum := new(big.Rat)
			for j := range n {
				sum.Add(sum, new(big.Rat).Mul(exact(entries[i*n+j]), exact(entries[k*n+j])))
			}
			gram[i] = append(gram[i], sum)
		}
		gram[i] = append(gram[i], right)
	}
	y := solved(gram) // AAᵀy = b − Aθ₀, and the solution is θ₀ + Aᵀy
	a := mat.NewDense(m, n, entries)
	inverse, _ := pseudoinverse(a)
	got := nearestSolution(a, inverse, b, start)
	for j := range n {
		want := exact(start[j])
		for i := range m {
			want.Add(want, new(big.Rat).Mul(exact(entries[i*n+j]), y[i]))
		}
		w, _ := want.Float64()
		require.InDelta(t, w, got[j], 1e-12)
	}
}
