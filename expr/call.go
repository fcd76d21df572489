package expr

import (
	"math/big"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// Call is one application of a primitive to numbers: flat row-major buffers in
// and out. T is float64 in the executor and *big.Rat in exact arithmetic,
// where entries are immutable and may be shared.
type Call[T any] struct {
	Out     []T
	In      [][]T
	Shape   Shape   // of Out
	Shapes  []Shape // of In
	Attr    Attr
	Index   []int32 // what Op.Index gives
	Work    []int   // scratch, as many as Op.Work asks for
	Scratch []T     // more scratch, as many as Op.Scratch asks for; exact arithmetic has none
	Fault   *Fault  // where the first fault of a run is kept
	Node    int     // the node, for faults
	From    int     // the entry at which the slices of an elementwise op begin

	// Team runs parts of a large call side by side; nil means that there is none. Parts
	// never depend on each other, so the result does not depend on it.
	Team Team

	memo any // what Eval keeps for the next run of the same call
}

// Team is a number of goroutines that work together on a call.
type Team interface {
	// Size is the number of goroutines.
	Size() int
	// Do calls f for 0 to parts − 1, and returns when all calls have.
	Do(parts int, f func(part int))
}

// Real is an arithmetic of the executor.
type Real interface{ float32 | float64 }

// Scalar computes one entry of an elementwise op from those of its operands;
// operands that the op does not have are arbitrary. A NaN switch is reported
// with Fault.Switch.
type Scalar func(f *Fault, x, y, z float64) float64

// Code is an operation on single entries that the executor knows by itself, bit for bit
// what Eval of the op does.
type Code = kernel.Code

// Fault tells where a run met a number that it must not pass over in silence.
type Fault struct {
	Set   bool
	Node  int    // id of the node
	Entry int    // flat index into the node's first operand: the switching value
	Why   string // "NaN switch" or "division by zero"
}

// Unplaced is the node of a fault that a Scalar has reported: the caller knows
// which node it was.
const Unplaced = -1

// Switch keeps a NaN switch, if it is the first fault.
func (f *Fault) Switch() {
	if !f.Set {
		*f = Fault{Set: true, Node: Unplaced, Why: FaultNaN}
	}
}

// Keep keeps a fault if it is the first: that of the lowest node, since a run need
// not be in the order of nodes, and of its entries the one that is met first.
func (f *Fault) Keep(g Fault) {
	if !f.Set || g.Node < f.Node {
		*f = g
	}
}

// Fail keeps the first fault of a run; see Fault.Keep.
func (c *Call[T]) Fail(entry int, why string) {
	c.Fault.Keep(Fault{Set: true, Node: c.Node, Entry: c.From + entry, Why: why})
}

// FaultNaN is the reason of a switch that is not a number: neither branch of
// a kink is meant then.
const FaultNaN = "NaN switch"

// FaultOrder is the reason of an operand that does not list indices.
const FaultOrder = "not an order"

// FaultDivision is the reason of an exact division by zero.
const FaultDivision = "division by zero"

// rows returns the number of rows when the last axis of the output has n entries.
func (c *Call[T]) rows(n int) int { return len(c.Out) / n }

// row returns row b of operand i, whose trailing part has n entries; a shared
// operand has only one row.
func (c *Call[T]) row(i, b, n int) []T {
	x := c.In[i]
	if len(x) == n {
		return x
	}
	return x[b*n : (b+1)*n]
}

// arith is the handful of operations in which kernels of order and selection
// are written once for all number types.
type arith[T any] struct {
	zero, one T
	cmp       func(a, b T) int // a NaN compares as nan
	add       func(a, b T) T
	sub       func(a, b T) T
	mul       func(a, b T) T
	isNaN     func(a T) bool
	fromInt   func(n int) T
	toInt     func(a T) int
	ratio     func(p, q int) T
	order     func(order []int, x []T, spare []int) bool // as kernel.Order; nil in exact arithmetic

	// Sums of several terms; those of reals are computed in float64 and rounded once.
	// The mean is of the listed entries of x, over a divisor. A weighted sum takes the
	// entries of x in an order, or as they stand if that is nil; its weights stand so far
	// apart, and one of 0 hides its term as Gate does.
	mean     func(x []T, list []int, divisor int) T
	weighted func(weights []T, stride int, x, order []T) T
}

var floats, floats32 = realArith[float64](), realArith[float32]()

func realArith[T Real]() arith[T] {
	return arith[T]{
		zero: 0, one: 1,
		cmp: func(a, b T) int {
			switch {
			case a < b:
				return -1
			case a > b:
				return 1
			}
			return 0
		},
		add:     func(a, b T) T { return a + b },
		sub:     func(a, b T) T { return a - b },
		mul:     func(a, b T) T { return a * b },
		isNaN:   func(a T) bool { return a != a },
		fromInt: func(n int) T { return T(n) },
		toInt:   func(a T) int { return int(a) },
		ratio:   func(p, q int) T { return T(float64(p) / float64(q)) },
		order:   kernel.Order[T],

		mean: meanReals[T], weighted: weightedReals[T],
	}
}

var ratZero, ratOne = new(big.Rat), big.NewRat(1, 1)

var rats = arith[*big.Rat]{
	zero: ratZero, one: ratOne,
	cmp:     func(a, b *big.Rat) int { return a.Cmp(b) },
	add:     func(a, b *big.Rat) *big.Rat { return new(big.Rat).Add(a, b) },
	sub:     func(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) },
	mul:     func(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) },
	isNaN:   func(*big.Rat) bool { return false },
	fromInt: func(n int) *big.Rat { return big.NewRat(int64(n), 1) },
	toInt:   func(a *big.Rat) int { return int(a.Num().Int64()) },
	ratio:   func(p, q int) *big.Rat { return big.NewRat(int64(p), int64(q)) },

	mean: meanRats, weighted: weightedRats,
}

