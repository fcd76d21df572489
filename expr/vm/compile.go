package vm

import (
	"fmt"
	"sync"

	"github.com/tamegrad/tamegrad/expr"
)

// Options of Compile; the zero value compiles for single points.
type Options struct {
	// Lanes is the number of points of one run; 0 means a single point without
	// a lane axis.
	Lanes int
	// Shared lists the inputs and slots that have no lane axis.
	Shared []expr.Node
}

// Program is a compiled Func. It is immutable and safe for concurrent use.
type Program struct {
	f      *expr.Func // as compiled, with lanes
	lanes  int
	origin []int // node of the source for each node of f; nil without lanes
	source *expr.Func

	code    []instruction
	static  int // the first instructions, which depend on no input
	inputs  []span
	outputs []span
	arena   int
	work    int
	cost    Cost
	pool    sync.Pool
}

// instruction applies one primitive to spans of the arena.
type instruction struct {
	op    *expr.Op
	node  int
	out   span
	in    []span
	shape expr.Shape
	in0   []expr.Shape
	attr  expr.Attr
	index []int32
}

// span is a range of the arena.
type span struct{ at, size int }

// Compile returns the program of f. Its inputs are those of f in order,
// followed by the open slots of f.
func Compile(f *expr.Func, o Options) (*Program, error) {
	p := &Program{f: f, source: f, lanes: o.Lanes}
	if o.Lanes < 0 {
		return nil, fmt.Errorf("vm: %d lanes asked; there must be at least 1, or 0 for no lane axis", o.Lanes)
	}
	if o.Lanes > 0 {
		var err error
		if p.f, p.origin, err = expr.Vmap(f, o.Lanes, o.Shared); err != nil {
			return nil, err
		}
	}
	values := number(p.f)
	p.emit(values)
	p.place(values)
	p.cost = p.count()
	p.pool.New = func() any { return p.NewWorkspace() }
	return p, nil
}

// emit lists the instructions, those that depend on no input first.
func (p *Program) emit(v *values) {
	for _, moving := range []bool{false, true} {
		for _, n := range v.distinct {
			if n.IsInput() || v.moving[n.ID()] != moving {
				continue
			}
			p.code = append(p.code, newInstruction(n, v))
		}
		if !moving {
			p.static = len(p.code)
		}
	}
}

func newInstruction(n expr.Node, v *values) instruction {
	op := n.Op()
	in := instruction{op: op, node: n.ID(), shape: n.Shape(), attr: n.Attr()}
	for _, a := range v.args(n) {
		in.in0 = append(in.in0, a.Shape())
	}
	if op.Index != nil {
		in.index = op.Index(in.in0, in.shape, in.attr)
	}
	return in
}

// Lanes returns the number of lanes, 0 without a lane axis.
func (p *Program) Lanes() int { return p.lanes }

// Func returns the program's source.
func (p *Program) Func() *expr.Func { return p.source }
