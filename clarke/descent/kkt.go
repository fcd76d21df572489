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
	// newtonTolerance is the residual of a solution, relative to the longest row of the Jacobian.
	newtonTolerance = 1e-11
	// mostHalvings bounds the damping of a step.
	mostHalvings = 20
)

// kkt solves a part of the system of a locked program, for some of its variables, near v = (x, τ).
type kkt struct {
	*lockedProgram
	ctx context.Context
	v   []float64
}

// newton solves the given equations for the given variables by Newton's method with damping, in the
// sense of least squares where they are dependent. It stops when no step decreases the residual.
// solved says whether that is 0 up to rounding.
func (k *kkt) newton(equations, variables []int) (residual float64, solved bool, err error) {
	system, jacobian, err := k.at(k.v)
	if err != nil {
		return 0, false, err
	}
	residual = kernel.Norm(pick(system, equations))
	longest := 0.0
	for slow := 0; slow < mostSlow; {
		if err := k.ctx.Err(); err != nil {
			return residual, false, err
		}
		a, b := make([][]float64, len(equations)), pick(system, equations)
		longest = 0
		for i, e := range equations {
			a[i] = pick(jacobian[e], variables)
			longest = max(longest, kernel.Norm(a[i]))
		}
		step, _ := leastSquares(a, b, len(variables))
		before := residual
		var moved bool
		if moved, system, jacobian, residual, err = k.damped(step, equations, variables, residual); err != nil {
			return residual, false, err
		}
		if !moved {
			break
		}
		if slow++; residual < before/2 {
			slow = 0
		}
	}
	return residual, residual <= newtonTolerance*(1+longest), nil
}

// damped moves v against the longest of step, step/2, … that decreases the residual.
func (k *kkt) damped(step []float64, equations, variables []int, before float64) (moved bool, system []float64, jacobian [][]float64, residual float64, err error) {
	old := slices.Clone(k.v)
	for t, i := 1.0, 0; i < mostHalvings; t, i = t/2, i+1 {
		for j, at := range variables {
			k.v[at] = old[at] - float64(t*step[j])
		}
		if !finite(k.v) {
			continue
		}
		if system, jacobian, err = k.at(k.v); err != nil {
			return false, nil, nil, before, err
		}
		if residual = kernel.Norm(pick(system, equations)); residual < before {
			return true, system, jacobian, residual, nil
		}
	}
	copy(k.v, old)
	return false, nil, nil, before, nil
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

// solve finds a stationary point on the manifold of the active switches from v: first the τ that fit
// there and a point of the manifold, by turns, and then all.
func (k *kkt) solve(active []int) (residual float64, solved bool, err error) {
	gradient, on := k.gradientRows(), k.switchRows(active)
	all := slices.Concat(gradient, on)
	for _, i := range on {
		k.v[i] = 0
	}
	if len(on) > 0 {
		for range 2 {
			if _, _, err := k.newton(gradient, on); err != nil {
				return 0, false, err
			}
			for _, i := range on {
				k.v[i] = max(-1, min(k.v[i], 1))
			}
			if _, _, err := k.newton(on, gradient); err != nil {
				return 0, false, err
			}
		}
	}
	return k.newton(all, all)
}

// reach returns for every switch the length of the change of ∇ₓP with its τ, which is |cᵢ|·‖∇zᵢ‖ on
// the kink for the adjoint cᵢ of |zᵢ|; and |zᵢ|/‖∇zᵢ‖, about the distance of the kink.
func (k *kkt) reach() (weight, distance []float64, err error) {
	system, jacobian, err := k.at(k.v)
	if err != nil {
		return nil, nil, err
	}
	weight, distance = make([]float64, k.s), make([]float64, k.s)
	for i := range k.s {
		column := make([]float64, k.n)
		for j := range column {
			column[j] = jacobian[j][k.n+i]
		}
		weight[i] = kernel.Norm(column)
		switch z := math.Abs(system[k.n+i]); z {
		case 0:
		default:
			distance[i] = z / kernel.Norm(jacobian[k.n+i][:k.n])
		}
	}
	return weight, distance, nil
}
