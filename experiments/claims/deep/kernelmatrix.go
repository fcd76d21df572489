package deep

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"

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

// eigenvalues of a symmetric matrix, in ascending order.
func eigenvalues(n int, entries []float64) ([]float64, error) {
	var e mat.EigenSym
	if !e.Factorize(mat.NewSymDense(n, append([]float64{}, entries...)), false) {
		return nil, errors.New("eigenvalues of a kernel do not converge")
	}
	return e.Values(nil), nil
}

// angle is arccos c for −1 < c < 1, by Newton's method from π/2, which is monotone.
func angle(c float64) float64 {
	theta := math.Pi / 2
	for range 100 {
		theta += (kernel.Cos(theta) - c) / kernel.Sin(theta)
	}
	return theta
}
