package ad_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// slotsOf returns the slots of an op's derivative, on its own example.
func slotsOf(t *testing.T, op *expr.Op) []*expr.Slot {
	e := op.Sample(rand.New(rand.NewPCG(1, 1)))
	g := expr.NewGraph()
	var in []expr.Node
	for i, s := range e.Shapes {
		in = append(in, g.Input(string(rune('a'+i)), s.Dims()...))
	}
	if len(in) == 0 {
		return nil
	}
	f, err := g.Func(expr.In(in...), expr.Out(op.Apply(e.Attr, in...)))
	require.NoError(t, err)
	b, err := ad.Backward(f)
	require.NoError(t, err)
	var out []*expr.Slot
	for _, n := range b.Slots() {
		s, _ := n.Slot()
		out = append(out, s)
	}
	return out
}

// TestPresetsKnowEveryOp fails when an op is added without a word about what
// frameworks do at its kinks.
func TestPresetsKnowEveryOp(t *testing.T) {
	met := map[string]bool{}
	for _, op := range expr.Ops() {
		for _, s := range slotsOf(t, op) {
			met[op.Name+"."+s.Name] = true
			for _, p := range ad.Presets() {
				r, ok := p.Rule(op.Name, s.Name)
				require.NotContains(t, r.Reason, "does not know", "%s of %s in ad/preset_table.go", s, p.Name)
				require.Equal(t, ok, r.Reason == "", "%s of %s needs a rule or a reason", s, p.Name)
				require.Equal(t, ok, r.Source != "", "%s of %s needs a source", s, p.Name)
			}
		}
	}
	require.GreaterOrEqual(t, len(met), 20)
}

// gradient evaluates the wired gradient of a program of one vector v.
func gradient(t *testing.T, text string, w ad.Wiring, v ...float64) []float64 {
	f, err := parse.Parse(text, parse.Shapes(map[string][]int{"v": {len(v)}}))
	require.NoError(t, err)
	return evaluate(t, wired(t, f, w), 1, v)
}

func evaluate(t *testing.T, f *expr.Func, output int, in ...[]float64) []float64 {
	p, err := vm.Compile(f, vm.Options{})
	require.NoError(t, err)
	w := p.NewWorkspace()
	for i, x := range in {
		copy(w.In(i), x)
	}
	require.NoError(t, w.Run())
	return w.Out(output)
}

func TestPresetsOfRanks(t *testing.T) {
	half, third := 0.5, 1.0/3
	tests := []struct {
		text   string
		preset ad.Preset
		at     []float64
		want   []float64
	}{
		{"max(v)", ad.PyTorch, []float64{2, 1, 2}, []float64{half, 0, half}},
		{"min(v)", ad.TensorFlow, []float64{1, 1, 1}, []float64{third, third, third}},
		{"max(v)", ad.Gorgonia, []float64{2, 1, 2}, []float64{1, 0, 1}},
		{"min(v)", ad.GoMLX, []float64{1, 1, 2}, []float64{1, 1, 0}},
		{"median(v)", ad.PyTorch, []float64{1, 1, 0}, []float64{half, half, 0}},
		// a stable sort puts entry 0 at position 1, the middle
		{"median(v)", ad.JAX, []float64{1, 1, 0}, []float64{1, 0, 0}},
		// and entries 1 and 2 at positions 1 and 2 of four
		{"median(v)", ad.JAX, []float64{1, 1, 1, 2}, []float64{0, half, half, 0}},
		{"topksum(v, 2)", ad.JAX, []float64{1, 1, 1}, []float64{1, 1, 0}},
		{"topk(v, 2)[0]", ad.JAX, []float64{1, 1, 1}, []float64{1, 0, 0}},
		{"topk(v, 2)[1]", ad.PyTorch, []float64{1, 1, 1}, []float64{0, 1, 0}},
		{"sort(v)[0]", ad.TensorFlow, []float64{1, 1, 1}, []float64{1, 0, 0}},
		{"sort(v)[2]", ad.TensorFlow, []float64{1, 1, 1}, []float64{0, 0, 1}},
		{"norm1(v)", ad.JAX, []float64{0, -1}, []float64{1, -1}},
		{"norm1(v)", ad.PyTorch, []float64{0, -1}, []float64{0, -1}},
		{"norminf(v)", ad.PyTorch, []float64{1, -1, 0}, []float64{half, -half, 0}},
		{"norminf(v)", ad.PyTorch, []float64{0, 0}, []float64{0, 0}},
		{"norminf(v)", ad.JAX, []float64{0, 0}, []float64{half, half}},
		{"norm2(v)", ad.PyTorch, []float64{0, 0}, []float64{0, 0}},
		{"norm2(v)", ad.JAX, []float64{3, 4}, []float64{0.6, 0.8}},
		{"softthreshold(v[0], 1)", ad.PyTorch, []float64{-1}, []float64{0}},
		{"leakyrelu(v[0], 0.25)", ad.PyTorch, []float64{0}, []float64{0.25}},
		{"leakyrelu(v[0], 0.25)", ad.JAX, []float64{0}, []float64{1}},
	}
	for _, c := range tests {
		require.InDeltaSlice(t, c.want, gradient(t, c.text, c.preset.Wiring(), c.at...), 1e-15, "%s of %s at %v", c.preset.Name, c.text, c.at)
	}
	for _, x := range gradient(t, "norm2(v)", ad.TensorFlow.Wiring(), 0, 0) {
		require.True(t, math.IsNaN(x))
	}
}

