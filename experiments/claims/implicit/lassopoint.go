package implicit

import (
	"context"
	"math/big"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/expr"
)

// lassoPoint is a solution of a lasso, with the columns at which the correlation with the
// residual is ±λ.
type lassoPoint struct {
	*lasso
	b, y    []*big.Rat
	lambda  *big.Rat
	tied    []int // E, all with |correlation| = λ
	signs   []int // of the correlations at E
	zero    []int // positions in E where y is 0: the kinks
	regular bool  // whether the columns E are independent
}

// drawLasso draws K, a residual r and y with the signs of Kᵀr, and then b = Ky + r. With small
// numbers many correlations tie.
func drawLasso(n int, rng *rand.Rand) *lassoPoint {
	draw := func() int64 { return rng.Int64N(5) - 2 }
	for {
		p := &lassoPoint{lasso: newLasso(n, n, draw), y: zeros(n), lambda: new(big.Rat)}
		r := zeros(n)
		for i := range r {
			r[i].SetInt64(draw())
		}
		c := p.correlations(r)
		for _, x := range c {
			if a := new(big.Rat).Abs(x); a.Cmp(p.lambda) > 0 {
				p.lambda = a
			}
		}
		if p.lambda.Sign() == 0 {
			continue
		}
		for j, x := range c {
			if new(big.Rat).Abs(x).Cmp(p.lambda) != 0 {
				continue
			}
			if rng.IntN(2) == 0 {
				p.zero = append(p.zero, len(p.tied))
			} else {
				p.y[j].SetFrac64(int64(x.Sign())*(1+rng.Int64N(6)), 2)
			}
			p.tied, p.signs = append(p.tied, j), append(p.signs, x.Sign())
		}
		p.b = p.apply(p.y)
		for i := range r {
			p.b[i].Add(p.b[i], r[i])
		}
		nothing := make([][]*big.Rat, len(p.tied))
		p.regular = eliminated(p.gram(p.tied), nothing) != nil
		return p
	}
}

// neighbour is a point where the kinks whose bit is set in joins have left 0, and the others
// have correlations below λ. By the optimality conditions y and b differ by
//
//	Δy = ±ε on the first, K_Eᵀ(Δb − KΔy) = ∓ε on the others,
//
// which Δb = KΔy + K_E(K_EᵀK_E)⁻¹(…) solves; ε is halved until no other column is tied.
func (p *lassoPoint) neighbour(joins int) *lassoPoint {
	for epsilon := big.NewRat(1, 4); ; epsilon = new(big.Rat).Mul(epsilon, big.NewRat(1, 2)) {
		q := &lassoPoint{lasso: p.lasso, y: copied(p.y), b: copied(p.b), lambda: p.lambda, regular: true}
		right := make([][]*big.Rat, len(p.tied))
		for i := range right {
			right[i] = zeros(1)
		}
		for bit, i := range p.zero {
			by := new(big.Rat).Mul(epsilon, rat(int64(p.signs[i])))
			if joins>>bit&1 == 1 {
				q.y[p.tied[i]].Set(by)
			} else {
				right[i][0].Neg(by)
			}
		}
		move := zeros(p.n)
		for j := range move {
			move[j].Sub(q.y[j], p.y[j])
		}
		for i, w := range eliminated(p.gram(p.tied), right) {
			move[p.tied[i]].Add(move[p.tied[i]], w[0])
		}
		for i, x := range p.apply(move) {
			q.b[i].Add(q.b[i], x)
		}
		if y, _ := p.solve(q.b, q.lambda); equal(y, q.y) && p.loose(q) {
			return q
		}
	}
}

// loose reports whether at q no correlation is ±λ where y is 0.
func (p *lassoPoint) loose(q *lassoPoint) bool {
	r := p.apply(q.y)
	for i := range r {
		r[i].Sub(q.b[i], r[i])
	}
	for j, x := range p.correlations(r) {
		if q.y[j].Sign() == 0 && new(big.Rat).Abs(x).Cmp(q.lambda) == 0 {
			return false
		}
	}
	return true
}

// quotients is the Jacobian of the solution by b and λ at a point off kinks, from difference
// quotients of solutions found by solve: the solution is affine as long as no sign changes, which some step is small enough for.
func (p *lassoPoint) quotients(solve func(l *lasso, b []*big.Rat, lambda *big.Rat) ([]*big.Rat, []int)) []*big.Rat {
	out := zeros(p.n * (p.m + 1))
	y, signs := solve(p.lasso, p.b, p.lambda)
	for column := range p.m + 1 {
		h := big.NewRat(1, 64)
		for range 16 {
			h = new(big.Rat).Mul(h, big.NewRat(1, 16))
			b, lambda := copied(p.b), new(big.Rat).Set(p.lambda)
			if column < p.m {
				b[column].Add(b[column], h)
			} else {
				lambda.Add(lambda, h)
			}
			moved, after := solve(p.lasso, b, lambda)
			if !sameSigns(signs, after) {
				continue
			}
			for j := range y {
				q := new(big.Rat).Sub(moved[j], y[j])
				out[j*(p.m+1)+column] = q.Quo(q, h)
			}
			break
		}
	}
	return out
}

func sameSigns(a, b []int) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// set is what implicit differentiation of the fixed point gives.
func (p *lassoPoint) set(ctx context.Context, gamma *big.Rat, shrink shrinkage) (*conservative.ImplicitSet, error) {
	g := expr.NewGraph()
	y, b, lambda, step := p.step(g, gamma, shrink)
	f, err := g.Func(expr.In(y, b, lambda), expr.Out(expr.Sub(y, step)))
	if err != nil {
		return nil, err
	}
	at := clarke.RationalPoint(p.y, p.b, []*big.Rat{p.lambda})
	return conservative.Implicit(ctx, f, []expr.Node{y}, at, conservative.ImplicitOptions{})
}
