package optest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

func TestLawsOfEveryOp(t *testing.T) {
	for _, op := range expr.Ops() {
		t.Run(op.Name, func(t *testing.T) {
			t.Parallel()
			optest.Run(t, op)
		})
	}
}

func TestProgramsContainEveryOp(t *testing.T) {
	drawn := map[string]bool{}
	programs := optest.Programs(optest.Config{Jumps: true, Vector: true, Steps: 20, Exactly: true})
	for seed := range 1000 {
		for _, n := range programs.Example(seed).Func.Nodes() {
			drawn[n.Op().Name] = true
		}
	}
	for _, op := range expr.Ops() {
		if op.MinArgs > 0 {
			require.True(t, drawn[op.Name], "no program has the op %s; give it a move", op.Name)
		}
	}
}

// About half of the slots of random programs are active, and there are
// programs of each kind the laws are about.
func TestProgramsLandOnKinks(t *testing.T) {
	programs := optest.Programs(optest.Config{Class: expr.PiecewiseAffine})
	slots, active, shared, twice := 0, 0, 0, 0
	for seed := range 500 {
		p := programs.Example(seed)
		uses, seen := map[expr.Node]int{}, map[string]bool{}
		for _, n := range p.Func.Nodes() {
			line := n.Op().Name
			for _, a := range n.Args() {
				uses[a]++
				line += " " + a.String()
			}
			if len(n.Args()) > 0 && n.Op().Nonsmooth() && seen[line] {
				twice++
			}
			seen[line] = true
		}
		for n, count := range uses {
			if _, isConst := n.IsConst(); count > 1 && !isConst {
				shared++
			}
		}
		g, err := ad.Gradient(p.Func)
		require.NoError(t, err)
		at := p.At
		for _, s := range g.Slots() {
			at = append(at, make([]float64, s.Shape().Size()))
		}
		value, _ := optest.Floats(g, at...)
		for _, n := range g.Slots() {
			s, _ := n.Slot()
			slots++
			if isTied(s, value[s.Keys()[0]]) {
				active++
			}
		}
	}
	require.Greater(t, slots, 1000)
	require.InDelta(t, 0.5, float64(active)/float64(slots), 0.2)
	require.Greater(t, shared, 200, "shared subexpressions")
	require.Greater(t, twice, 10, "duplicate occurrences of kinks")
}

func isTied(s *expr.Slot, key []float64) bool {
	n := s.Keys()[0].Shape()
	for i, v := range key {
		if s.Kind == expr.StepSlot && v == 0 {
			return true
		}
		for j := 0; s.Kind != expr.StepSlot && j < i; j++ {
			if i/n.Dim(-1) == j/n.Dim(-1) && v == key[j] {
				return true
			}
		}
	}
	return false
}
