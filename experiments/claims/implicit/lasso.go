package implicit

import (
	"math/big"

	"github.com/tamegrad/tamegrad/expr"
)

// lasso is min ½‖Ky − b‖² + λ‖y‖₁ for a matrix K of whole numbers.
type lasso struct {
	k    [][]*big.Rat
	m, n int // rows and columns
}

// newLasso takes the entries of K row by row.
func newLasso(m, n int, entry func() int64) *lasso {
	l := &lasso{m: m, n: n}
	for range m {
		row := zeros(n)
		for j := range row {
			row[j].SetInt64(entry())
		}
		l.k = append(l.k, row)
	}
	return l
}

// apply is Ky.
func (l *lasso) apply(y []*big.Rat) []*big.Rat {
	out := zeros(l.m)
	for i, row := range l.k {
		for j, x := range row {
			addProduct(out[i], x, y[j])
		}
	}
	return out
}

// correlations is Kᵀr.
func (l *lasso) correlations(r []*big.Rat) []*big.Rat {
	out := zeros(l.n)
	for i, row := range l.k {
		for j, x := range row {
			addProduct(out[j], x, r[i])
		}
	}
	return out
}

// gram is K_SᵀK_S for columns S.
func (l *lasso) gram(columns []int) [][]*big.Rat {
	out := make([][]*big.Rat, len(columns))
	for a, i := range columns {
		out[a] = zeros(len(columns))
		for b, j := range columns {
			for _, row := range l.k {
				addProduct(out[a][b], row[i], row[j])
			}
		}
	}
	return out
}

// solve finds the solution by trying all signs: y is one if and only if Kᵀ(b − Ky) is λ·sign(y)
// where y is not 0, and within [−λ, λ] elsewhere. Signs on dependent columns are left out.
func (l *lasso) solve(b []*big.Rat, lambda *big.Rat) (y []*big.Rat, signs []int) {
	c := l.correlations(b)
	signs = make([]int, l.n)
	for i := range signs {
		signs[i] = -1
	}
	for {
		if y := l.trySigns(signs, b, c, lambda); y != nil {
			return y, signs
		}
		i := 0
		for i < l.n && signs[i] == 1 {
			signs[i] = -1
			i++
		}
		if i == l.n {
			return nil, nil
		}
		signs[i]++
	}
}

// trySigns returns the solution that has these signs, or nil; c is Kᵀb.
func (l *lasso) trySigns(signs []int, b, c []*big.Rat, lambda *big.Rat) []*big.Rat {
	var support []int
	var right [][]*big.Rat
	for j, s := range signs {
		if s != 0 {
			x := new(big.Rat).Set(c[j])
			addProduct(x, lambda, rat(int64(-s)))
			support, right = append(support, j), append(right, []*big.Rat{x})
		}
	}
	on := eliminated(l.gram(support), right)
	if on == nil {
		return nil
	}
	y := zeros(l.n)
	for i, j := range support {
		if y[j] = on[i][0]; y[j].Sign() != signs[j] {
			return nil
		}
	}
	residual := l.apply(y)
	for i := range residual {
		residual[i].Sub(b[i], residual[i])
	}
	for j, x := range l.correlations(residual) {
		if signs[j] == 0 && new(big.Rat).Abs(x).Cmp(lambda) > 0 {
			return nil
		}
	}
	return y
}

// shrinkage is the soft threshold of a program.
type shrinkage func(z, t expr.Node) expr.Node

// softThreshold is relu(z − t) − relu(−z − t).
func softThreshold(z, t expr.Node) expr.Node {
	return expr.Sub(expr.ReLU(expr.Sub(z, t)), expr.ReLU(expr.Sub(expr.Neg(z), t)))
}

// step is the program y ↦ shrink(y − γKᵀ(Ky − b), γλ) of inputs y, b and λ.
func (l *lasso) step(g *expr.Graph, gamma *big.Rat, shrink shrinkage) (y, b, lambda, out expr.Node) {
	var rows, columns []expr.Number
	for _, row := range l.k {
		for _, x := range row {
			rows = append(rows, expr.Rational(x))
		}
	}
	for j := range l.n {
		for _, row := range l.k {
			columns = append(columns, expr.Rational(row[j]))
		}
	}
	y, b, lambda = g.Input("y", l.n), g.Input("b", l.m), g.Input("lambda")
	misfit := expr.Sub(expr.Dot(g.Numbers(rows, l.m, l.n), y), b)
	gradient := expr.Dot(g.Numbers(columns, l.n, l.m), misfit)
	z := expr.Sub(y, expr.ScaleNumber(expr.Rational(gamma), gradient))
	return y, b, lambda, shrink(z, expr.ScaleNumber(expr.Rational(gamma), lambda))
}
