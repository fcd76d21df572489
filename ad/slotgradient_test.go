package ad_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// ⟨g, d⟩ is affine in each slot, and the gradient is its exact difference
// quotient, wherever the other slots are and however far the step goes.
func TestLawSlotGradient(t *testing.T) {
	each(t, []string{"affine", "polynomial"}, func(t *rapid.T, p optest.Program) {
		f, err := ad.SlotGradient(p.Func)
		require.NoError(t, err)
		d := optest.PointsFor(t, p.Func.Wrt(), "d")
		slots := optest.Choices{}.Of(t, f)
		base := optest.Exact(t, f, optest.AllToRats(optest.Join(p.At, d, slots))...)
		requirePairing(t, p, d, slots, base[0][0])
		if len(slots) == 0 {
			return
		}
		i := rapid.IntRange(0, len(slots)-1).Draw(t, "i")
		moved := append([][]float64{}, slots...)
		moved[i] = optest.Dyadics(t, len(slots[i]), "moved")
		at := optest.Exact(t, f, optest.AllToRats(optest.Join(p.At, d, moved))...)
		want := new(big.Rat).Set(base[0][0])
		for j, slope := range base[1+i] {
			step := new(big.Rat).Sub(optest.ToRats(moved[i])[j], optest.ToRats(slots[i])[j])
			want.Add(want, step.Mul(step, slope))
		}
		require.Equal(t, want.RatString(), at[0][0].RatString(), "slot %v", f.Slots()[i])
		require.Equal(t, optest.Strings(base[1+i:2+i]), optest.Strings(at[1+i:2+i]), "the slope in a slot does not depend on it")
	})
}

// requirePairing holds the first output against the gradient and the slots
// against those of the gradient.
func requirePairing(t *rapid.T, p optest.Program, d, slots [][]float64, got *big.Rat) {
	g, err := ad.Gradient(p.Func)
	require.NoError(t, err)
	require.Len(t, g.Slots(), len(slots))
	grad := optest.Exact(t, g, optest.AllToRats(optest.Join(p.At, slots))...)[1:]
	require.Equal(t, optest.DotRats(grad, optest.AllToRats(d)).RatString(), got.RatString())
}

// Entries at which no kink is active are 0, and an active kink that counts along
// d has a slope.
func TestLawSlotGradientIsAtActiveKinks(t *testing.T) {
	each(t, []string{"affine", "polynomial"}, func(t *rapid.T, p optest.Program) {
		g, err := ad.Gradient(p.Func)
		require.NoError(t, err)
		finder, err := ad.NewFinder(g)
		require.NoError(t, err)
		kinks, err := finder.AtExact(p.Rats()...)
		require.NoError(t, err)
		active := map[expr.Node]map[int]bool{}
		for _, k := range kinks {
			if active[k.Slot.Node] == nil {
				active[k.Slot.Node] = map[int]bool{}
			}
			for _, e := range k.Entries {
				active[k.Slot.Node][e] = true
			}
		}
		f, err := ad.SlotGradient(p.Func)
		require.NoError(t, err)
		in := optest.Join(p.At, optest.PointsFor(t, p.Func.Wrt(), "d"), optest.Choices{}.Of(t, f))
		for i, slope := range optest.Exact(t, f, optest.AllToRats(in)...)[1:] {
			for j, v := range slope {
				require.True(t, v.Sign() == 0 || active[g.Slots()[i]][j], "entry %d of %v", j, g.Slots()[i])
			}
		}
	})
}

// The slope is the tangent of the switch times the adjoint that arrives.
func TestSlotGradientClosedForms(t *testing.T) {
	for _, c := range []struct {
		text string
		d    float64
		want []float64
	}{
		{"relu(x) - relu(-x)", 3, []float64{3, 3}},
		{"-2*abs(5*x)", 1, []float64{-20}},
		{"relu(relu(x))", 1, []float64{0.5, 0.5}}, // the other slot is ½
		{"max(x, 3*x)", 1, []float64{-2}},
		{"max([x, 3*x, 4*x + 1])", 1, []float64{0, 0, 0}},
		{"max([x, 3*x, -x])", 1, []float64{1, 3, -1}},
		{"sum(sort([x, 2*x]))", 1, []float64{1, 2, 1, 2}},
		{"norm2([3*x, 4*x])", 1, []float64{3, 4}},
	} {
		f, err := parse.Parse(c.text)
		require.NoError(t, err)
		s, err := ad.SlotGradient(f)
		require.NoError(t, err)
		in := [][]float64{{0}, {c.d}}
		for _, n := range s.Slots() {
			half := make([]float64, n.Shape().Size())
			for i := range half {
				half[i] = 0.5
			}
			in = append(in, half)
		}
		require.Equal(t, c.want, optest.Join(optest.Float(t, s, in...)[1:]...), c.text)
	}
}
