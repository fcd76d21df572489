package descent

import (
	"context"
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

const (
	// mostSlow is after how many steps in a row that do not halve the residual Newton's method is given up.
	mostSlow = 10
	// newtonTolerance is the residual of a solution, in units of 1 plus the longest row of the Jacobian.
	newtonTolerance = 1e-11
	// mostHalvings bounds the damping of a step.
	mostHalvings = 20
)

// kkt solves a part of the system of a locked program for some of its variables v = (x, τ), from v on.
type kkt struct {
	*lockedProgram
	ctx       context.Context
	v         []float64
	system    []float64 // at v, and so
	jacobian  [][]float64
	residuals []float64 // of the last run of newton
}

// newton solves the given equations for the given variables by Newton's method with damping, in the
// sense of least squares where they are dependent, until no step decreases the residual. It says
// whether that is 0 up to rounding then.
func (k *kkt) newton(equations, variables []int) (solved bool, err error) {
	if k.system, k.jacobian, err = k.at(k.v); err != nil {
		return false, err
	}
	k.residuals = []float64{k.residual(equations)}
	size := 0.0
	for slow := 0; slow < mostSlow; {
		if err := k.ctx.Err(); err != nil {
			return false, err
		}
		a := make([][]float64, len(equations))
		for i, e := range equations {
			a[i] = pick(k.jacobian[e], variables)
		}
		size = 1 + longest(a)
		step, _ := leastSquares(k.ctx, a, pick(k.system, equations), len(variables))
		before := k.residuals[len(k.residuals)-1]
		after, err := k.damped(step, equations, variables, before)
		if err != nil {
			return false, err
		}
		if after == before {
			break
		}
		k.residuals = append(k.residuals, after)
		if slow++; after < before/2 {
			slow = 0
		}
	}
	return k.residuals[len(k.residuals)-1] <= newtonTolerance*size, nil
}

func (k *kkt) residual(equations []int) float64 { return kernel.Norm(pick(k.system, equations)) }

// damped moves v against the longest of step, step/2, … that decreases the residual, which it returns. If
// there is none, v stays, and so does the residual.
func (k *kkt) damped(step []float64, equations, variables []int, before float64) (after float64, err error) {
	old := slices.Clone(k.v)
	for t, i := 1.0, 0; i < mostHalvings; t, i = t/2, i+1 {
		for j, at := range variables {
			k.v[at] = old[at] - float64(t*step[j])
		}
		if !finite(k.v) {
			continue
		}
		if k.system, k.jacobian, err = k.at(k.v); err != nil {
			return 0, err
		}
		if after := k.residual(equations); after < before {
			return after, nil
		}
	}
	copy(k.v, old)
	return before, nil
}

func pick(x []float64, at []int) []float64 {
	out := make([]float64, len(at))
	for i, j := range at {
		out[i] = x[j]
	}
	return out
}

// gradientRows are the numbers of the equations ∇ₓP = 0, and of the variables x.
func (l *lockedProgram) gradientRows() []int {
	out := make([]int, l.n)
	for i := range out {
		out[i] = i
	}
	return out
}

// switchRows are the numbers of the equations zᵢ = 0 and of the variables τᵢ for some switches.
func (l *lockedProgram) switchRows(active []int) []int {
	out := make([]int, len(active))
	for i, a := range active {
		out[i] = l.n + a
	}
	return out
}

// solve looks for a stationary point on the manifold of the active switches: first, by turns, for the τ in
// [−1, 1] that fit best and a point of the manifold, and then for all.
func (k *kkt) solve(active []int) (solved bool, err error) {
	gradient, on := k.gradientRows(), k.switchRows(active)
	for _, i := range on {
		k.v[i] = 0
	}
	for range 2 {
		if len(on) == 0 {
			break
		}
		if _, err := k.newton(gradient, on); err != nil {
			return false, err
		}
		for _, i := range on {
			k.v[i] = max(-1, min(k.v[i], 1))
		}
		if _, err := k.newton(on, gradient); err != nil {
			return false, err
		}
	}
	all := slices.Concat(gradient, on)
	return k.newton(all, all)
}

// reach returns for every switch at v the length of the change of ∇ₓP with its τ, which is |cᵢ|·‖∇zᵢ‖ on
// the kink for the adjoint cᵢ of |zᵢ|; and |zᵢ|/‖∇zᵢ‖, about the distance of the kink.
func (l *lockedProgram) reach(v []float64) (weight, distance []float64, err error) {
	system, jacobian, err := l.at(v)
	if err != nil {
		return nil, nil, err
	}
	weight, distance = l.reaches(system, jacobian)
	return weight, distance, nil
}

// reaches is reach for what the program gives at v.
func (l *lockedProgram) reaches(system []float64, jacobian [][]float64) (weight, distance []float64) {
	weight, distance = make([]float64, l.s), make([]float64, l.s)
	for i := range l.s {
		weight[i] = kernel.Norm(column(jacobian[:l.n], l.n+i))
		if z := math.Abs(system[l.n+i]); z != 0 {
			distance[i] = z / kernel.Norm(jacobian[l.n+i][:l.n])
		}
	}
	return weight, distance
}

func column(rows [][]float64, j int) []float64 {
	out := make([]float64, len(rows))
	for i, row := range rows {
		out[i] = row[j]
	}
	return out
}

// longest is the length of the longest vector.
func longest(vectors [][]float64) float64 {
	out := 0.0
	for _, v := range vectors {
		out = max(out, kernel.Norm(v))
	}
	return out
}
