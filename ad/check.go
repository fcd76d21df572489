package ad

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// Verdict is what Check says about a claimed gradient.
type Verdict int

// The verdicts.
const (
	// VerdictUnknown: neither a proof nor a witness was found; Why says what is
	// missing.
	VerdictUnknown Verdict = iota
	// VerdictAgree: no kink is active at the point, and the claim is the gradient.
	VerdictAgree
	// VerdictKink: kinks are active, and the claim is an element of the program's
	// conservative field: Slots lists the choices that give it.
	VerdictKink
	// VerdictWrong: the claim is not the gradient, or no element of the field at a
	// kink; the Witness shows it.
	VerdictWrong
)

// String returns "unknown", "agree", "kink" or "wrong".
func (v Verdict) String() string { return [...]string{"unknown", "agree", "kink", "wrong"}[v] }

// CheckReport is the outcome of Check.
type CheckReport struct {
	Verdict Verdict
	// Kinks are the active ones, of Gradient(f).
	Kinks []Kink
	// Slots holds the values of Gradient(f).Slots(), in order, that give the claim
	// up to the tolerance; only with VerdictKink.
	Slots [][]float64
	// Witness is what contradicts the claim; only with VerdictWrong.
	Witness *Witness
	// Why is a sentence on what the verdict rests on.
	Why string
}

// Witness is a direction d along which a claimed gradient v is wrong: ⟨v, d⟩
// lies outside of [Lo, Hi].
type Witness struct {
	Direction []float64 // over all entries of the inputs f.Wrt(), in order
	Claimed   float64   // ⟨v, d⟩
	// Lo and Hi bound ⟨g, d⟩ for all elements g of the conservative field; off kinks
	// they bound the derivative along d, and differ only by its uncertainty.
	Lo, Hi float64
	// Exact says that the bounds were computed in rationals.
	Exact bool
}

// String describes the report in one line.
func (r *CheckReport) String() string {
	if w := r.Witness; w != nil {
		return fmt.Sprintf("%v: along %v the claim gives %v, outside of [%v, %v]; %s", r.Verdict, w.Direction, w.Claimed, w.Lo, w.Hi, r.Why)
	}
	return fmt.Sprintf("%v: %s", r.Verdict, r.Why)
}

// CheckOptions of Check; the zero value will do.
type CheckOptions struct {
	// Tol is the relative error that a claim may have; 0 means 1e-9. Rounding
	// errors relative to the largest entry come on top.
	Tol float64
	// Budget bounds the runs of the gradient that are spent at kinks; 0 means 20000.
	// A witness is bounded by a few hundred more.
	Budget int
}

func (o CheckOptions) filled() CheckOptions {
	if o.Tol == 0 {
		o.Tol = 1e-9
	}
	if o.Budget == 0 {
		o.Budget = 20_000
	}
	return o
}

// Check compares a claimed gradient of a scalar f, or a claimed subgradient, with
// the program. The claim has one number for each entry of the inputs f.Wrt(), in
// order; the point one flat buffer for each input of f.
//
// Where no kink is active, the claim is held against difference quotients of the
// values, which are independent of any derivative rule: in rationals with a step
// of 2⁻²⁵⁶ if the program is rational, else by Ridders' extrapolation (Accurate
// computation of F′(x) and F′(x)F″(x), Advances in Engineering Software 4, 1982)
// with ten times its estimate of the error, on steps that cross no kink. A claim
// that the values contradict is wrong only if all steps agree about that. Where they
// do not decide, the program's own derivative does.
//
// At a kink there is no derivative to compare with. The claim is right if it is
// an element of the program's conservative field: alternating least squares
// search for slots that give it. It is wrong if a direction separates it from the
// field. The bounds along a direction are those over all extreme points of the
// slots' sets: by enumeration, or, where the slots' contributions add up, from
// one slot gradient; the latter is found out at two random choices of the slots,
// and so holds with probability 1. If the program is rational and the extreme
// points are few, the witness is rechecked in rationals. Claims in the convex
// hull of the field that no slots were found for, and fields too large for both
// methods, are unknown.
//
// f must be continuous and locally Lipschitz at the point, as far as ClassAt
// certifies it, and rounding must not decide which kinks are active; otherwise
// the verdict is unknown too, as it is when the context ends first. An error means
// that the question makes no sense: f is not scalar, a size is wrong, the point is
// not finite.
func Check(ctx context.Context, f *expr.Func, claimed []float64, x [][]float64, o CheckOptions) (*CheckReport, error) {
	c, err := newChecker(ctx, f, claimed, x, o.filled())
	if err != nil {
		return nil, err
	}
	r, err := c.judge()
	if ended := ctx.Err(); err != nil && errors.Is(err, ended) {
		return c.report(VerdictUnknown, "the check was interrupted: "+ended.Error()), nil
	}
	return r, err
}

