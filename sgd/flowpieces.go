package sgd

import (
	"context"
	"math"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// flatSwitch is the length of ∇z up to which a switch that is 0 says nothing to first order.
const flatSwitch = 1e-9

// pieces computes the smooth pieces of a program: its locked form (ad.Lock) with signs for the switches, on both sides of
// every kink.
type pieces struct {
	both     *vm.Workspace
	switches *vm.Workspace // nil without kinks
	names    []string
	sizes    []int // of the inputs of both
	n, s     int
}

func newPieces(f *expr.Func) (*pieces, error) {
	if len(f.Wrt()) != len(f.In()) {
		return nil, configError("program", "%d of its %d inputs are differentiated; a flow moves all, so write the others as constants", len(f.Wrt()), len(f.In()))
	}
	if err := continuous(f); err != nil {
		return nil, err
	}
	form, err := ad.Lock(f)
	if err != nil {
		return nil, err
	}
	p := &pieces{names: form.Names, s: len(form.Names)}
	for i, in := range form.Func.In() {
		p.sizes = append(p.sizes, in.Shape().Size())
		if i < len(f.In()) {
			p.n += in.Shape().Size()
		}
	}
	both, err := pieceProgram(f, form)
	if err != nil {
		return nil, err
	}
	if p.both, err = workspaceOf(both); err != nil || p.s == 0 {
		return p, err
	}
	p.switches, err = workspaceOf(form.Switches)
	return p, err
}

// continuous refuses programs with ops that jump, which are those by polynomial pieces that are not certified to be locally
// Lipschitz, and with selectors. Other ops, such as roots and quotients, are locally Lipschitz inside of their domain,
// whose boundary no solution crosses.
func continuous(f *expr.Func) error {
	for _, n := range f.Nodes() {
		if op := n.Op(); op.Partial && (op.Regular == nil || strings.HasSuffix(op.Name, "direction")) { // v/‖v‖ is the selector that may be regular, also where ties are kept
			return configError("program", "it reads the selector %v, which is made for derivatives and has kinks of its own; write the function itself", n)
		}
	}
	for _, r := range f.Class().Reasons {
		if op := r.Node.Op(); op.Partial && op.Class < expr.Semialgebraic {
			return configError("program", "it may jump, and the flow of such a program is not defined: %v", r)
		}
	}
	return nil
}

func workspaceOf(f *expr.Func) (*vm.Workspace, error) {
	program, err := vm.Compile(f, vm.Options{})
	if err != nil {
		return nil, err
	}
	return program.NewWorkspace(), nil
}

// pieceProgram is the program of ∇ₓP, z and the Jacobian of z.
func pieceProgram(f *expr.Func, form *ad.Locked) (*expr.Func, error) {
	g, in, outputs := f.Graph(), form.Func.In(), form.Func.Out()
	value, err := g.Func(expr.In(in...), expr.Out(outputs[0]))
	if err != nil {
		return nil, err
	}
	gradient, err := ad.Gradient(value)
	if err != nil {
		return nil, err
	}
	out := gradient.Out()[1 : 1+len(f.In())]
	if len(form.Names) > 0 {
		z, err := g.Func(expr.In(in...), expr.Out(outputs[1]))
		if err != nil {
			return nil, err
		}
		jacobian, err := ad.Jacobian(z)
		if err != nil {
			return nil, err
		}
		out = append(slices.Clone(out), jacobian.Out()...)
	}
	both, err := g.Func(expr.In(in...), expr.Out(out...))
	if err != nil {
		return nil, err
	}
	if open := both.Slots(); len(open) > 0 {
		return nil, configError("program", "it has a kink that signs of switches do not describe, at %v; norms, orders of more than 16 entries and jumps are such", open[0])
	}
	return both, nil
}

// at is what a piece says at a point.
type pieceAt struct {
	gradient []float64
	z        []float64   // the switches
	rows     [][]float64 // their gradients
}

// at computes the piece of the given signs at x. The result is its own.
func (p *pieces) at(x, signs []float64) (pieceAt, error) {
	v := slices.Concat(x, signs)
	for i, size := range p.sizes {
		copy(p.both.In(i), v[:size])
		v = v[size:]
	}
	if err := p.both.Run(); err != nil {
		return pieceAt{}, err
	}
	var at pieceAt
	k := 0
	for ; len(at.gradient) < p.n; k++ {
		at.gradient = append(at.gradient, p.both.Out(k)...)
	}
	if p.s == 0 {
		return at, nil
	}
	at.z = slices.Clone(p.both.Out(k))
	jacobian, columns := slices.Clone(p.both.Out(k+1)), p.n+p.s
	for i := range p.s {
		at.rows = append(at.rows, jacobian[i*columns:][:p.n])
	}
	return at, nil
}

// signs are those of the switches at x under the branches taken there, 1 for 0.
func (p *pieces) signs(x []float64) ([]float64, error) {
	if p.s == 0 {
		return nil, nil
	}
	for i, size := range p.sizes[:p.switches.Inputs()] {
		copy(p.switches.In(i), x[:size])
		x = x[size:]
	}
	if err := p.switches.Run(); err != nil {
		return nil, err
	}
	out := make([]float64, p.s)
	for i, z := range p.switches.Out(0) {
		out[i] = math.Copysign(1, z+0) // −0 is 0
	}
	return out, nil
}

// cell is a smooth piece near a point: the cone {d: σᵢ⟨∇zᵢ, d⟩ ≥ 0 for active i}, which has an interior.
type cell struct {
	signs  []float64
	at     pieceAt
	active []int // switches that are 0, but for those that are flat
	flat   []int
}

// cells enumerates the pieces that meet at x to first order, for switches up to kink counting as 0. There are at most as
// many as most; complete says that these are all.
func (p *pieces) cells(ctx context.Context, x []float64, kink float64, most int) (found []cell, complete bool, err error) {
	signs, err := p.signs(x)
	if err != nil {
		return nil, false, err
	}
	e := &cellSearch{p, ctx, x, kink, most, nil}
	complete, err = e.grow(cell{signs: signs}, nil, 0)
	return e.found, complete, err
}

type cellSearch struct {
	*pieces
	ctx   context.Context
	x     []float64
	kink  float64
	most  int
	found []cell
}

// grow settles the signs of the switches from the given one on. A switch depends on the signs of those before it, so that
// the piece is computed anew where one is not what it was.
func (e *cellSearch) grow(c cell, cone [][]float64, from int) (complete bool, err error) {
	if err := e.ctx.Err(); err != nil || len(e.found) >= e.most {
		return false, err
	}
	if c.at, err = e.at(e.x, c.signs); err != nil {
		return false, err
	}
	for i := from; i < e.s; i++ {
		z, row := c.at.z[i], c.at.rows[i]
		switch {
		case math.Abs(z) > e.kink || math.IsNaN(z):
			if sign := math.Copysign(1, z); sign != c.signs[i] {
				c.signs[i] = sign
				return e.grow(c, cone, i+1)
			}
		case kernel.Norm(row) <= flatSwitch:
			c.flat = append(slices.Clip(c.flat), i)
		default:
			return e.split(c, cone, i)
		}
	}
	e.found = append(e.found, c)
	return true, nil
}

// split goes on at both sides of switch i, as far as the cone has an interior there.
func (e *cellSearch) split(c cell, cone [][]float64, i int) (complete bool, err error) {
	complete = true
	for _, side := range []float64{1, -1} {
		half := append(slices.Clip(cone), scaledRow(c.at.rows[i], side))
		a, err := convex.Direction(half)
		if err != nil {
			return false, err
		}
		if a.Direction == nil {
			continue
		}
		next := cell{signs: slices.Clone(c.signs), active: append(slices.Clip(c.active), i), flat: slices.Clone(c.flat)}
		next.signs[i] = side
		all, err := e.grow(next, half, i+1)
		if err != nil {
			return false, err
		}
		complete = complete && all
	}
	return complete, nil
}

// scaledRow is row/‖row‖ times a sign.
func scaledRow(row []float64, sign float64) []float64 {
	out, norm := make([]float64, len(row)), kernel.Norm(row)
	for i, v := range row {
		out[i] = sign * v / norm
	}
	return out
}
