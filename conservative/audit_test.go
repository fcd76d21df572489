package conservative_test

import (
	"context"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/testdata/known"
)

func audit(t testing.TB, f *expr.Func, x clarke.Point, w ad.Wiring) *conservative.AuditReport {
	r, err := conservative.Audit(context.Background(), f, x, w, conservative.AuditOptions{})
	require.NoError(t, err)
	return r
}

// Verdicts on all frameworks for all rows of the table, with a repair for each
// selection that is not in ∂f, confirmed by its slots.
func TestAuditOfKnownRows(t *testing.T) {
	verdicts, err := known.Verdicts()
	require.NoError(t, err)
	eachKnown(t, func(t *testing.T, r known.Function, f *expr.Func, x clarke.Point) {
		if r.Conservative == nil || r.Clarke == nil || r.Clarke.Vertices == nil {
			return
		}
		for _, p := range ad.Presets() {
			want := verdicts[r.ID][strings.ToLower(p.Name)]
			if want == known.NoRule || want == "" {
				continue
			}
			a := audit(t, f, x, p.Wiring())
			got := a.Verdict()
			if got == "hull" {
				got = "conservative" // the table's word for conv D
			}
			require.Equal(t, want, got, "%s: %v", p.Name, a)
			if got == "clarke" {
				require.Empty(t, a.Blame)
				require.Nil(t, a.Repair)
				continue
			}
			require.NotEmpty(t, a.Blame)
			require.NotNil(t, a.Repair, "%s: %v", p.Name, a)
			in, err := clarke.HullContains(a.Bracket.Inner.Vertices, a.Repair.Selection)
			require.NoError(t, err)
			require.True(t, in)
			require.NotEmpty(t, a.String())
		}
	})
}

// Repairs by hand: relu(x) − relu(−x) is x; s = 0 at both gives 0, and either slot
// alone must become 1. With s = ¼ at both one slot must move by ½.
func TestSmallestRepair(t *testing.T) {
	f := parsed(t, "relu(x) - relu(-x)")
	for s, change := range map[float64]float64{0: 1, 0.25: 0.5} {
		a := audit(t, f, origin(1), ad.AtSlot(s))
		require.Equal(t, "conservative", a.Verdict())
		require.Len(t, a.Blame, 2)
		require.Len(t, a.Repair.Kinks, 1)
		require.True(t, a.Repair.Smallest)
		require.Equal(t, change, a.Repair.Change)
		require.Equal(t, []*big.Rat{big.NewRat(1, 1)}, a.Repair.Selection.Exact)
	}
	// T12: x + relu(−relu(x)) is x, and s = 1 gives 0. The outer slot 0 repairs it.
	a := audit(t, parsed(t, "x + relu(-relu(x))"), origin(1), ad.AtSlot(1))
	require.Len(t, a.Repair.Kinks, 1)
	require.Equal(t, 1.0, a.Repair.Change)
	// T23 in PyTorch: both choices are halves. ∂f is {0}.
	a = audit(t, parsed(t, "max(x, y) - x - relu(y - x)"), clarke.RationalPoint(vectorOfZeros(1).Exact, vectorOfZeros(1).Exact), ad.PyTorch.Wiring())
	require.Equal(t, []float64{-0.5, 0.5}, a.Selection.Float)
	require.Len(t, a.Repair.Kinks, 1)
	require.Equal(t, 0.5, a.Repair.Change)
}

// All-ones ties are outside the slot's set, as is a NaN, and must change.
func TestAuditOfInvalidChoices(t *testing.T) {
	zero := vectorOfZeros(1).Exact
	f := parsed(t, "max(x, y, z)")
	w := ad.Override(ad.AtSlot(1), slotNames(t, f)[0], ad.AllTied)
	a := audit(t, f, clarke.RationalPoint(zero, zero, zero), w)
	require.Equal(t, []float64{1, 1, 1}, a.Selection.Float)
	require.Equal(t, "neither", a.Verdict())
	require.Equal(t, []int{0}, a.Invalid)
	require.Equal(t, []int{0}, a.Repair.Kinks)
	for _, v := range a.Repair.Selection.Exact {
		require.Equal(t, "1/3", v.RatString(), "the nearest point of the simplex")
	}
	f = parsed(t, "abs(x) + relu(x)")
	a = audit(t, f, origin(1), ad.Override(ad.AtSlot(1), slotNames(t, f)[0], ad.NotANumber))
	require.Equal(t, "neither", a.Verdict())
	require.Len(t, a.Invalid, 1)
	require.Equal(t, a.Invalid, a.Repair.Kinks)
}

func slotNames(t testing.TB, f *expr.Func) (names []string) {
	g, err := ad.Gradient(f)
	require.NoError(t, err)
	for _, n := range g.Slots() {
		s, _ := n.Slot()
		names = append(names, s.String())
	}
	return names
}

