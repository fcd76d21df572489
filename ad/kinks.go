package ad

import (
	"math/big"
	"sync"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// Kink is one active block of a slot: entries of an open slot that count at a
// point because all keys of its selector tie there. Blocks are chosen
// independently of each other.
type Kink struct {
	Slot *expr.Slot
	Node int    // id of the slot's owner, the nonsmooth node
	Op   string // name of the owner's op
	// Index is the multi-index of the entry of a Step, and of the row for the
	// other selectors, in the shape of the keys.
	Index []int
	// Entries are the flat positions in the slot tensor that belong to the
	// block, ascending: one for a Step, the tied entries of a row for a Rank, a
	// square of the mixing matrix for a Permutation, a row for a Direction.
	Entries []int
	// Count is the sum of the weights of a Rank's block: how many of the tied
	// entries are selected. It is the number of tied entries for a Permutation
	// and 1 for the others.
	Count int
	// Above is how many of the tied entries of a Rank's block rank above those
	// that are selected; 0 for the others.
	Above int
	// Switch is the switching value z: the key of a Step, the largest difference
	// of tied entries for Rank and Permutation, the norm of a Direction's row.
	// It is exactly 0 unless kinks are active within a tolerance.
	Switch float64
	// Distance is |z|/‖∇z‖, a first-order estimate of the distance to the kink
	// in the units of the inputs: 0 where z is, +Inf where only ∇z is 0.
	Distance float64
	// Pieces is the number of extreme points of the block's slot set, at most
	// MaxInt: 2 for a Step, C(m, Count) for m tied entries of a Rank, m! for a
	// Permutation, 0 for a Direction, whose set is a ball. A Direction of one
	// entry lives in [−1, 1] and has 2.
	Pieces int

	members []int // flat positions of the tied entries in the keys
}

// Finder finds the active kinks of one derivative program. It is safe for
// concurrent use.
type Finder struct {
	f       *expr.Func
	entries []finderEntry
	keys    *expr.Func // every key of every selector, then the raw switches
	float   *vm.Program
	exact   *exact.Program
	exactly error // why there is no exact program

	once    sync.Once
	rows    *vm.Program // the switches and their adjoints
	rowsErr error
}

// finderEntry is one selector with an open slot.
type finderEntry struct {
	selector expr.Node
	slot     *expr.Slot
	key, raw int // outputs of the program of keys
	keys     int // number of keys
}

// NewFinder prepares the search for the active kinks of g, any program with
// open slots: a derivative, possibly wired by Within. The keys of selectors do
// not depend on slots except within a tolerance; the middle of every slot's set
// is taken then.
func NewFinder(g *expr.Func) (*Finder, error) {
	d := &Finder{f: g}
	var out []expr.Node
	for _, n := range g.Nodes() {
		if s, open := n.SelectorSlot(); open {
			e := finderEntry{selector: n, slot: s, key: len(out), keys: len(keysOf(n))}
			out = append(out, keysOf(n)...)
			d.entries = append(d.entries, e)
		}
	}
	if len(out) == 0 {
		return d, nil
	}
	for i := range d.entries {
		e := &d.entries[i]
		e.raw = len(out)
		out = append(out, unsnapped(out[e.key]))
	}
	return d, d.compile(out)
}

// unsnapped returns the switch itself where Within has made near ties exact.
func unsnapped(key expr.Node) expr.Node {
	if key.Op().Name == "snap" {
		return key.Args()[0]
	}
	return key
}

func (d *Finder) compile(out []expr.Node) error {
	open, err := d.f.Graph().Func(expr.In(d.f.In()...), expr.Out(out...))
	if err != nil {
		return err
	}
	if d.keys, err = Wire(open, AtSlot(0.5)); err != nil {
		return err
	}
	if d.float, err = vm.Compile(d.keys, vm.Options{}); err != nil {
		return err
	}
	d.exact, d.exactly = exact.Compile(d.keys)
	return nil
}

// Kinks returns the active kinks of g at x, one flat row-major slice for each
// input of g; see Finder, which is faster for many points of one program.
func Kinks(g *expr.Func, x ...[]float64) ([]Kink, error) {
	d, err := NewFinder(g)
	if err != nil {
		return nil, err
	}
	return d.At(x...)
}

// At returns the active kinks at x, one flat row-major slice for each input, in
// the order of slots and entries. A switch that is NaN is a *vm.NaNError.
func (d *Finder) At(x ...[]float64) ([]Kink, error) {
	if d.keys == nil {
		return nil, nil
	}
	values := make([][]float64, len(d.keys.Out()))
	for i, n := range d.keys.Out() {
		values[i] = make([]float64, n.Shape().Size())
	}
	if err := d.float.Run(values, x...); err != nil {
		return nil, err
	}
	var kinks []Kink
	for _, e := range d.entries {
		keys := values[e.key : e.key+e.keys]
		if i := firstNaN(keys); i >= 0 {
			return nil, &vm.NaNError{Node: e.selector, Entry: i}
		}
		for _, k := range (&tieFinder[float64]{e.slot, keys, compareFloats, 0}).find() {
			if err := d.measure(&k, e, values[e.raw], x); err != nil {
				return nil, err
			}
			kinks = append(kinks, k)
		}
	}
	return kinks, nil
}

// AtExact is At in rationals: kinks are decided exactly. The error is an
// *exact.UnsupportedError if a key is not rational.
func (d *Finder) AtExact(x ...[]*big.Rat) ([]Kink, error) {
	if d.keys == nil {
		return nil, nil
	}
	if d.exactly != nil {
		return nil, d.exactly
	}
	values, err := d.exact.Run(x...)
	if err != nil {
		return nil, err
	}
	var kinks []Kink
	for _, e := range d.entries {
		t := tieFinder[*big.Rat]{e.slot, values[e.key : e.key+e.keys], (*big.Rat).Cmp, new(big.Rat)}
		kinks = append(kinks, t.find()...)
	}
	return kinks, nil
}

func compareFloats(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// firstNaN returns the entry at which some key is NaN, or −1.
func firstNaN(keys [][]float64) int {
	for _, key := range keys {
		for i, v := range key {
			if v != v {
				return i
			}
		}
	}
	return -1
}
