package optest

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
)

// CheckSelections wants what wirings put into slots to lie in the slots' sets:
// those of the presets, unless they are marked as invalid, and the uniform and
// random ones.
func CheckSelections(t *rapid.T, p Program) {
	b := backward(t, p.Func)
	bar := PointsFor(t, p.Func.Out(), "bar")
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "random"), 10))
	for name, w := range inside(b, rng) {
		f, err := ad.Wire(b, w)
		if errors.As(err, new(*ad.NoRuleError)) {
			continue
		}
		require.NoError(t, err, name)
		require.Empty(t, Outside(f, Join(p.At, bar)...), "%s leaves a slot's set", name)
	}
}

// inside returns the wirings that choose within the slots' sets of a program.
func inside(f *expr.Func, rng *rand.Rand) map[string]ad.Wiring {
	out := map[string]ad.Wiring{
		"AtSlot(0)": ad.AtSlot(0), "AtSlot(1/2)": ad.AtSlot(0.5), "AtSlot(1)": ad.AtSlot(1),
		"AtKink(0)": ad.AtKink(0), "AtKink(1)": ad.AtKink(1), "Random": ad.Random(rng),
	}
	for _, p := range ad.Presets() {
		if len(p.Invalid(f)) == 0 {
			out[p.Name] = p.Wiring()
		}
	}
	return out
}

// checkInvalid wants a preset that is marked as invalid for an op to leave the
// slot's set at some application.
func checkInvalid(t require.TestingT, op *expr.Op) {
	for _, preset := range ad.Presets() {
		marked, seen := false, false
		rng := rand.New(rand.NewPCG(2, 10))
		for i := 0; i < 300 && !seen; i++ {
			p := Single(t, op, op.Sample(rng))
			b := backward(t, p.Func)
			f, err := ad.Wire(b, preset.Wiring())
			if err != nil || len(preset.Invalid(b)) == 0 {
				continue
			}
			marked = true
			seen = Outside(f, Join(p.At, buffers(p.Func.Out(), 1))...) != ""
		}
		require.Equal(t, marked, seen, "%s is marked as invalid for %s, but never leaves the slots' sets", preset.Name, op.Name)
	}
}

// CheckTies wants ranks to go to tied entries in index order, whatever the signs
// of zeros are: to the first of them for ad.AtSlot(1), to the last for
// ad.AtSlot(0).
func CheckTies(t *rapid.T, p Program) {
	b := backward(t, p.Func)
	bar := PointsFor(t, p.Func.Out(), "bar")
	at := Join(withNegativeZeros(t, p.At), bar)
	for slot, sign := range map[float64]int{1: 1, 0: -1} {
		f, err := ad.Wire(b, ad.AtSlot(slot))
		require.NoError(t, err)
		value, _ := Floats(f, at...)
		for _, n := range f.Nodes() {
			if n.Op().Name == "rank" {
				requireIndexOrder(t, n, value, sign)
			}
		}
		here, there := Float(t, f, at...), Float(t, f, Join(p.At, bar)...)
		for i := range here {
			require.Equal(t, plus0(there[i]), plus0(here[i]), "output %d with zeros of either sign", i)
		}
	}
}

func withNegativeZeros(t *rapid.T, x [][]float64) [][]float64 {
	out := make([][]float64, len(x))
	for i, row := range x {
		out[i] = slices.Clone(row)
		for j, v := range row {
			if v == 0 && rapid.Bool().Draw(t, "negative zero") {
				out[i][j] = math.Copysign(0, -1)
			}
		}
	}
	return out
}

func plus0(x []float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = v + 0
	}
	return out
}

// checkOrder holds an op that puts entries in order against index order: where
// its derivative for AtSlot(1) is a list of entries, outputs that tie come from
// ascending indices, and for AtSlot(0) from descending ones; the values are those
// entries. Outputs tie if AtSlot(1/2) mixes the same entries into them.
func checkOrder(t *rapid.T, op *expr.Op, e expr.Example) {
	e.Values = withNegativeZeros(t, e.Values)
	p := Single(t, op, e)
	y := Float(t, p.Func, p.At...)[0]
	mixed, first, last := listing(t, p, 0.5), listing(t, p, 1), listing(t, p, 0)
	for o := range y {
		i, j := index1(first[o]), index1(last[o])
		if i < 0 || j < 0 {
			continue // a mixture in any order
		}
		require.Equal(t, e.Values[0][i], y[o], "entry %d of the output is entry %d of the operand", o, i)
		if o > 0 && len(mixed[o]) > 0 && slices.Equal(mixed[o], mixed[o-1]) {
			require.Greater(t, i, index1(first[o-1]), "the place of output entry %d among ties, for AtSlot(1)", o)
			require.Less(t, j, index1(last[o-1]), "the place of output entry %d among ties, for AtSlot(0)", o)
		}
	}
}

// listing returns the rows of the derivative for AtSlot(s).
func listing(t require.TestingT, p Program, s float64) [][]float64 {
	f, err := ad.Wire(forward(t, p.Func), ad.AtSlot(s))
	require.NoError(t, err)
	rows := make([][]float64, p.Func.Out()[0].Shape().Size())
	d := buffers(p.Func.In(), 1)
	for i := range d[0] {
		for o, v := range Float(t, f, Join(p.At, with(d, i, 1))...)[1] {
			rows[o] = append(rows[o], v)
		}
	}
	return rows
}

// index1 returns the position of the only entry that is 1, all others being 0;
// −1 if the row is not of that kind.
func index1(row []float64) int {
	at := -1
	for i, v := range row {
		switch {
		case v == 1 && at < 0:
			at = i
		case v != 0:
			return -1
		}
	}
	return at
}

// requireIndexOrder wants the weights of tied entries to fall with their indices,
// or to rise.
func requireIndexOrder(t require.TestingT, n expr.Node, value map[expr.Node][]float64, sign int) {
	size := n.Args()[0].Shape().Dim(-1)
	for base := 0; base < len(value[n]); base += size {
		z, w := value[n.Args()[0]][base:base+size], value[n][base:base+size]
		for i := 1; i < size; i++ {
			for j := range i {
				require.True(t, z[i] != z[j] || float64(sign)*(w[j]-w[i]) >= 0, "weights %v of %v", w, z)
			}
		}
	}
}
