package expr

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// Custom makes an op of a user's own record. Its Apply builds nodes that
// everything else treats like those of the primitives: differentiation, wiring,
// both executors, lanes, the class analysis, text, DOT and hashes. The op is not
// registered anywhere; parse.Ops, ReadJSON and optest.Run take it as an
// argument.
//
// Every record needs Name, Doc, MinArgs, Class, Eval, Sample, one form of
// derivative and, up to the class of piecewise polynomials, Exact. Left out,
// MaxArgs is MinArgs, and Shape is that of the operands for Elementwise ops and
// the operand's without its last axis for ops with Weights. The forms people
// want are:
//
//   - A smooth function of scalars: Elementwise, and Slopes, one for each
//     operand, built from r.In(i) and r.Out(). Class is DefinableExp, say, and
//     Local is DefinableAn if the function is analytic.
//   - A kink of scalars: Elementwise, Class PiecewiseAffine, and Slopes from
//     r.Step("s", key): 1 where the key is positive, 0 where it is negative and
//     the open slot "s" where it is 0. Slope s·a + (1−s)·b is written
//     AffineOf(step, a−b, b). One name stands for one key.
//   - A reduction of the last axis, Σ wᵢ dxᵢ: Weights, which r.Rank and
//     r.Direction help to build; Eval gets rows of c.Shapes[0].Dim(-1) entries.
//   - A linear map: Class Affine, Shape, and Transpose, which gets the
//     cotangent and returns those of the operands.
//
// Anything else has JVP and VJP. Missing tangents are zeros there. Helpers for
// records are MapFloat, MapExact, SampleEntries, SampleRows and SampleShaped.
//
// What an op computes must depend on operands, attributes and shapes only, and
// must be safe for concurrent use. It acts on trailing axes: leading ones, of
// any number, are a batch. Buffers are flat and row-major. Eval writes every
// entry of Out and changes no operand; Out of an elementwise op may lie where an
// operand lies, so Eval reads entry i of the operands before it writes entry i.
// Regular of an elementwise op sees one entry of each operand.
//
// The record is tried on its own samples: a rule that is missing, panics, has a
// wrong shape, leaves entries unwritten, or disagrees with another is an error
// here, a *CustomError. That derivatives are right is not checked; optest.Run
// does that. Selects, View and Scalar are refused, which executors take on trust.
//
// Where a function fails later, on what the samples did not show,
//
//   - a panic in Eval makes the node NaN, one in Exact 0, and the run returns an
//     error that names the node; NaN that Eval writes is a number like any other
//     (a kink that meets one as its switch is an error);
//   - a panic in Shape or a derivative, or a derivative of the wrong shape, is a
//     mistake that Graph.Func returns;
//   - a panic in what the class analysis asks counts as: nothing is known.
//
// Presets have no rule for a custom op with slots: wire these with ad.Override,
// or all slots with ad.AtSlot. Hash takes name and Doc of the op for its
// meaning, so change one of them when you change the function.
func Custom(record Op) (*Op, error) {
	raw := record.completed()
	if err := raw.checkCustom(); err != nil {
		return nil, err
	}
	op := raw.guarded()
	if err := try(&raw, &op); err != nil {
		return nil, err
	}
	return &op, nil
}

// CustomError is a defect of a record given to Custom.
type CustomError struct {
	Op   string // its name
	Rule string // the field at fault, such as "Eval"; empty for the whole record
	Err  error  // what is wrong, and the mend
}

func (e *CustomError) Error() string {
	if e.Rule == "" {
		return fmt.Sprintf("expr: custom op %q: %v", e.Op, e.Err)
	}
	return fmt.Sprintf("expr: custom op %q: %s: %v", e.Op, e.Rule, e.Err)
}

// Unwrap returns the reason.
func (e *CustomError) Unwrap() error { return e.Err }

func (op *Op) defect(rule, format string, args ...any) error {
	return &CustomError{op.Name, rule, fmt.Errorf(format, args...)}
}

// IsCustom reports whether the op is a user's own, not one of Ops.
func (op *Op) IsCustom() bool { return registry[op.Name] != op }