// Every wiring that Along makes is a limiting gradient, so that no audit objects.
func TestLawAuditOfElements(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := affine.Draw(t, "program")
		if len(p.Func.Wrt()) == 0 {
			t.Skip("nothing to differentiate")
		}
		for _, w := range []ad.Wiring{ad.AtSlot(0), ad.AtSlot(1), ad.AtSlot(0.5)} {
			r, err := conservative.Audit(context.Background(), p.Func, clarke.RationalPoint(p.Rats()...), w, conservative.AuditOptions{MaxRepairs: 64})
			require.NoError(t, err)
			if r.Bracket.Outer.Refused != "" {
				t.Skip("refused")
			}
			require.Equal(t, clarke.Yes, r.InHull)
			require.Equal(t, clarke.Yes, r.InField)
			v, err := r.Bracket.Outer.Element(r.Slots)
			if err == nil { // all slots are in use
				require.Equal(t, texts([]clarke.Vector{r.Selection}), texts([]clarke.Vector{v}))
			}
			if r.Repair != nil {
				in, err := clarke.HullContains(r.Bracket.Inner.Vertices, r.Repair.Selection)
				require.NoError(t, err)
				require.True(t, in)
			}
			if r.InClarke == clarke.No && r.Bracket.Inner.Exact {
				require.NotEmpty(t, r.Blame, "%v", r)
			}
		}
	})
}

// λ_max of [[a, b], [b, c]] at 0 has the subdifferential {(t, 2w, 1 − t) : w² ≤ t(1 − t)},
// whose support function is λ_max of [[p, q], [q, r]] for the direction (p, q, r)
// with q for the entry b: an exact set without vertices.
func TestBoundsOfTheLargestEigenvalue(t *testing.T) {
	f := parsed(t, "(a+c)/2 + norm2([(a-c)/2, b])")
	zero := vectorOfZeros(1).Exact
	b, err := conservative.Bounds(context.Background(), f, clarke.RationalPoint(zero, zero, zero), clarke.Options{}, conservative.Options{})
	require.NoError(t, err)
	require.True(t, b.Exact, b.Why)
	require.True(t, b.IsHull)
	require.Zero(t, b.Gap)
	for _, c := range []struct {
		w    []string // in the order a, c, b
		want float64
	}{
		{[]string{"1", "0", "0"}, 1},
		{[]string{"0", "1", "0"}, 1},
		{[]string{"-1", "-1", "0"}, -1},
		{[]string{"1", "1", "0"}, 1},
		{[]string{"0", "0", "1"}, 1},
		{[]string{"3", "-3", "4"}, 5},
		{[]string{"7", "1", "-4"}, 9},
	} {
		h, err := b.Outer.Support(context.Background(), vector(t, c.w), 0)
		require.NoError(t, err)
		require.True(t, h.Closed)
		require.InDelta(t, c.want, h.Lower.Float[0], 1e-14)
		require.InDelta(t, c.want, h.Upper.Float[0], 1e-14)
	}
}

// The sets of all rows: exact where the table is, with the gap of the hulls.
func TestBoundsOfKnownRows(t *testing.T) {
	eachKnown(t, func(t *testing.T, r known.Function, f *expr.Func, x clarke.Point) {
		b, err := conservative.Bounds(context.Background(), f, x, clarke.Options{}, conservative.Options{})
		require.NoError(t, err)
		if r.Conservative == nil || r.Clarke == nil || r.Clarke.Vertices == nil || r.Conservative.Vertices == nil {
			return
		}
		require.True(t, b.GapExact)
		var points, hull []clarke.Vector
		for _, v := range r.Clarke.Vertices {
			points = append(points, vector(t, v))
		}
		for _, v := range r.Conservative.Vertices {
			hull = append(hull, vector(t, v))
		}
		if b.Exact && !b.Inner.Round {
			want, err := hausdorff(pointsOf(points), pointsOf(hull))
			require.NoError(t, err)
			require.InDelta(t, want, b.Gap, 1e-12)
			require.Equal(t, verdict(r.Clarke.ContainsZero), b.Inner.ContainsZero)
		}
		require.Equal(t, b.IsHull, b.Gap == 0)
	})
}

// At a stationary point of a product of choices no kink alone is to blame: those of the
// repair share it, with what they gain together.
func TestAuditBlamesTogether(t *testing.T) {
	const text = "let a = assemble(x, x, 1, 2, 0, 0, 0, 0); let f = take(broadcast(a, 0, 2), 2, 1, 6, 0, 1, 2, 3, 0, 1);" +
		"median(groupsort(f + [-1, -1, 1, 1, -1, -1], 3)) + sum(clamp(a, broadcast(0, 0, 2), broadcast(0, 0, 2)))"
	f, err := parse.Parse(text)
	require.NoError(t, err)
	r, err := conservative.Audit(t.Context(), f, clarke.RationalPoint([]*big.Rat{big.NewRat(1, 1)}), ad.AtSlot(0.5), conservative.AuditOptions{})
	require.NoError(t, err)
	require.Equal(t, clarke.No, r.InClarke)
	require.Greater(t, len(r.Repair.Kinks), 1)
	require.Len(t, r.Blame, len(r.Repair.Kinks))
	for i, b := range r.Blame {
		require.Equal(t, conservative.Blame{Kink: r.Repair.Kinks[i], Gain: r.Repair.Selection.Float[0] - r.Selection.Float[0], Together: true}, b)
	}
	require.Contains(t, r.String(), "with the others another choice moves the selection")
}
