package growth

import (
	"runtime"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// ratio is the work of value and gradient over that of the value alone.
func ratio(f *expr.Func, err error) (Work, error) {
	value, err := program(f, err, alone)
	if err != nil {
		return Work{}, err
	}
	d, err := selection(f, nil)
	gradient, err := program(d, err, alone)
	gradient.Base = value.Run
	return gradient, err
}

func variableLaws() []Law {
	// x, its gradient and what is kept between the two passes: four numbers for each variable.
	const bytes = 4 * 8
	ranges := []Range{
		{From: 1 << 9, To: secondCache / bytes / 2, Below: steady, Above: steady, Reason: "below 512 variables the call counts; above this range the second-level cache ends"},
		{From: thirdCache / bytes, Below: steady, Above: steady, Reason: "all data come from the last cache or from memory"},
	}
	of := Law{
		Axis: "variables n", Quick: doublings(1<<6, 1<<22, 4), Full: doublings(1<<6, 1<<23, 2),
		Prepare: func(n int) (Work, error) { return ratio(separable(n)) },
	}
	const does = "Σ |xᵢ² − 1| does as much for every variable"
	return []Law{
		of.law(
			"gradient-variables-operations", Operations, "The gradient of a separable program of n variables takes operations in proportion to n.",
			func(n float64) float64 { return 8*n - 1 }, "8n − 1",
			"the value: square, shift, absolute value, and n − 1 additions; the gradient: test, 2s − 1, which is the cotangent as 1 comes in, one product with x, which the executor shares, and the sum of two", everywhere(),
		).exactly(),
		of.law(
			"gradient-variables-time", Time, "Value and gradient of a separable program of n variables take time in proportion to n.",
			linear, "n", does, ranges,
		),
		of.law(
			"gradient-variables-memory", Held, "A workspace for value and gradient of a separable program of n variables takes memory in proportion to n.",
			linear, "n", does+", and long operations run in blocks whose size does not depend on n", from(1<<12, steady, "below it what a workspace has beside numbers counts"),
		),
		of.law(
			"gradient-variables-ratio", Ratio, "The price of the gradient, relative to the value, does not depend on the number of variables.",
			flat, "1", "8n − 1 operations against 4n − 1; value and gradient read x once", []Range{
				{From: 1 << 9, To: secondCache / bytes / 2, Below: steady, Above: steady, Reason: "as for the time; beyond the caches the gradient writes n numbers more, so that the ratio steps up there"},
			},
		),
	}
}

func depthLaws() []Law {
	// One kept layer of numbers each, by which the backward pass goes back.
	const bytes = width * 8
	of := Law{
		Axis: "depth L", Quick: doublings(8, 1<<12, 2), Full: doublings(8, 1<<14, 2),
		Prepare: func(depth int) (Work, error) { return ratio(chain(depth)) },
	}
	inside := []Range{{From: 8, To: secondCache / bytes / 2, Below: steady, Above: steady, Reason: "the layers kept fit into the second-level cache"}}
	return []Law{
		of.law(
			"gradient-depth-operations", Operations, "The gradient of a chain of L layers takes operations in proportion to L.",
			func(depth float64) float64 { return width*5*depth - 1 }, "320L − 1",
			"in a layer each of 64 entries is scaled and cut off; backward it has a test, a gate and a product, but the last no gate, into which 1 comes; and there are 63 additions", everywhere(),
		).exactly(),
		of.law("gradient-depth-time", Time, "Value and gradient of a chain of L layers take time in proportion to L.", linear, "L", "every layer does the same", inside),
		of.law(
			"gradient-depth-memory", Held, "What the backward pass needs of the forward pass takes memory in proportion to the depth.",
			linear, "L", "of each layer the input of its kink is kept, and instructions that are bound to their operands", from(64, steady, "below it what a workspace has once counts"),
		),
		of.law("gradient-depth-ratio", Ratio, "The price of the gradient, relative to the value, does not depend on the depth.", flat, "1", "5L against 2L + 1 operations for each entry", inside),
	}
}

// laneSide is the number of variables and of functions of the program that runs in lanes.
const laneSide = 50

func laneLaws() []Law {
	prepare := func(lanes, workers int) (Work, error) {
		f, err := selection(faces(laneSide))
		return program(f, err, vm.Options{Lanes: lanes, Workers: workers})
	}
	of := Law{
		Axis: "lanes L", Quick: doublings(1, 1<<14, 2), Full: doublings(1, 1<<17, 2),
		Prepare: func(lanes int) (Work, error) { return prepare(lanes, 1) },
	}
	cores := runtime.GOMAXPROCS(0)
	return []Law{
		of.law(
			"lanes-operations", Operations, "Gradients at L points take operations in proportion to L.",
			func(lanes float64) float64 { return 10250 * lanes }, "10250L",
			"for a lane and s = 50: two products with A, 2s(2s − 1), two additions of vectors and the rest of max |Ax + b|, 7s", everywhere(),
		).exactly(),
		of.law(
			"lanes-time", Time, "Gradients at L points take time in proportion to L, and less than that while all lanes fit into one block.",
			linear, "L", "blocks have a fixed number of lanes, so that L lanes are in proportion to L blocks; in one block, products of A with a vector become products of matrices, which use A more often", []Range{
				{From: 1, To: 64, Below: 1, Above: steady, Reason: "one block: anything from no growth to proportional growth"},
				{From: 1 << 10, Below: steady, Above: steady, Reason: "several blocks: what is rounded up to whole blocks is less than a tenth"},
			},
		),
		of.law(
			"lanes-memory", Held, "A workspace for L lanes takes memory in proportion to L.",
			linear, "L", "inputs and outputs have an entry for each lane, while intermediates have one block for each worker", from(1<<13, steady, "below it the block of intermediates counts, half of a second-level cache"),
		),
		{
			Name: "workers-elapsed", Quantity: Elapsed, Axis: "workers w", Quick: doublings(1, max(8, 2*cores), 2), Full: doublings(1, max(8, 4*cores), 2),
			Sentence:  "Gradients at 4096 points take 1/w of the time with w workers, as long as there are cores for them.",
			Predicted: func(w float64) float64 { return 1 / min(w, float64(cores)) }, Formula: "1/min(w, cores)",
			Derivation: "blocks of lanes are independent, so the serial share of Amdahl's law is that of one goroutine's start, some μs of a run of 10 ms",
			Ranges: []Range{
				{From: 1, To: cores, Below: steady, Above: steady, Reason: "a core for each worker"},
				{From: cores, Below: steady, Above: steady, Reason: "more workers than cores"},
			},
			Prepare: func(workers int) (Work, error) { return prepare(1<<12, workers) },
		},
	}
}

// forwardDepth is the number of layers after the product in the program of forward mode.
const forwardDepth = 16

// mixed is a chain on Wx for x in ℝᵖ, whose cost is that of the chain and hardly depends on p.
func mixed(p int) (*expr.Func, error) {
	g, rng := expr.NewGraph(), generator(p)
	w := make([]float64, width*p)
	for i := range w {
		w[i] = rng.NormFloat64()
	}
	x := g.Input("x", p)
	y := expr.MatMul(g.Tensor(w, width, p), x)
	for range forwardDepth {
		y = expr.ReLU(expr.AffineOf(y, 0.5, 0.125))
	}
	return g.Func(expr.In(x), expr.Out(expr.Sum(y)))
}

func forwardLaws() []Law {
	of := Law{
		Axis: "inputs p", Quick: doublings(8, 1<<9, 2), Full: doublings(8, 1<<11, 2),
		Prepare: func(p int) (Work, error) {
			f, err := mixed(p)
			if err != nil {
				return Work{}, err
			}
			forward, err := wired(ad.JacobianForward(f))
			work, err := program(forward, err, alone)
			if err != nil {
				return Work{}, err
			}
			backward, err := selection(f, nil)
			base, err := program(backward, err, alone)
			work.Base = base.Run
			return work, err
		},
	}
	depth := Law{
		Axis: "depth L", Quick: doublings(8, 1<<8, 2), Full: doublings(8, 1<<10, 2),
		Prepare: func(depth int) (Work, error) {
			f, err := chain(depth)
			if err != nil {
				return Work{}, err
			}
			forward, err := wired(ad.JacobianForward(f))
			if err != nil {
				return Work{}, err
			}
			p, err := vm.Compile(forward, alone)
			return Work{Count: func() (float64, error) { return float64(p.Cost().Bytes) / 8, nil }}, err
		},
	}
	// A tangent of one layer for each input.
	const bytes = width * 8
	// How many numbers the executor lets wait that repeat others: the slopes of layers for all inputs.
	const waiting = 1 << 16
	return []Law{
		depth.law(
			"forward-depth-numbers", Numbers, "Forward mode keeps a value of each layer, but the tangents of a few layers only, whatever the depth.",
			func(depth float64) float64 { return float64(width*depth) + waiting }, "64L + 2¹⁶", "a layer needs the tangents of the one before it only, 64 × 64 numbers; the slopes of several layers, repeated for all inputs, wait for them", from(waiting/width/width, counting, "fewer layers do not fill the room of repeated numbers"),
		),
		of.law(
			"forward-inputs-time", Time, "The gradient by forward mode takes time in proportion to the number of inputs.",
			linear, "p", "every input has a tangent of its own through all 16 layers", []Range{
				{From: 16, To: secondCache / bytes / 2, Below: steady, Above: steady, Reason: "the tangents of a few layers fit into the second-level cache"},
			},
		),
		of.law(
			"forward-inputs-operations", Operations, "The gradient by forward mode takes operations in proportion to the number of inputs.",
			linear, "p", "every input has a tangent of its own through all 16 layers", from(16, counting, "below it the value counts"),
		),
	}
}

// wired closes slots as selection does.
func wired(d *expr.Func, err error) (*expr.Func, error) {
	if err != nil {
		return nil, err
	}
	return ad.Wire(d, ad.AtKink(0))
}
