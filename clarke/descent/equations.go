package descent

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// equations computes F and its Jacobian along a direction.
type equations struct {
	values, jacobian *vm.Workspace
	sizes            []int
	directions       []int // inputs of jacobian: the direction that belongs to each input, or −1
	outputs, n       int
}

func newEquations(f *expr.Func) (*equations, error) {
	s := &equations{outputs: len(f.Out())}
	for _, in := range f.In() {
		s.sizes = append(s.sizes, in.Shape().Size())
		s.n += in.Shape().Size()
	}
	count := 0
	for _, out := range f.Out() {
		count += out.Shape().Size()
	}
	if len(f.Wrt()) != len(f.In()) {
		return nil, &InputError{"program", "some of its inputs are not differentiated; write them as constants"}
	}
	if count != s.n {
		return nil, &InputError{"program", fmt.Sprintf("it has %d equations for %d variables; there must be as many", count, s.n)}
	}
	values, err := vm.Compile(f, vm.Options{})
	if err != nil {
		return nil, err
	}
	s.values = values.NewWorkspace()
	return s, s.compile(f)
}

// compile wires the Jacobian along inputs.
func (s *equations) compile(f *expr.Func) error {
	open, err := ad.Jacobian(f)
	if err != nil {
		return err
	}
	var along []expr.Node
	for i, in := range f.In() {
		along = append(along, f.Graph().Input(fmt.Sprintf("direction %d", i), in.Shape().Dims()...))
	}
	wired, err := ad.Wire(open, ad.Along(along))
	if err != nil {
		return err
	}
	for _, d := range along {
		s.directions = append(s.directions, slices.Index(wired.In(), d))
	}
	program, err := vm.Compile(wired, vm.Options{})
	if err != nil {
		return err
	}
	s.jacobian = program.NewWorkspace()
	return nil
}

// value is F(x), NaN where a switch is undefined.
func (s *equations) value(x []float64) (out []float64, err error) {
	s.load(s.values, x)
	if err := s.values.Run(); err != nil {
		out = make([]float64, s.n)
		_, err = undefined(out, err)
		return out, err
	}
	for i := range s.outputs {
		out = append(out, s.values.Out(i)...)
	}
	return out, nil
}

func (s *equations) load(w *vm.Workspace, x []float64) {
	for i, n := range s.sizes {
		copy(w.In(i), x[:n])
		x = x[n:]
	}
}

// element is the Jacobian at x along a direction that is drawn, in rows.
func (s *equations) element(x []float64, rng *rand.Rand) (rows [][]float64, err error) {
	s.load(s.jacobian, x)
	for i, n := range s.sizes {
		d := make([]float64, n)
		random.Normals(d, 1, rng)
		if at := s.directions[i]; at >= 0 {
			copy(s.jacobian.In(at), d)
		}
	}
	if err := s.jacobian.Run(); err != nil {
		return nil, err
	}
	flat := s.jacobian.Out(s.outputs)
	for i := range s.n {
		rows = append(rows, slices.Clone(flat[i*s.n:(i+1)*s.n]))
	}
	return rows, nil
}
