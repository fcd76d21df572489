package conservative

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/expr"
)

// AuditOptions of Audit; the zero value is the default.
type AuditOptions struct {
	Clarke clarke.Options
	Field  Options
	// MaxRepairs bounds the sets of kinks that are tried for a repair; 0 means 1,024.
	MaxRepairs int
}

const defaultRepairs = 1024

// AuditReport says what a selection is, the vector that one wiring of the kinks,
// such as that of a framework, returns at a point.
type AuditReport struct {
	Value     clarke.Vector
	Selection clarke.Vector // flat [output][input]
	// Slots are the values that the wiring chose, one vector for each of
	// Bracket.Outer.Kinks; empty where the derivative does not use the slot.
	Slots []clarke.Vector
	// Invalid lists the kinks whose value lies outside the slot's set, such as an
	// all-ones tie.
	Invalid []int
	// InClarke answers selection ∈ ∂f(x), InField ∈ D(x) and InHull ∈ conv D(x).
	InClarke, InField, InHull clarke.Verdict
	// Blame lists the kinks whose choice moves the selection away from what is known
	// of ∂f(x), the worst first; empty if it is inside.
	Blame []Blame
	// Repair is the smallest change of slots found that brings the selection into
	// ∂f(x); nil if it is inside, or if none was found within the budget.
	Repair *Repair

	Bracket *Bracket
}

// Blame is how far another choice at one kink would move the selection towards ∂f,
// along the normal that separates the two.
type Blame struct {
	Kink int // of Bracket.Outer.Kinks
	Gain float64
	// Together says that no choice at one kink alone moves it that way, as happens where
	// kinks on one path stand at a stationary point of their product: Gain is then that of
	// the Repair, whose kinks share the blame.
	Together bool
}

// Audit judges the selection of a wiring (that of a Preset, say) at x: which sets
// it is in, the kinks to blame if it is not in ∂f(x), and the smallest repair. Only
// the slots of f itself are judged: rules made by ad.WithRule are for the tests
// along curves. The error is that of the wiring if it has no rule for an op.
func Audit(ctx context.Context, f *expr.Func, x clarke.Point, w ad.Wiring, o AuditOptions) (*AuditReport, error) {
	b, err := Bounds(ctx, f, x, o.Clarke, o.Field)
	if err != nil {
		return nil, err
	}
	r := &AuditReport{Bracket: b, Value: b.Outer.Value, InClarke: clarke.Unknown, InField: clarke.Unknown, InHull: clarke.Unknown}
	if r.Selection, r.Slots, err = wired(f, x, w, b.Outer.Kinks); err != nil || b.Outer.absent() != nil {
		return r, err
	}
	if err := r.judge(ctx); err != nil {
		return nil, err
	}
	if r.InClarke == clarke.Yes {
		return r, nil
	}
	normal, err := r.blame()
	if err != nil {
		return nil, err
	}
	r.Repair, err = r.repair(ctx, cmp.Or(o.MaxRepairs, defaultRepairs))
	if err == nil && len(r.Blame) == 0 && r.Repair != nil && normal != nil {
		r.blameTogether(normal)
	}
	return r, err
}

// blameTogether shares the blame among the kinks of the repair.
func (r *AuditReport) blameTogether(normal []float64) {
	gain := 0.0
	for i, v := range r.Repair.Selection.Float {
		gain += float64(normal[i] * (v - r.Selection.Float[i]))
	}
	for _, b := range r.Repair.Kinks {
		r.Blame = append(r.Blame, Blame{b, gain, true})
	}
}

// judge decides in which sets the selection is. All of them are bounded, so that
// NaN and infinity are in none.
func (r *AuditReport) judge(ctx context.Context) error {
	c, d := r.Bracket.Inner, r.Bracket.Outer
	r.Invalid = d.invalid(r.Slots)
	if slices.ContainsFunc(r.Selection.Float, func(v float64) bool { return v-v != 0 }) {
		r.InClarke, r.InField, r.InHull = clarke.No, clarke.No, clarke.No
		return nil
	}
	var err error
	if r.InHull, err = d.HullContainsWithin(ctx, r.Selection); err != nil {
		return err
	}
	switch {
	case len(r.Invalid) == 0:
		r.InField, r.InHull = clarke.Yes, clarke.Yes // it is g of slots in their sets
	case r.InHull == clarke.No:
		r.InField = clarke.No
	default:
		m, err := d.Contains(ctx, r.Selection)
		if err != nil {
			return err
		}
		r.InField = m.Verdict
	}
	inside := false
	if len(c.Vertices) > 0 {
		inside, err = clarke.HullContainsContext(ctx, c.Vertices, r.Selection)
	}
	switch {
	case err != nil && ctx.Err() == nil:
		return err
	case err != nil: // the question is open
	case inside || r.Bracket.IsHull && r.InHull == clarke.Yes:
		r.InClarke = clarke.Yes
	case r.InHull == clarke.No || c.Exact && !c.Round:
		r.InClarke = clarke.No
	}
	return nil
}

// invalid lists the kinks whose values are outside their sets.
func (d *Field) invalid(at []clarke.Vector) (out []int) {
	for b, v := range at {
		if len(v.Float) > 0 && !d.validSlot(b, v.Float) {
			out = append(out, b)
		}
	}
	return out
}

// slotTolerance is what sums of weights and norms may be off for rounding.
const slotTolerance = 0x1p-40

