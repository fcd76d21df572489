package vm

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/tamegrad/tamegrad/expr"
	simd "github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// Options of Compile; the zero value compiles for single points in float64.
type Options struct {
	// Lanes is the number of points of one run; 0 means a single point without
	// a lane axis.
	Lanes int
	// Shared lists the inputs and slots that have no lane axis.
	Shared []expr.Node
	// Precision is the arithmetic of all operations, constants included.
	Precision Precision
	// Workers bounds the goroutines that run blocks of lanes, or parts of large
	// products and of long elementwise operations; 0 means GOMAXPROCS. Results do not depend on it.
	Workers int
}

// workers is how many goroutines may run.
func (o Options) workers() int {
	if o.Workers > 0 {
		return o.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// Program is a compiled Func. It is immutable and safe for concurrent use.
type Program struct {
	source  *expr.Func
	f       *expr.Func // what runs: source, or source over a block of lanes
	origin  []int      // node of the source for each node of f; nil without lanes
	options Options
	block   int   // lanes of a block
	entries int32 // of a block of long elementwise operations

	code      []instruction
	common    int // the first instructions, which depend on no input with lanes
	constants int // the first of them, which depend on no input
	tape      []simd.Entry
	tapeNode  []int32
	pairs     [][2]float64 // constants of the tape
	kernels   []expr.Scalar

	inputs   []leaf
	outputs  []leaf
	together bool             // outputs stand one after the other
	base     [regions + 1]int // where each region begins in the arena, and its size
	work     int
	scratch  int
	wide     int // entries of scratch for ops that are widened to float64
	folded   any // the entries of the region of constants
	fault    expr.Fault
	cost     func() Cost
	pool     sync.Pool
}

// leaf is where an input or output stands.
type leaf struct {
	span  span
	laned bool
}

// instruction applies one primitive to spans of the arena, or runs a part of
// the tape or a group of operations block by block.
type instruction struct {
	op     *expr.Op // nil for a part of the tape, and for a group
	node   int
	out    span
	in     []span
	shape  expr.Shape
	shapes []expr.Shape
	attr   expr.Attr
	index  []int32
	lo, hi int // of the tape

	group   int32 // the number of a group, 0 for others
	members []member
	entries int // of the values of a group
}

// member is an operation of a group. Its operands and, last, its result either go
// on with the blocks or have room for one.
type member struct {
	instruction
	advance []bool
	ends    bool // the group: the result is whole
	begins  bool // with operands that are there
	whole   int  // the operand that does not come in blocks; −1 if all do
}

// region says where a value lives, by what it depends on.
type region int8

const (
	constants region = iota // no input
	shared                  // inputs without lanes, when there are lanes
	laned                   // all others
	regions
)

// span is a range of the arena.
type span struct{ at, size int32 }

// Compile returns the program of f. Its inputs are those of f in order,
// followed by the open slots of f.
func Compile(f *expr.Func, o Options) (*Program, error) {
	if o.Lanes < 0 {
		return nil, fmt.Errorf("vm: %d lanes asked; there must be at least 1, or 0 for no lane axis", o.Lanes)
	}
	if !o.Precision.valid() {
		return nil, fmt.Errorf("vm: unknown precision %d", o.Precision)
	}
	return compileInBlocks(f, o, blockEntries)
}

// compileInBlocks is Compile for long elementwise operations in blocks of so many
// entries. Results do not depend on it.
func compileInBlocks(f *expr.Func, o Options, entries int32) (*Program, error) {
	p, err := compile(f, o, min(o.Lanes, 1), entries)
	if err != nil {
		return nil, err
	}
	if b := p.lanesPerBlock(); b > 1 {
		if p, err = compile(f, o, b, entries); err != nil {
			return nil, err
		}
	}
	return p.finished(), nil
}

// finished folds constants and makes a planned program ready for use.
func (p *Program) finished() *Program {
	p.fold()
	p.pool.New = func() any { return p.NewWorkspace() }
	p.cost = sync.OnceValue(p.count)
	return p
}

// compile plans runs of that many lanes at once.
func compile(f *expr.Func, o Options, block int, entries int32) (*Program, error) {
	p := &Program{source: f, f: f, options: o, block: block, entries: entries}
	if block > 0 {
		var err error
		if p.f, p.origin, err = expr.Vmap(f, block, o.Shared); err != nil {
			return nil, err
		}
	}
	return p, p.plan()
}

// Lanes returns the number of lanes, 0 without a lane axis.
func (p *Program) Lanes() int { return p.options.Lanes }

// Func returns the program's source.
func (p *Program) Func() *expr.Func { return p.source }

// Precision returns the arithmetic that the program was compiled for.
func (p *Program) Precision() Precision { return p.options.Precision }
