package vm

import (
	"sync"
	"sync/atomic"

	"github.com/tamegrad/tamegrad/expr"
	simd "github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// blockBytes bounds the arena of a block of lanes, so that its intermediates
// stay in a second-level cache: half of the 1 MiB that current server cores
// have.
const blockBytes = 1 << 19

// minBlock is the least number of lanes of a block: with fewer, products with
// shared matrices would read these again and again.
const minBlock = 8

// A program runs on the tape, as many lanes at once as that takes, if more of its operations than manyScalars are on
// scalars and have codes, and fewer lanes than fewLanes fit into a block: kernels on so short vectors cost more. With a
// loop in assembly it always does, unless more than an eighth of its operations are others, for which longer blocks are
// better.
const (
	manyScalars = 64
	fewLanes    = 64
)

// lanesPerBlock returns how many lanes run at once, from the plan for a single
// lane. It depends on the program only, and lanes do not see each other, so the
// result has the same bits whatever it is.
func (p *Program) lanesPerBlock() int {
	lanes := p.options.Lanes
	if lanes <= 1 {
		return lanes
	}
	perLane := p.options.Precision.bytes() * max(1, p.base[laned+1]-p.base[laned])
	block := max(minBlock, blockBytes/perLane)
	if wide := int(p.options.Precision.wide()); lanes >= wide && p.isOfScalars(block) {
		return wide
	}
	blocks := (lanes + block - 1) / block
	return (lanes + blocks - 1) / blocks
}

// isOfScalars reports whether the tape takes less time than blocks of so many lanes.
func (p *Program) isOfScalars(block int) bool {
	coded := 0
	for i := range p.tape {
		if p.tape[i].Variant.Code() != simd.NoCode {
			coded++
		}
	}
	others := len(p.tape) - coded
	for i := range p.code[p.common:] {
		if p.code[p.common+i].lo == p.code[p.common+i].hi {
			others++
		}
	}
	return coded > manyScalars && (block < fewLanes || simd.HasTape() && others <= coded/8)
}

// engine runs all lanes of a program, block by block.
type engine[T expr.Real] struct {
	p        *Program
	machines []*machine[T] // one for each worker; the first runs what lanes share
	in, out  [][]T         // of all lanes
	blocks   int

	next  atomic.Int64 // the next block
	task  func()       // what further workers do
	count atomic.Int64 // of workers
	wait  sync.WaitGroup
	mu    sync.Mutex
	fault laneFault
}

// laneFault is a fault and its first lane.
type laneFault struct {
	expr.Fault
	first int // lane of the block's first
}

func newEngine[T expr.Real](p *Program) *engine[T] {
	e := &engine[T]{p: p, blocks: 1}
	if p.block > 0 {
		e.blocks = (p.options.Lanes + p.block - 1) / p.block
	}
	workers := p.options.workers()
	for range min(workers, e.blocks) {
		e.machines = append(e.machines, newMachine[T](p, workers/min(workers, e.blocks)))
	}
	for _, l := range p.inputs {
		e.in = append(e.in, e.buffer(l))
	}
	for _, l := range p.outputs {
		e.out = append(e.out, e.buffer(l))
	}
	e.task = e.work
	return e
}

// buffer returns room for an input or output of all lanes: the arena itself if
// there is one block.
func (e *engine[T]) buffer(l leaf) []T {
	if e.blocks == 1 || !l.laned {
		return e.machines[0].view(l.span)
	}
	return make([]T, int(l.span.size)/e.p.block*e.p.options.Lanes)
}

// run computes all lanes and returns the first fault: that of the lowest node,
// and of its lanes the lowest.
func (e *engine[T]) run() laneFault {
	m := e.machines[0]
	m.fault = e.p.fault
	m.run(0, e.p.common)
	e.fault = laneFault{Fault: m.fault}
	if e.blocks == 1 {
		m.run(e.p.common, len(e.p.code))
		return laneFault{Fault: m.fault}
	}
	e.next.Store(0)
	e.count.Store(0)
	e.wait.Add(len(e.machines) - 1)
	for range len(e.machines) - 1 {
		go e.task()
	}
	e.runBlocks(m)
	e.wait.Wait()
	return e.fault
}

// work is a further worker: it copies what lanes share, then takes blocks.
func (e *engine[T]) work() {
	defer e.wait.Done()
	m := e.machines[e.count.Add(1)]
	lo, hi := e.p.base[shared], e.p.base[shared+1]
	copy(m.arena[lo:hi], e.machines[0].arena[lo:hi])
	e.runBlocks(m)
}

func (e *engine[T]) runBlocks(m *machine[T]) {
	for {
		k := int(e.next.Add(1)) - 1
		if k >= e.blocks {
			return
		}
		e.runBlock(m, k)
	}
}

// runBlock computes the lanes of block k. The last block begins early enough to
// be full, but writes only the lanes that are its own.
func (e *engine[T]) runBlock(m *machine[T], k int) {
	p := e.p
	own := k * p.block
	first := min(own, p.options.Lanes-p.block)
	for i, l := range p.inputs {
		if l.laned {
			n := int(l.span.size) / p.block
			copy(m.view(l.span), e.in[i][first*n:])
		}
	}
	m.fault = expr.Fault{}
	m.run(p.common, len(p.code))
	for i, l := range p.outputs {
		n := int(l.span.size) / p.block
		copy(e.out[i][own*n:(first+p.block)*n], m.view(l.span)[(own-first)*n:])
	}
	if m.fault.Set {
		e.keep(laneFault{m.fault, first})
	}
}

// keep keeps the first fault.
func (e *engine[T]) keep(f laneFault) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.fault.Set || f.Node < e.fault.Node || f.Node == e.fault.Node && f.first < e.fault.first {
		e.fault = f
	}
}