func (d *Field) validSlot(b int, v []float64) bool {
	k := &d.Kinks[b]
	sum, square := 0.0, 0.0
	for _, x := range v {
		if x-x != 0 {
			return false
		}
		sum, square = sum+x, square+float64(x*x)
	}
	if k.Slot.Kind == expr.DirectionSlot {
		return square <= 1+slotTolerance
	}
	if slices.ContainsFunc(v, func(x float64) bool { return x < 0 || x > 1 }) {
		return false
	}
	return k.Slot.Kind == expr.StepSlot || math.Abs(sum-float64(k.Count)) <= slotTolerance*float64(len(v))
}

// blame follows the normal from ∂f to the selection through the slots: the
// derivative of ⟨g, normal⟩ with respect to each of them. It returns the normal, which
// points to ∂f; nil if there is none.
func (r *AuditReport) blame() ([]float64, error) {
	d := r.Bracket.Outer
	if len(r.Bracket.Inner.Vertices) == 0 || slices.ContainsFunc(r.Slots, hasNaN) {
		for _, b := range r.Invalid {
			r.Blame = append(r.Blame, Blame{Kink: b, Gain: math.Inf(1)})
		}
		return nil, nil
	}
	m, err := convex.Contains(clarke.Point(r.Bracket.Inner.Vertices).Floats(), r.Selection.Float, 0)
	if err != nil || m.Inside {
		return nil, err
	}
	away := make([]float64, len(m.Normal))
	axpy(away, -1, m.Normal)
	for b, gain := range d.float.gains(slotsOf(floatNumbers, d.filled(r.Slots)), away) {
		if gain > convex.Tolerance(d.float.n)*d.float.size() {
			r.Blame = append(r.Blame, Blame{Kink: b, Gain: gain})
		}
	}
	slices.SortStableFunc(r.Blame, func(p, q Blame) int { return cmp.Compare(q.Gain, p.Gain) })
	return slices.Clone(m.Normal), nil
}

func hasNaN(v clarke.Vector) bool {
	return slices.ContainsFunc(v.Float, func(x float64) bool { return x-x != 0 })
}

// filled puts some values where the derivative uses none.
func (d *Field) filled(at []clarke.Vector) []clarke.Vector {
	out := slices.Clone(at)
	middle := d.listed(make(slots[*big.Rat], len(at)))
	for b := range out {
		if len(out[b].Float) == 0 {
			out[b] = middle[b]
		}
	}
	return out
}

// gains returns how much ⟨g, w⟩ falls if one block alone changes its slot for the
// best.
func (s *system[T]) gains(at slots[T], w []T) []T {
	joint := make([][]T, len(s.blocks))
	for b := range s.blocks {
		joint[b] = s.zeroes(len(at[b]))
	}
	for o := range s.m {
		alpha, _ := s.adjoints(o, at)
		slopes, v := s.slopes(w[o*s.n:(o+1)*s.n]), s.zeroes(len(s.back))
		for b := range s.blocks {
			e := &s.blocks[b]
			for k := e.lo; k < e.hi; k++ {
				slopes[k] = s.tangent(k, slopes[k], v)
			}
			s.push(b, at[b], slopes, v)
			for t := range e.to - e.from {
				s.axpy(joint[b][t*e.members():(t+1)*e.members()], s.mul(s.of(-1, 1), alpha[e.from+t]), slopes[e.lo:e.hi])
			}
		}
	}
	out := make([]T, len(s.blocks))
	for b := range s.blocks {
		if out[b] = s.of(0, 1); s.shape.live[b] {
			_, best := s.best(b, joint[b])
			out[b] = s.sub(best, s.dot(at[b], joint[b]))
		}
	}
	return out
}

// Verdict names the smallest set that the selection is known to be in: "clarke",
// "conservative" for D, "hull" for conv D, "neither" if it is in none, else
// "unknown".
func (r *AuditReport) Verdict() string {
	switch {
	case r.InClarke == clarke.Yes:
		return "clarke"
	case r.InHull == clarke.No:
		return "neither"
	case r.InClarke == clarke.Unknown:
		return "unknown"
	case r.InField == clarke.Yes:
		return "conservative"
	case r.InHull == clarke.Yes && r.InField == clarke.No:
		return "hull"
	}
	return "unknown"
}

// String returns a few lines to read.
func (r *AuditReport) String() string {
	var s strings.Builder
	fmt.Fprintf(&s, "value %v, selection %v: %s", r.Value.Float, r.Selection.Float, r.Verdict())
	fmt.Fprintf(&s, " (in the Clarke subdifferential: %s, in D: %s, in conv D: %s)\n", r.InClarke, r.InField, r.InHull)
	for _, b := range r.Invalid {
		fmt.Fprintf(&s, "invalid choice at %s: %v\n", r.name(b), r.Slots[b].Float)
	}
	for _, b := range r.Blame {
		if b.Together {
			fmt.Fprintf(&s, "blame %s: with the others another choice moves the selection by %.4g towards the subdifferential\n", r.name(b.Kink), b.Gain)
			continue
		}
		fmt.Fprintf(&s, "blame %s: another choice moves the selection by %.4g towards the subdifferential\n", r.name(b.Kink), b.Gain)
	}
	if r.Repair != nil {
		for _, b := range r.Repair.Kinks {
			fmt.Fprintf(&s, "repair %s: %v instead of %v\n", r.name(b), r.Repair.Slots[b].Float, r.Slots[b].Float)
		}
		fmt.Fprintf(&s, "repaired selection %v\n", r.Repair.Selection.Float)
	}
	return s.String()
}

// name is op#node[index] of a kink.
func (r *AuditReport) name(b int) string {
	k := &r.Bracket.Outer.Kinks[b]
	if len(k.Index) == 0 {
		return fmt.Sprintf("%s#%d", k.Op, k.Node)
	}
	return fmt.Sprintf("%s#%d%v", k.Op, k.Node, k.Index)
}
