package expr

import (
	"fmt"
	"math/big"
	"math/rand/v2"
)

// Op is the one record that defines a primitive: everything that any part of
// the module knows about it. The parser, the printer, both executors, both
// modes of differentiation, the class analysis and the laws of optest read it;
// there is no second table.
//
// The derivative is written once, as graphs, in exactly one of six forms.
// With ẋᵢ the tangents of the operands and ȳ the cotangent of the output:
//
//	Constant   the derivative is 0 wherever it exists (sign, floor, comparisons)
//	Selects    ẏ picks from ẋ and x̄ collects from ȳ, by the same index
//	Slopes     elementwise: ẏ = Σ sᵢ∘ẋᵢ and x̄ᵢ = sᵢ∘ȳ
//	Weights    reduction of the last axis: ẏ = Σ w∘ẋ and x̄ = w∘ȳ
//	Transpose  linear in all operands jointly: ẏ = op(ẋ) and x̄ = opᵀ(ȳ)
//	JVP, VJP   anything else
//
// A nonsmooth op obtains its slopes or weights from the selectors of Rule.
type Op struct {
	Name string // as in the text form
	Doc  string // one line of mathematics

	MinArgs, MaxArgs int // operands; MaxArgs < 0 means any number
	Attrs            AttrSpec

	// Shape returns the output's shape. It sees leading batch axes and must
	// treat only trailing axes as its own.
	Shape func(in []Shape, at Attr) (Shape, error)

	// Class says which functions the op adds to a program; the zero value is
	// "undeclared" and refused.
	Class Kind
	// ClassAt refines Class for given attributes; nil means Class.
	ClassAt func(at Attr) Kind
	// Degree gives the degree of the result in terms of the operands' for
	// polynomial classes; nil means the largest of them.
	Degree func(deg []int, at Attr) int
	// Bounded marks outputs that are bounded whatever the operands are.
	Bounded bool
	// Partial marks ops that are not total, continuous and locally Lipschitz:
	// they need Regular.
	Partial bool
	// Regular certifies one application: "" if the op is continuous and locally
	// Lipschitz near these operand values, otherwise the reason why that is not
	// proved. Nil means always.
	Regular func(c *Call[float64]) string
	// Local is the class of the op's restrictions to compact sets on which it
	// is regular: an analytic op is DefinableAn there, whatever Class is. Zero
	// means Class.
	Local Kind
	// Range bounds the output for operands in given intervals; nil means that
	// only Bounded is known.
	Range func(k *Known) Interval
	// Everywhere certifies a partial op for all operands in given intervals, as
	// Regular does at one point, with the reason if it is not Lipschitz; nil
	// means that it never does.
	Everywhere func(k *Known) (Regularity, string)

	// Eval computes the value in float64, Exact in rationals; Exact may be nil
	// above the class of piecewise polynomials.
	Eval  func(*Call[float64])
	Exact func(*Call[*big.Rat])
	// Eval32 computes the value in float32. Nil means: Eval on the widened
	// operands, rounded once.
	Eval32 func(*Call[float32])
	// Scalar returns the kernel of a single entry of an elementwise op with so
	// many operands, at most three, with the bits of Eval: long programs of
	// scalars run on it. Nil, also as the result, means Eval.
	Scalar func(at Attr, args int) Scalar
	// Code stands for Scalar of MinArgs operands, if there is a code.
	Code Code
	// Work returns how many integers of scratch Eval and Exact need.
	Work func(in []Shape) int
	// Scratch returns how many numbers of scratch Eval and Eval32 need.
	Scratch func(in []Shape, at Attr) int

	// WithRow, of a product, is the op that also adds a row to its rows and takes the relu;
	// OfStep, of gate, the op that gates by a step, and Added the one that adds the result;
	// InOrder, of sort, the op that takes the entries in a stable order which is known;
	// Gates, of weights among ties, the op that gates by them.
	// The executor runs them in place of several ops, see fused.go.
	WithRow, OfStep, Added, InOrder, Gates *Op

	// InBlocks computes the value while the executor computes the operands, ByBlocks block by block once these are
	// there; nil if Eval computes all at once.
	InBlocks *InBlocks
	ByBlocks *ByBlocks
	// OfRow lets ops share a look at the entries of a row.
	OfRow *OfRow

	Constant  bool
	Slopes    func(r *Rule) []Node
	Weights   func(r *Rule) Node
	Transpose func(r *Rule, ct Node) []Node
	JVP       func(r *Rule, dx []Node) Node
	VJP       func(r *Rule, ct Node) []Node

	// Elementwise ops broadcast their operands to a common shape.
	Elementwise bool
	// KeepsKeys marks elementwise ops whose Eval reads operands other than the last
	// again after it has written its result, which must not overwrite them.
	KeepsKeys bool
	// Shares gives the number of trailing axes that are each operand's own, for
	// ops in which an operand without leading axes serves all positions of the
	// leading axes of the others.
	Shares []int
	// Index returns a table that Eval and Exact need and that depends on the
	// shapes only; it is made once, at compile time.
	Index func(in []Shape, out Shape, at Attr) []int32
	// Selects marks ops that only pick entries of their one operand: Index
	// gives the flat position in the operand of every output entry.
	Selects bool
	// View marks ops whose output has the operand's entries in the same order.
	View bool
	// Structural ops move numbers and count 1 an output entry.
	Structural bool
	// Flops counts the scalars that one application produces by arithmetic;
	// nil means one for each output entry.
	Flops func(in []Shape, out Shape, at Attr) int

	// Sample draws an application whose values lie on a kink about half of the
	// time, if the op has any.
	Sample func(r *rand.Rand) Example
}

