package clarke_test

import (
	"math/big"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

func runExactly(t require.TestingT, f *expr.Func, in [][]*big.Rat) [][]*big.Rat {
	p, err := exact.Compile(f)
	require.NoError(t, err)
	out, err := p.Run(in...)
	require.NoError(t, err)
	return out
}

// brute finds limiting gradients the long way: every product of extreme points
// of the slots of all active kinks is put into the program of tangents, and kept
// if the inequalities between tangents that belong to it have a solution.
type brute struct {
	t       require.TestingT
	f       *expr.Func
	open    *expr.Func // tangents of the outputs, then those of the keys
	keys    []expr.Node
	program *exact.Program
	kinks   []ad.Kink
	values  [][]*big.Rat // of the keys
	x       [][]*big.Rat
}

func newBrute(t require.TestingT, f *expr.Func, x clarke.Point) *brute {
	b := &brute{t: t, f: f, x: x.Exact()}
	for {
		part, err := f.Graph().Func(expr.In(f.In()...), expr.Out(append(f.Out(), b.keys...)...))
		require.NoError(t, err)
		open, err := ad.Forward(part)
		require.NoError(t, err)
		if b.open = open; len(open.Slots()) == len(b.keys) {
			break
		}
		b.keys = nil
		for _, n := range open.Slots() {
			s, _ := n.Slot()
			b.keys = append(b.keys, s.Keys()[0])
		}
	}
	var err error
	b.program, err = exact.Compile(b.open)
	require.NoError(t, err)
	finder, err := ad.NewFinder(b.open)
	require.NoError(t, err)
	b.kinks, err = finder.AtExact(append(b.x[:len(b.x):len(b.x)], b.tangents(-1)...)...)
	require.NoError(t, err)
	b.values = b.run(-1, nil)[len(f.Out()):][:len(b.keys)]
	return b
}

// run returns values, then tangents along entry j. Slots are 0 unless listed.
func (b *brute) run(j int, slots map[expr.Node][]*big.Rat) [][]*big.Rat {
	in := append(b.x[:len(b.x):len(b.x)], b.tangents(j)...)
	for _, n := range b.open.Slots() {
		v := slots[n]
		if v == nil {
			v = zeroes(n.Shape().Size())
		}
		in = append(in, v)
	}
	out, err := b.program.Run(in...)
	require.NoError(b.t, err)
	return out
}

// tangents returns the direction of entry j of the inputs to differentiate; 0 if
// there is none.
func (b *brute) tangents(j int) (out [][]*big.Rat) {
	for _, n := range b.f.Wrt() {
		d := zeroes(n.Shape().Size())
		if j >= 0 && j < len(d) {
			d[j].SetInt64(1)
		}
		j -= len(d)
		out = append(out, d)
	}
	return out
}

// choice is an extreme point of a block's slot set, and pairs of positions in
// the keys such that the first is to exceed the second: −1 stands for 0.
type choice struct {
	slot  []int
	pairs [][2]int
}

func (b *brute) choices(k *ad.Kink) (out []choice) {
	at := b.members(k)
	switch k.Slot.Kind {
	case expr.StepSlot:
		return []choice{{[]int{0}, [][2]int{{-1, at[0]}}}, {[]int{1}, [][2]int{{at[0], -1}}}}
	case expr.RankSlot:
		for order := range arrangements(len(at)) {
			// ranks from the largest; entries of one part stay in order
			upper, middle, lower := order[:k.Above], order[k.Above:k.Above+k.Count], order[k.Above+k.Count:]
			if !slices.IsSorted(upper) || !slices.IsSorted(middle) || !slices.IsSorted(lower) {
				continue
			}
			c := choice{slot: make([]int, len(at))}
			for _, i := range middle {
				c.slot[i] = 1
			}
			c.pairs = append(above(at, upper, middle), above(at, middle, lower)...)
			c.pairs = append(c.pairs, above(at, upper, lower)...)
			out = append(out, c)
		}
	default: // position p of the ascending order
		for order := range arrangements(len(at)) {
			c := choice{slot: make([]int, len(at)*len(at))}
			for p, i := range order {
				c.slot[p*len(at)+i] = 1
				c.pairs = append(c.pairs, above(at, []int{i}, order[:p])...)
			}
			out = append(out, c)
		}
	}
	return out
}

func above(at, hi, lo []int) (pairs [][2]int) {
	for _, i := range hi {
		for _, j := range lo {
			pairs = append(pairs, [2]int{at[i], at[j]})
		}
	}
	return pairs
}

// members returns the flat positions of the tied entries in the keys. The slot of
// a Permutation mixes entries that are sorted already, ties in order of index.
func (b *brute) members(k *ad.Kink) []int {
	if k.Slot.Kind != expr.PermutationSlot {
		return k.Entries
	}
	n := k.Slot.Keys()[0].Shape().Dim(-1)
	from := k.Entries[0] / (n * n) * n
	key := b.values[slices.Index(b.open.Slots(), k.Slot.Node)]
	order := make([]int, n)
	for i := range order {
		order[i] = from + i
	}
	slices.SortStableFunc(order, func(i, j int) int { return key[i].Cmp(key[j]) })
	return order[k.Entries[0]%n:][:k.Count]
}

// arrangements yields all orders of 0, …, m−1.
func arrangements(m int) func(yield func([]int) bool) {
	return func(yield func([]int) bool) {
		var place func(p []int) bool
		place = func(p []int) bool {
			if len(p) == m {
				return yield(slices.Clone(p))
			}
			for i := range m {
				if !slices.Contains(p, i) && !place(append(p[:len(p):len(p)], i)) {
					return false
				}
			}
			return true
		}
		place(nil)
	}
}

// selection is one product of extreme points.
type selection struct {
	jacobian []*big.Rat   // rows of the outputs, one after the other
	rows     [][]*big.Rat // ⟨row, d⟩ > 0 along directions that select it
}

// selections returns all products, unless they are more than most.
func (b *brute) selections(most int) (out []selection, ok bool) {
	all := make([][]choice, len(b.kinks))
	count := 1
	for i := range b.kinks {
		all[i] = b.choices(&b.kinks[i])
		if count *= len(all[i]); count > most {
			return nil, false
		}
	}
	for c := range count {
		picked := make([]choice, len(all))
		for i := range all {
			picked[i], c = all[i][c%len(all[i])], c/len(all[i])
		}
		out = append(out, b.selection(picked))
	}
	return out, true
}

func (b *brute) selection(picked []choice) (s selection) {
	slots := map[expr.Node][]*big.Rat{}
	for _, n := range b.open.Slots() {
		slots[n] = zeroes(n.Shape().Size())
	}
	for i, c := range picked {
		for e, v := range c.slot {
			slots[b.kinks[i].Slot.Node][b.kinks[i].Entries[e]] = big.NewRat(int64(v), 1)
		}
	}
	n, roots := 0, len(b.f.Out())+len(b.keys)
	for _, x := range b.f.Wrt() {
		n += x.Shape().Size()
	}
	columns := make([][][]*big.Rat, n)
	for j := range columns {
		columns[j] = b.run(j, slots)[roots:]
	}
	row := func(root, entry int) []*big.Rat {
		r := make([]*big.Rat, n)
		for j := range r {
			if r[j] = new(big.Rat); entry >= 0 {
				r[j].Set(columns[j][root][entry])
			}
		}
		return r
	}
	for i, y := range b.f.Out() {
		for e := range y.Shape().Size() {
			s.jacobian = append(s.jacobian, row(i, e)...)
		}
	}
	for i, c := range picked {
		root := len(b.f.Out()) + slices.Index(b.open.Slots(), b.kinks[i].Slot.Node)
		for _, p := range c.pairs {
			r := row(root, p[0])
			for j, v := range row(root, p[1]) {
				r[j].Sub(r[j], v)
			}
			if !isZero(r) { // equal rows tie wherever the choice is made
				s.rows = append(s.rows, r)
			}
		}
	}
	return s
}

func isZero(r []*big.Rat) bool {
	return !slices.ContainsFunc(r, func(x *big.Rat) bool { return x.Sign() != 0 })
}

// limiting returns the Jacobians of the selections that occur, each once.
func limiting(all []selection) (out [][]*big.Rat) {
	for _, s := range all {
		if solvable(s.rows) {
			out = append(out, s.jacobian)
		}
	}
	return distinct(out)
}

func distinct(points [][]*big.Rat) [][]*big.Rat {
	compare := func(a, b []*big.Rat) int {
		return slices.CompareFunc(a, b, func(x, y *big.Rat) int { return x.Cmp(y) })
	}
	points = slices.Clone(points)
	slices.SortFunc(points, compare)
	return slices.CompactFunc(points, func(a, b []*big.Rat) bool { return compare(a, b) == 0 })
}
