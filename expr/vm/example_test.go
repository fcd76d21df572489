package vm_test

import (
	"fmt"
	"math"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// A workspace is for one goroutine; its runs allocate nothing.
func ExampleCompile() {
	f, _ := parse.Parse("relu(x) + 2*abs(y)")
	p, err := vm.Compile(f, vm.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	w := p.NewWorkspace()
	for _, x := range []float64{-1, 3} {
		w.In(0)[0], w.In(1)[0] = x, 0.5
		fmt.Println(w.Run(), w.Out(0))
	}
	fmt.Printf("%+v\n", p.Cost())
	// Output:
	// <nil> [1]
	// <nil> [4]
	// {Operations:4 Instructions:4 Bytes:256}
}

// Points run in lanes: inputs get a leading axis, except the shared ones. A switch
// that is not a number is an error that names its lane; the others are complete.
func ExampleCompile_lanes() {
	g := expr.NewGraph()
	x, w := g.Input("x", 2), g.Param("w", 2)
	f, _ := g.Func(expr.In(x, w), expr.Out(expr.ReLU(expr.Dot(w, x))))
	gradient, _ := ad.Gradient(f)
	gradient, _ = ad.Wire(gradient, ad.AtKink(0))
	p, _ := vm.Compile(gradient, vm.Options{Lanes: 3, Shared: f.In()[1:]})
	lanes := p.NewWorkspace()
	copy(lanes.In(0), []float64{1, 2, math.NaN(), 0, -3, 1})
	copy(lanes.In(1), []float64{1, 10})
	fmt.Println(lanes.Run())
	fmt.Println(lanes.Out(0), lanes.Out(1)[:2], lanes.Out(1)[4:])
	// Output:
	// vm: the switch of step#12 is NaN at entry 0 of lane 1; look for a division 0/0, a logarithm or a root outside its domain, or a NaN input
	// [21 NaN 7] [1 2] [-3 1]
}

// A program for float32 rounds every value to it, constants included.
func ExampleNewWorkspaceOf() {
	f, _ := parse.Parse("x + 1/10")
	p, _ := vm.Compile(f, vm.Options{Precision: vm.Float32})
	w := vm.NewWorkspaceOf[float32](p)
	w.In(0)[0] = 0.2
	fmt.Println(w.Run(), w.Out(0))
	// Output: <nil> [0.3]
}