// CustomOps returns the custom ops of a program, each once, in the order of their
// first nodes.
func (f *Func) CustomOps() []*Op {
	var out []*Op
	for _, n := range f.Nodes() {
		if op := n.Op(); op.IsCustom() && !slices.Contains(out, op) {
			out = append(out, op)
		}
	}
	return out
}

func (f *Func) customNames() []string {
	var out []string
	for _, op := range f.CustomOps() {
		out = append(out, op.Name)
	}
	return out
}

// completed fills in what a record may leave out.
func (op Op) completed() Op {
	if op.MaxArgs == 0 {
		op.MaxArgs = op.MinArgs
	}
	switch {
	case op.Shape != nil:
	case op.Elementwise:
		op.Shape = same
	case op.Weights != nil:
		op.Shape = vector
	}
	op.Shares = slices.Clone(op.Shares)
	return op
}

// checkCustom reports what can be seen without running anything.
func (op *Op) checkCustom() error {
	switch {
	case !IsName(op.Name):
		return op.defect("Name", "the text form cannot call it so; use letters, digits and _, not beginning with a digit, and no word of the language such as let")
	case registry[op.Name] != nil:
		return op.defect("Name", "a primitive has this name; choose another")
	case strings.ContainsAny(op.Doc, "\n\r"):
		return op.defect("Doc", "it has several lines; give one line of mathematics")
	case op.MinArgs < 1 || op.MaxArgs >= 0 && op.MaxArgs < op.MinArgs:
		return op.defect("MinArgs", "it takes %d to %d operands; give at least 1, and MaxArgs −1 for any number", op.MinArgs, op.MaxArgs)
	case op.Selects || op.View:
		return op.defect("", "Selects and View are for primitives; give Transpose instead")
	case op.Code != kernel.NoCode:
		return op.defect("Code", "it is for primitives; leave it out, and Eval serves")
	case op.WithRow != nil || op.OfStep != nil || op.Added != nil || op.InOrder != nil || op.Gates != nil || op.OfRow != nil:
		return op.defect("", "WithRow, OfStep, Added, InOrder, Gates and OfRow are for primitives; leave them out")
	case op.Scalar != nil:
		return op.defect("Scalar", "it is for primitives; leave it out, and Eval serves")
	case op.Shares != nil && (len(op.Shares) != op.MinArgs || op.MinArgs != op.MaxArgs):
		return op.defect("Shares", "it lists %d operands; list the trailing axes of each, for a fixed number of operands", len(op.Shares))
	case op.Class < Undeclared || op.Class > NotDefinable || op.Local < Undeclared || op.Local > NotDefinable:
		return op.defect("Class", "unknown class %d; use the constants of Kind", op.Class)
	}
	if err := op.Check(); err != nil {
		return &CustomError{Op: op.Name, Err: err}
	}
	return nil
}

// MapFloat lifts a function of one scalar to the Eval of an op of one operand.
func MapFloat(f func(x float64) float64) func(*Call[float64]) { return map1(f) }

// MapExact lifts a function of one rational to the Exact of an op of one
// operand. The function must not change x, and may return it.
func MapExact(f func(x *big.Rat) *big.Rat) func(*Call[*big.Rat]) {
	return exact1(func(_, x *big.Rat) *big.Rat { return f(x) })
}

// SampleEntries returns a Sample that draws n operands of a small common shape.
// Half of the entries are kinks if any are given; the others are multiples of
// 1/4 in [−2, 2].
func SampleEntries(n int, at Attr, kinks ...float64) func(*rand.Rand) Example {
	if len(kinks) == 0 {
		return sample(n, at, dyadic)
	}
	return sample(n, at, kinked(kinks...))
}

// SampleRows returns a Sample that draws one operand of one or two axes whose
// rows have many ties: small integers.
func SampleRows(at Attr) func(*rand.Rand) Example { return sampleRows(at) }

// SampleShaped returns a Sample that draws operands of the given extents;
// entries are multiples of 1/4 in [−2, 2].
func SampleShaped(at Attr, dims ...[]int) func(*rand.Rand) Example {
	return sampleShaped(at, dyadic, dims...)
}
