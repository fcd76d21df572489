package ad

import (
	"math/big"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// slopeTable runs the record of an op on scalars: its slopes and those of its
// switches with selectors as free symbols, and the values of both.
type slopeTable struct {
	in     []expr.Node
	slots  []string
	slopes *exact.Program // slopes, then those of each switch
	order  []int          // the switch of each open slot of slopes
	value  *exact.Program // value and switches
	free   int            // open slots of value
	known  map[int][][]*big.Rat
}

func newSlopeTable(op *expr.Op, at expr.Attr, operands int) (s *slopeTable, ok bool) {
	if !op.Elementwise || op.Slopes == nil || op.Exact == nil || operands == 0 {
		return nil, false
	}
	g := expr.NewGraph()
	s = &slopeTable{known: map[int][][]*big.Rat{}}
	for i := range operands {
		s.in = append(s.in, g.Input(string(rune('a'+i))))
	}
	y := op.Apply(at, s.in...)
	if !y.Valid() {
		return nil, false
	}
	out := slopesOf(y)
	values := []expr.Node{y}
	for _, n := range expr.Reach(out...) {
		if slot, open := n.SelectorSlot(); open {
			if slot.Kind != expr.StepSlot || slot.Owner != y {
				return nil, false
			}
			s.slots = append(s.slots, slot.Name)
			values = append(values, slot.Keys()[0])
		}
	}
	const maxSwitches = 6 // all combinations are checked
	if len(s.slots) > maxSwitches {
		return nil, false
	}
	for _, z := range values[1:] {
		out = append(out, cotangents([]expr.Node{z}, []expr.Node{g.Const(1)}, s.in)...)
	}
	return s, s.compile(g, out, values) == nil
}

// slopesOf returns the slopes of a node, 0 where there is none.
func slopesOf(n expr.Node) []expr.Node {
	out := make([]expr.Node, len(n.Args()))
	for i, d := range expr.Slopes(n) {
		if out[i] = d; !d.Valid() {
			out[i] = zeros(n)
		}
	}
	return out
}

func (s *slopeTable) compile(g *expr.Graph, slopes, values []expr.Node) error {
	f, err := g.Func(expr.In(s.in...), expr.Out(slopes...))
	if err != nil {
		return err
	}
	symbols := Wiring{ // a key of 0 everywhere: each selector is its slot
		rekey:  func(_ *expr.Slot, key expr.Node) expr.Node { return zeros(key) },
		choose: leaveOpen,
	}
	if f, err = Wire(f, symbols); err != nil {
		return err
	}
	for _, n := range f.Slots() {
		slot, _ := n.Slot()
		for i, name := range s.slots {
			if name == slot.Name {
				s.order = append(s.order, i)
			}
		}
	}
	v, err := g.Func(expr.In(s.in...), expr.Out(values...))
	if err != nil {
		return err
	}
	s.free = len(v.Slots())
	if s.slopes, err = exact.Compile(f); err != nil {
		return err
	}
	s.value, err = exact.Compile(v)
	return err
}

// corner returns the slopes, then those of each switch, with the selectors in
// mask 1 and the others 0.
func (s *slopeTable) corner(mask int) [][]*big.Rat {
	if rows, ok := s.known[mask]; ok {
		return rows
	}
	n := len(s.in)
	in := scalars(make([]int, n))
	for _, k := range s.order {
		in = append(in, []*big.Rat{big.NewRat(int64(mask>>k&1), 1)})
	}
	out, err := s.slopes.Run(in...)
	if err != nil { // 0 fits constants only, and the values are checked
		out = scalars(make([]int, n*(1+len(s.slots))))
	}
	var rows [][]*big.Rat
	for i := 0; i < len(out); i += n {
		row := make([]*big.Rat, n)
		for j := range row {
			row[j] = out[i+j][0]
		}
		rows = append(rows, row)
	}
	s.known[mask] = rows
	return rows
}

// values returns the value and the switches at an integer point.
func (s *slopeTable) values(a []int) (v []*big.Rat, ok bool) {
	out, err := s.value.Run(append(scalars(a), scalars(make([]int, s.free))...)...)
	for _, x := range out {
		v = append(v, x[0])
	}
	return v, err == nil
}

func scalars(v []int) [][]*big.Rat {
	out := make([][]*big.Rat, len(v))
	for i, x := range v {
		out[i] = []*big.Rat{big.NewRat(int64(x), 1)}
	}
	return out
}