// AttrSpec says which attributes an op takes.
type AttrSpec struct {
	Names    string // for documentation: "lo hi", "k dims…"
	Min, Max int    // Max < 0 means any number
	Integer  bool   // all of them are integers
	// Default supplies the attributes that a caller left out; nil: none may be.
	Default func(in []Shape) Attr
}

// Example is one application of an op, for tests.
type Example struct {
	Attr   Attr
	Shapes []Shape
	Values [][]float64
}

// Nonsmooth reports whether the op's pieces are affine, so that a slope of 0, not
// an incoming derivative of 0, is an untaken branch. Slopes that vary on a piece
// are numbers: that of huber is 0 in passing, and that of elu never.
func (op *Op) Nonsmooth() bool { return op.Class == PiecewiseAffine }

// Check reports the first defect of the record.
func (op *Op) Check() error {
	forms := 0
	for _, has := range []bool{op.Constant, op.Slopes != nil, op.Weights != nil, op.Transpose != nil, op.JVP != nil || op.VJP != nil, op.Selects && op.Transpose == nil} {
		if has {
			forms++
		}
	}
	switch {
	case op.Name == "" || op.Doc == "":
		return fmt.Errorf("expr: op %q: a name and a line of mathematics are required", op.Name)
	case op.Class == Undeclared:
		return fmt.Errorf("expr: op %s: the class is undeclared; name the smallest class that holds", op.Name)
	case op.Shape == nil || op.Eval == nil || op.Sample == nil:
		return fmt.Errorf("expr: op %s: Shape, Eval and Sample are required", op.Name)
	case forms != 1 || (op.JVP == nil) != (op.VJP == nil):
		return fmt.Errorf("expr: op %s: exactly one form of derivative is required, got %d", op.Name, forms)
	case op.Exact == nil && op.Class <= PiecewisePolynomial:
		return fmt.Errorf("expr: op %s: Exact is required for the class %v", op.Name, op.Class)
	case op.Partial != (op.Regular != nil):
		return fmt.Errorf("expr: op %s: Partial and Regular go together", op.Name)
	}
	return nil
}

// Apply adds the op to the graph of its operands and returns the new node. A
// mistake makes a failed node, and the graph keeps the first one.
func (op *Op) Apply(at Attr, args ...Node) Node {
	g := graphOf(args)
	if g == nil {
		return Node{}
	}
	n, err := op.apply(g, at, args)
	if err != nil {
		return g.fail(op.Name, args, err)
	}
	return n
}

func (op *Op) apply(g *Graph, at Attr, args []Node) (Node, error) {
	if err := op.operands(g, args); err != nil {
		return Node{}, err
	}
	if op.Elementwise {
		var err error
		if args, err = broadcastAll(args); err != nil {
			return Node{}, err
		}
	}
	shapes := make([]Shape, len(args))
	for i, a := range args {
		shapes[i] = a.Shape()
	}
	at, err := op.Attrs.complete(at, shapes)
	if err != nil {
		return Node{}, err
	}
	out, err := op.Shape(shapes, at)
	if err == nil {
		err = g.checkRank(out)
	}
	if err != nil {
		return Node{}, err
	}
	return g.add(op, at, out, args), nil
}

// errFailed stands for an operand that failed before; the graph already knows.
var errFailed = fmt.Errorf("an operand has failed")

func (op *Op) operands(g *Graph, args []Node) error {
	if len(args) < op.MinArgs || op.MaxArgs >= 0 && len(args) > op.MaxArgs {
		return fmt.Errorf("got %d operands; it takes %s", len(args), countText(op.MinArgs, op.MaxArgs))
	}
	for i, a := range args {
		switch {
		case a.g == nil:
			return fmt.Errorf("operand %d is the zero Node; make nodes with a Graph", i)
		case a.id < 0:
			return errFailed
		case a.g != g:
			return fmt.Errorf("operand %d belongs to another graph; build both in one", i)
		}
	}
	return nil
}

// complete checks attributes and fills in those left out.
func (s AttrSpec) complete(at Attr, in []Shape) (Attr, error) {
	if len(at) < s.Min && s.Default != nil {
		at = append(append(Attr{}, at...), s.Default(in)[len(at):]...)
	}
	if len(at) < s.Min || s.Max >= 0 && len(at) > s.Max {
		names := ""
		if s.Names != "" {
			names = " (" + s.Names + ")"
		}
		return nil, fmt.Errorf("got %d attributes; it takes %s%s", len(at), countText(s.Min, s.Max), names)
	}
	for i, a := range at {
		if !a.Finite() {
			return nil, fmt.Errorf("attribute %d is %v; it must be finite", i, a.Float())
		}
		if s.Integer && (!a.Rat().IsInt() || a.Float() < -MaxSize || a.Float() > MaxSize) {
			return nil, fmt.Errorf("attribute %d is %v; it must be an integer between −%d and %d", i, a, MaxSize, MaxSize)
		}
	}
	return at, nil
}

func countText(lo, hi int) string {
	switch {
	case hi < 0:
		return fmt.Sprintf("at least %d", lo)
	case lo == hi:
		return fmt.Sprint(lo)
	}
	return fmt.Sprintf("%d to %d", lo, hi)
}