// f64 and f32 are the kernels on slices.
var f64, f32 = kernel.Of[float64](), kernel.Of[float32]()

// vector1 and vector2 apply kernels on slices of one and two operands.
func vector1[T Real](k func(dst, x []T)) func(*Call[T]) {
	return func(c *Call[T]) { k(c.Out, c.In[0]) }
}

func vector2[T Real](k func(dst, x, y []T)) func(*Call[T]) {
	return func(c *Call[T]) { k(c.Out, c.In[0], c.In[1]) }
}

// map1 lifts a scalar function to a kernel.
func map1(f func(x float64) float64) func(*Call[float64]) {
	return func(c *Call[float64]) {
		x := c.In[0]
		for i := range c.Out {
			c.Out[i] = f(x[i])
		}
	}
}

// scalar1 and scalar2 lift a function to the kernel of a single entry.
func scalar1(g func(x float64) float64) func(Attr, int) Scalar {
	return plain(func(_ *Fault, x, _, _ float64) float64 { return g(x) })
}

func scalar2(g func(x, y float64) float64) func(Attr, int) Scalar {
	return plain(func(_ *Fault, x, y, _ float64) float64 { return g(x, y) })
}

// plain is the Scalar of an op without attributes.
func plain(k Scalar) func(Attr, int) Scalar { return func(Attr, int) Scalar { return k } }

// exact1 and exact2 are map1 and map2 in rationals; f writes into z.
func exact1(f func(z, x *big.Rat) *big.Rat) func(*Call[*big.Rat]) {
	return func(c *Call[*big.Rat]) {
		for i := range c.Out {
			c.Out[i] = f(new(big.Rat), c.In[0][i])
		}
	}
}

func exact2(f func(z, x, y *big.Rat) *big.Rat) func(*Call[*big.Rat]) {
	return func(c *Call[*big.Rat]) {
		for i := range c.Out {
			c.Out[i] = f(new(big.Rat), c.In[0][i], c.In[1][i])
		}
	}
}
