package codegen

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
)

const maxFloat = math.MaxFloat64

// fold runs the nodes that depend on no input in the executor. They are constants then; of equal entries one counts.
func (b *builder) fold() error {
	order := b.f.Order()
	varies := order.Depends(append(b.f.In(), b.f.Slots()...))
	for i := range varies { // custom ops are refused later, by their names
		n := order.Node(i)
		varies[i] = varies[i] || n.Op().IsCustom()
		for _, a := range n.Args() {
			varies[i] = varies[i] || varies[order.Index(a)]
		}
	}
	var nodes []expr.Node
	for i := range order.Len() {
		if n := order.Node(i); !varies[i] && !n.IsInput() {
			nodes = append(nodes, n)
		}
	}
	if len(nodes) == 0 {
		return nil
	}
	f, err := b.f.Graph().Func(expr.Out(nodes...))
	if err != nil {
		return err
	}
	program, err := vm.Compile(f, vm.Options{})
	if err != nil {
		return err
	}
	w := program.NewWorkspace()
	if err := w.Run(); err != nil {
		return fmt.Errorf("codegen: a constant of the program fails: %w", err)
	}
	for k, n := range nodes {
		data := append([]float64(nil), w.Out(k)...)
		if isUniform(data) {
			data = data[:1]
		}
		b.of[order.Index(n)] = b.constant(n, data)
	}
	return nil
}

// evaluated is what the executor makes of numbers.
func evaluated(name string, attr []float64, x ...float64) float64 {
	op, _ := expr.Lookup(name)
	g := expr.NewGraph()
	var in []expr.Node
	for i := range x {
		in = append(in, g.Input(fmt.Sprint("x", i)))
	}
	var at expr.Attr
	for _, a := range attr {
		at = append(at, expr.Num(a))
	}
	f, err := g.Func(expr.In(in...), expr.Out(op.Apply(at, in...)))
	if err != nil {
		panic(err) // an op of the program on scalars
	}
	program, err := vm.Compile(f, vm.Options{})
	if err != nil {
		panic(err)
	}
	w := program.NewWorkspace()
	for i, v := range x {
		w.In(i)[0] = v
	}
	if err := w.Run(); err != nil {
		panic(err)
	}
	return w.Out(0)[0]
}

// constant returns the value of these entries, equal ones once.
func (b *builder) constant(n expr.Node, data []float64) *value {
	bits := []byte("const ")
	for _, v := range data {
		bits = binary.LittleEndian.AppendUint64(bits, math.Float64bits(v))
	}
	key := string(bits)
	if v := b.equal[key]; v != nil {
		return v
	}
	v := b.add(&value{kind: constant, node: n, size: len(data), data: data})
	b.equal[key] = v
	return v
}

func isUniform(x []float64) bool {
	for _, v := range x {
		if math.Float64bits(v) != math.Float64bits(x[0]) {
			return false
		}
	}
	return true
}