func TestWiringsOfTiedEntries(t *testing.T) {
	require.Equal(t, []float64{0, 0, 1}, gradient(t, "topk(v, 1)[0]", ad.AtSlot(0), 1, 1, 1))
	require.Equal(t, []float64{1, 0, 0}, gradient(t, "topk(v, 1)[0]", ad.AtSlot(1), 1, 1, 1))
	require.Equal(t, []float64{0, 0, 1}, gradient(t, "sort(v)[0]", ad.AtKink(0), 1, 1, 1))
	require.Equal(t, []float64{0.5, 0, 0.5}, gradient(t, "sort(v)[1]", ad.AtKink(0.5), 2, 1, 2))
}

func TestPresetWithoutRule(t *testing.T) {
	for text, p := range map[string]ad.Preset{
		"hinge(x)":                  ad.PyTorch,
		"clamp(x, y, 1)":            ad.JAX, // a bound that is differentiated
		"median([x, y])":            ad.PyTorch,
		"relu(x)":                   ad.Autograd,
		"max(x, y)":                 ad.Gorgonia,
		"norminf([x, y]) + sort(v)": ad.GoMLX,
	} {
		f, err := parse.Parse("sum(" + text + ")")
		if text == "norminf([x, y]) + sort(v)" {
			f, err = parse.Parse("sum("+text+")", parse.Shapes(map[string][]int{"v": {2}}))
		}
		require.NoError(t, err)
		g, err := ad.Gradient(f)
		require.NoError(t, err)
		_, err = ad.Wire(g, p.Wiring())
		var none *ad.NoRuleError
		require.ErrorAs(t, err, &none, text)
		require.Equal(t, p.Name, none.Preset)
		require.NotEmpty(t, none.Reason)
	}
}

func TestPresetInvalid(t *testing.T) {
	f, err := parse.Parse("max([x, y]) + relu(x)")
	require.NoError(t, err)
	g, err := ad.Gradient(f)
	require.NoError(t, err)
	require.Empty(t, ad.PyTorch.Invalid(g))
	bad := ad.GoMLX.Invalid(g)
	require.Len(t, bad, 1)
	require.Equal(t, "amax", bad[0].Owner.Op().Name)
}

func TestLookupPreset(t *testing.T) {
	for _, p := range ad.Presets() {
		found, ok := ad.LookupPreset(p.Name)
		require.True(t, ok)
		require.Equal(t, p.Name, found.Name)
		require.NotEmpty(t, p.Doc)
	}
	_, ok := ad.LookupPreset("Theano")
	require.False(t, ok)
	_, ok = ad.JAX.Rule("relu", "t")
	require.False(t, ok)
}

func TestOverride(t *testing.T) {
	f, err := parse.Parse("relu(x) - relu(-x)")
	require.NoError(t, err)
	g, err := ad.Gradient(f)
	require.NoError(t, err)
	s, _ := g.Slots()[0].Slot()
	w := ad.Override(ad.PyTorch.Wiring(), s.String(), ad.SlotValue(expr.Ratio(1, 4)))
	require.Equal(t, []float64{0.25}, evaluate(t, wired(t, f, w), 1, []float64{0}))
	w = ad.Override(ad.Random(rand.New(rand.NewPCG(1, 1))), s.String(), ad.SlotValue(expr.Ratio(1, 4)))
	require.Contains(t, []float64{0.25, 1.25}, evaluate(t, wired(t, f, w), 1, []float64{0})[0])
}