func (c *checker) judge() (_ *CheckReport, err error) {
	if c.middle, err = c.gradient(c.slots(middleOf)); err != nil {
		return nil, err
	}
	if c.summed, err = c.summedSize(); err != nil {
		return nil, err
	}
	class, err := ClassAt(c.f, c.x)
	switch {
	case err != nil:
		return nil, err
	case !class.Lipschitz:
		return c.report(VerdictUnknown, "the program is not certified to be locally Lipschitz here: "+class.Refused()), nil
	}
	if i := firstNotFinite(c.claimed); i >= 0 {
		return c.notFinite(i)
	}
	switch {
	case c.unsure:
		return c.report(VerdictUnknown, "in float64 other kinks are active than in rationals; move the point onto the kink or off it"), nil
	case len(c.kinks) == 0:
		return c.smooth()
	}
	return c.atKink()
}

// CheckFunc is Check for the gradient that a program computes: any rule, wired or
// by WithRule. Its inputs are those of f, its last outputs a gradient for each
// input of f.Wrt(); others, such as the value, may come before. It must not have
// open slots.
func CheckFunc(ctx context.Context, f, gradient *expr.Func, x [][]float64, o CheckOptions) (*CheckReport, error) {
	outs, wrt := gradient.Out(), f.Wrt()
	if len(outs) < len(wrt) || len(gradient.In()) != len(f.In()) || len(gradient.Slots()) > 0 {
		return nil, fmt.Errorf("ad: the gradient has %d inputs, %d outputs and %d open slots; it needs the %d inputs of the program, %d outputs or more and no slots (see Wire)",
			len(gradient.In()), len(outs), len(gradient.Slots()), len(f.In()), len(wrt))
	}
	p, err := vm.Compile(gradient, vm.Options{})
	if err != nil {
		return nil, err
	}
	values := buffersFor(outs)
	if err := p.Run(values, x...); err != nil {
		return nil, err
	}
	return Check(ctx, f, join(values[len(outs)-len(wrt):]), x, o)
}

func buffersFor(nodes []expr.Node) [][]float64 {
	out := make([][]float64, len(nodes))
	for i, n := range nodes {
		out[i] = make([]float64, n.Shape().Size())
	}
	return out
}

func join(x [][]float64) []float64 {
	var out []float64
	for _, v := range x {
		out = append(out, v...)
	}
	return out
}

func firstNotFinite(x []float64) int {
	for i, v := range x {
		if !isFinite(v) {
			return i
		}
	}
	return -1
}

func unit(n, i int, v float64) []float64 {
	d := make([]float64, n)
	d[i] = v
	return d
}

// kinkNames lists the first few active kinks.
func kinkNames(kinks []Kink) string {
	const few = 4
	var names []string
	for i := range kinks {
		if i == few {
			return strings.Join(names, ", ") + fmt.Sprintf(" and %d more", len(kinks)-few)
		}
		names = append(names, fmt.Sprintf("%v%s", kinks[i].Slot, bracket(kinks[i].Index, "")))
	}
	return strings.Join(names, ", ")
}

// summedSize is the largest magnitude of the gradient, in the middle of the choices: what is
// left of terms that cancel is no better than their rounding errors.
func (c *checker) summedSize() (float64, error) {
	f, err := Magnitudes(c.open)
	if err != nil {
		return 0, err
	}
	p, err := vm.Compile(f, vm.Options{})
	if err != nil {
		return 0, err
	}
	out := buffersFor(f.Out())
	var fault *vm.NaNError // of magnitudes that are not finite
	if err := p.Run(out, append(slices.Clone(c.x), c.slots(middleOf)...)...); err != nil && !errors.As(err, &fault) {
		return 0, err
	}
	largest := 0.0
	for _, v := range join(out[1:]) {
		if isFinite(v) {
			largest = max(largest, math.Abs(v))
		}
	}
	return largest, nil
}

// tolerance is how far ⟨v, d⟩ and ⟨g, d⟩ may be apart: Tol relative to what they
// add up, and, since an entry may be what is left of larger numbers that cancel,
// rounding errors relative to the largest number of all.
func (c *checker) tolerance(d []float64) float64 {
	largest, length := c.summed, 0.0
	for i, v := range c.claimed {
		largest = max(largest, math.Abs(v), math.Abs(c.middle[i]))
		length += math.Abs(d[i])
	}
	return float64(c.o.Tol*c.size(d)) + float64(float64(cancelled*largest)*length)
}

// cancelled is the relative rounding error of a gradient's largest numbers.
const cancelled = 0x1p-46

// size bounds the sum of the magnitudes in ⟨v, d⟩ and ⟨g, d⟩.
func (c *checker) size(d []float64) float64 {
	s := 0.0
	for i, v := range d {
		s += float64(math.Abs(v) * (math.Abs(c.claimed[i]) + math.Abs(c.middle[i])))
	}
	return s
}
