package deep

import (
	"errors"
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
	"github.com/tamegrad/tamegrad/sgd"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// tangent computes outputs and their Jacobian for all rows.
type tangent struct {
	ws         *vm.Workspace
	rows, size int // of the Jacobian
	params     int
}

// newTangent is for a network with one output and the parameters of o.
func newTangent(net network.Network, rows int, x []float64, o *sgd.Objective) (*tangent, error) {
	f, err := net.Outputs(rows)
	if err != nil {
		return nil, err
	}
	g, err := ad.JacobianBackward(f)
	if err != nil {
		return nil, err
	}
	if g, err = ad.Wire(g, ad.AtKink(0)); err != nil {
		return nil, err
	}
	code, err := vm.Compile(g, vm.Options{})
	if err != nil {
		return nil, err
	}
	t := &tangent{ws: code.NewWorkspace(), rows: rows, size: o.Size(), params: len(o.Params())}
	copy(t.ws.In(t.params), x)
	return t, nil
}

// at returns outputs and Jacobian, row by row, at the parameters of o, in their order. The next
// call overwrites them.
func (t *tangent) at(o *sgd.Objective) (outputs, jacobian []float64, err error) {
	for i, p := range o.Params() {
		copy(t.ws.In(i), p.Value)
	}
	err = t.ws.Run()
	return t.ws.Out(0), t.ws.Out(1), err
}

// kernel is JJᵀ, row by row.
func (t *tangent) kernel(jacobian []float64) []float64 {
	out := make([]float64, t.rows*t.rows)
	for i := range t.rows {
		for j := range t.rows {
			out[i*t.rows+j] = dot(jacobian[i*t.size:(i+1)*t.size], jacobian[j*t.size:(j+1)*t.size])
		}
	}
	return out
}

// eigenvalues of a symmetric matrix, in ascending order, by Jacobi's method in cyclic order (Golub
// and Van Loan, Matrix Computations, 4th ed., section 8.5), with the same bits on every machine.
func eigenvalues(n int, entries []float64) ([]float64, error) {
	const sweeps = 60
	a := append([]float64{}, entries...)
	for range sweeps {
		off := 0.0
		for p := range n {
			for q := range p {
				off += float64(a[p*n+q] * a[p*n+q])
			}
		}
		if off <= 1e-33*dot(a, a) {
			out := make([]float64, n)
			for i := range out {
				out[i] = a[i*n+i]
			}
			slices.Sort(out)
			return out, nil
		}
		for p := range n {
			for q := range p {
				annihilate(a, n, p, q)
			}
		}
	}
	return nil, errors.New("eigenvalues of a symmetric matrix do not converge")
}

// annihilate makes entry (p, q) of a symmetric matrix 0 by a rotation.
func annihilate(a []float64, n, p, q int) {
	if a[p*n+q] == 0 {
		return
	}
	theta := (a[q*n+q] - a[p*n+p]) / (2 * a[p*n+q])
	t := math.Copysign(1/(math.Abs(theta)+math.Sqrt(float64(theta*theta)+1)), theta)
	c := 1 / math.Sqrt(float64(t*t)+1)
	s := t * c
	for k := range n { // columns, then rows
		x, y := a[k*n+p], a[k*n+q]
		a[k*n+p], a[k*n+q] = float64(c*x)-float64(s*y), float64(s*x)+float64(c*y)
	}
	for k := range n {
		x, y := a[p*n+k], a[q*n+k]
		a[p*n+k], a[q*n+k] = float64(c*x)-float64(s*y), float64(s*x)+float64(c*y)
	}
	a[p*n+q], a[q*n+p] = 0, 0
}

// angle is arccos c for −1 < c < 1, by Newton's method from π/2, which is monotone.
func angle(c float64) float64 {
	theta := math.Pi / 2
	for range 100 {
		theta += (kernel.Cos(theta) - c) / kernel.Sin(theta)
	}
	return theta
}
