package ad

import (
	"math"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// measure sets the switch of a kink and the distance to it; raw holds the
// switching values before near ties were made exact.
func (d *Finder) measure(k *Kink, e finderEntry, raw []float64, x [][]float64) error {
	weights := switchWeights(k, raw)
	for j, w := range weights {
		k.Switch += w * raw[k.members[j]]
	}
	if k.Switch == 0 {
		return nil
	}
	slope, err := d.slope(k, e, weights, x)
	k.Distance = math.Abs(k.Switch) / slope
	return err
}

// switchWeights writes z as a combination of the raw entries of the members
// that has the gradient of z where z is not 0: the entry itself, the largest
// minus the smallest, or the entries over their norm.
func switchWeights(k *Kink, raw []float64) []float64 {
	weights := make([]float64, len(k.members))
	switch k.Slot.Kind {
	case expr.StepSlot:
		weights[0] = 1
	case expr.DirectionSlot:
		for j, i := range k.members {
			weights[j] = raw[i]
		}
		norm := max(kernel.Norm(weights), math.SmallestNonzeroFloat64)
		for j := range weights {
			weights[j] /= norm
		}
	default:
		lo, hi := 0, 0
		for j, i := range k.members {
			if raw[i] < raw[k.members[lo]] {
				lo = j
			}
			if raw[i] > raw[k.members[hi]] {
				hi = j
			}
		}
		weights[hi]++
		weights[lo]--
	}
	return weights
}

// slope returns the norm of the gradient of a combination of raw entries.
func (d *Finder) slope(k *Kink, e finderEntry, weights []float64, x [][]float64) (float64, error) {
	d.once.Do(func() { d.rows, d.rowsErr = d.compileRows() })
	if d.rowsErr != nil {
		return 0, d.rowsErr
	}
	w := d.rows.NewWorkspace()
	for i, v := range x {
		copy(w.In(i), v)
	}
	ct := w.In(len(x) + e.raw - d.entries[0].raw)
	for j, i := range k.members {
		ct[i] = weights[j]
	}
	if err := w.Run(); err != nil {
		return 0, err
	}
	var gradient []float64
	for i := range d.f.Wrt() {
		gradient = append(gradient, w.Out(len(d.entries)+i)...)
	}
	return kernel.Norm(gradient), nil
}

// compileRows compiles the raw switches with their adjoints, slots in the middle.
func (d *Finder) compileRows() (*vm.Program, error) {
	raw := d.keys.Out()[d.entries[0].raw:]
	z, err := d.f.Graph().Func(expr.In(d.f.In()...), expr.Out(raw...))
	if err != nil {
		return nil, err
	}
	open, err := Backward(z)
	if err != nil {
		return nil, err
	}
	closed, err := Wire(open, AtSlot(0.5))
	if err != nil {
		return nil, err
	}
	return vm.Compile(closed, vm.Options{})
}