func TestOverrideMistakes(t *testing.T) {
	f, err := parse.Parse("relu(x) - relu(-x)")
	require.NoError(t, err)
	g, err := ad.Gradient(f)
	require.NoError(t, err)
	s, _ := g.Slots()[0].Slot()
	_, err = ad.Wire(g, ad.Override(ad.AtSlot(0), "relu#99.s", ad.SlotValue(expr.Num(1))))
	var unknown *ad.UnknownSlotError
	require.ErrorAs(t, err, &unknown)
	require.Contains(t, unknown.Have, s.String())
	var misfit *ad.ChoiceError
	for _, c := range []ad.Choice{{}, ad.EvenTied, ad.SlotValue(), ad.SlotValue(expr.Num(math.NaN())), ad.SlotValue(expr.Num(1), expr.Num(1))} {
		_, err = ad.Wire(g, ad.Override(ad.AtSlot(0), s.String(), c))
		require.ErrorAs(t, err, &misfit, "%v", c)
	}
	_, err = ad.Wire(g, ad.AtKink(math.NaN()))
	require.ErrorAs(t, err, &misfit)
	require.NoError(t, g.Graph().Err(), "a mistake in a wiring must not spoil the user's graph")
}

// TestRandomIsOneChoice wires both modes by one Random: they are adjoint.
func TestRandomIsOneChoice(t *testing.T) {
	f, err := parse.Parse("abs(v[0]) + max(v) + norm2(v) + sort(v)[1]", parse.Shapes(map[string][]int{"v": {3}}))
	require.NoError(t, err)
	w := ad.Random(rand.New(rand.NewPCG(7, 7)))
	forward, err := ad.Forward(f)
	require.NoError(t, err)
	forward, err = ad.Wire(forward, w)
	require.NoError(t, err)
	g := evaluate(t, wired(t, f, w), 1, []float64{0, 0, 0})
	require.InDelta(t, g[0]+2*g[1]-g[2], evaluate(t, forward, 1, []float64{0, 0, 0}, []float64{1, 2, -1})[0], 1e-12)
}

// TestPresetTable is the tables once more, read from the sources a second time,
// one row a slot: PyTorch, JAX, TensorFlow, Autograd, Gorgonia, GoMLX.
func TestPresetTable(t *testing.T) {
	const table = `
		relu.s           [0]   [0]      [0]   -     [1]   [1]
		abs.s            [0.5] [1]      [0.5] [0.5] [0.5] [1]
		leakyrelu.s      [0]   [1]      [0]   -     [1]   [1]
		elu.s            [0]   [0]      [0]   -     -     -
		hinge.s          -     -        -     -     -     -
		pinball.s        -     -        -     -     -     -
		softthreshold.hi [0]   -        -     -     -     -
		softthreshold.lo [0]   -        -     -     -     -
		max.s            [0.5] [0.5]    [1]   [0.5] -     [1]
		min.s            [0.5] [0.5]    [1]   [0.5] -     [0]
		clamp.lo         [1]   [0]      [1]   [0]   -     [1]
		clamp.hi         [1]   [0]      [1]   [0]   -     [1]
		amax.w           even  even     even  even  all   all
		amin.w           even  even     even  even  -     all
		median.w         even  in_order -     -     -     -
		quantile.w       in_order in_order -  -     -     -
		quantile.pair    in_order in_order -  -     -     -
		topksum.w        first first    first -     -     -
		sort.p           first first    first -     -     -
		topk.p           first first    first -     -     -
		groupsort.p      first first    first -     -     -
		norm1.s          [0.5] [1]      [0.5] -     -     [1]
		norminf.s        [0.5] [1]      [0.5] -     -     -
		norminf.w        even  even     even  -     -     -
		norm2.u          [0]   NaN      NaN   NaN   -     -`
	for line := range strings.Lines(strings.TrimSpace(table)) {
		cells := strings.Fields(line)
		op, slot, _ := strings.Cut(cells[0], ".")
		for i, p := range ad.Presets() {
			want := strings.ReplaceAll(cells[1+i], "_", " ")
			if r, ok := p.Rule(op, slot); ok {
				require.Equal(t, want, r.Choice.String(), "%s %s", p.Name, cells[0])
			} else {
				require.Equal(t, want, "-", "%s %s", p.Name, cells[0])
			}
		}
	}
}
