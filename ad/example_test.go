package ad_test

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// relu(x) − relu(−x) is x. No framework with one derivative of relu at 0 gets
// its derivative there; a preset gives each framework's answer.
func ExampleGradient() {
	f, _ := parse.Parse("relu(x) - relu(-x)")
	g, _ := ad.Gradient(f)
	for _, p := range ad.Presets() {
		wired, err := ad.Wire(g, p.Wiring())
		var none *ad.NoRuleError
		if errors.As(err, &none) {
			fmt.Println(p.Name, "has no rule:", none.Reason)
			continue
		}
		fmt.Println(p.Name, at(wired, 1, []float64{0}))
	}
	// Output:
	// PyTorch [0]
	// JAX [0]
	// TensorFlow [0]
	// Autograd has no rule: it has no relu; write max(x, 0), which gives 1/2
	// Gorgonia [2]
	// GoMLX [2]
}

// at runs a program and returns one of its outputs.
func at(f *expr.Func, output int, in ...[]float64) []float64 {
	p, err := vm.Compile(f, vm.Options{})
	if err != nil {
		panic(err)
	}
	w := p.NewWorkspace()
	for i, x := range in {
		copy(w.In(i), x)
	}
	if err := w.Run(); err != nil {
		panic(err)
	}
	return w.Out(output)
}

// The one-sided derivative of a composition is exact where every kink ties.
func ExampleDirectional() {
	f, _ := parse.Parse("max(abs(v[0]), abs(v[1]))", parse.Shapes(map[string][]int{"v": {2}}))
	d, _ := ad.Directional(f)
	fmt.Println(at(d, 1, []float64{0, 0}, []float64{-3, 1}))
	fmt.Println(at(d, 1, []float64{0, 0}, []float64{1, -2}))
	// Output:
	// [3]
	// [2]
}

// The lexicographic gradient is an element of Clarke's subdifferential, here
// the only one.
func ExampleLexicographic() {
	f, _ := parse.Parse("max(x, y) + min(x, y)")
	l, _ := ad.Lexicographic(f)
	fmt.Println(at(l, 1, []float64{0}, []float64{0}), at(l, 2, []float64{0}, []float64{0}))
	// Output: [1] [1]
}

// One kink can be wired differently from the others.
func ExampleOverride() {
	f, _ := parse.Parse("relu(x) - relu(-x)")
	g, _ := ad.Gradient(f)
	s, _ := g.Slots()[1].Slot()
	wired, _ := ad.Wire(g, ad.Override(ad.PyTorch.Wiring(), s.String(), ad.SlotValue(expr.Num(1))))
	fmt.Println(s, at(wired, 1, []float64{0}))
	// Output: relu#1.s [1]
}

// Random vertices of the slots sample the conservative field.
func ExampleRandom() {
	f, _ := parse.Parse("relu(x) - relu(-x)")
	g, _ := ad.Gradient(f)
	seen := map[float64]bool{}
	rng := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		wired, _ := ad.Wire(g, ad.Random(rng))
		seen[at(wired, 1, []float64{0})[0]] = true
	}
	fmt.Println(seen)
	// Output: map[0:true 1:true 2:true]
}

// A framework's value may lie outside the slot's set, and so outside of every
// conservative field.
func ExamplePreset_Invalid() {
	f, _ := parse.Parse("max([x, y])")
	g, _ := ad.Gradient(f)
	wired, _ := ad.Wire(g, ad.GoMLX.Wiring())
	fmt.Println(at(wired, 1, []float64{0}, []float64{0}), at(wired, 2, []float64{0}, []float64{0}))
	fmt.Println(ad.GoMLX.Invalid(g))
	// Output:
	// [1] [1]
	// [amax#3.w]
}
