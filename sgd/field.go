package sgd

import (
	"context"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/expr"
)

// FieldMonitor computes the conservative field D_J(θ) of the mean loss over all rows: it
// tells whether parameters are critical for it, 0 ∈ conv D_J(θ), and which kinks they hit
// exactly. D_J belongs to the program, not to J: θ may be critical for D_J and not for ∂J
// (J. Bolte, E. Pauwels, "A mathematical model for automatic differentiation in machine
// learning", NeurIPS 2020).
//
// It holds all rows in one program, so that its memory grows with them. It is not safe
// for concurrent use.
type FieldMonitor struct {
	analyzer *conservative.Analyzer
	point    [][]float64 // by input
	params   []Param     // of the model; their values are in the point
}

// NewFieldMonitor prepares the field of a model on all rows of the data. The error is a
// *ConfigError, or one of the package conservative.
func NewFieldMonitor(model Model, data Data, options conservative.Options) (*FieldMonitor, error) {
	if model == nil || data.Rows < 1 {
		return nil, configError("Data", "a field needs a model and at least one row")
	}
	f, err := model(data.Rows)
	if err != nil {
		return nil, &ConfigError{"Model", "the loss cannot be built", err}
	}
	m := &FieldMonitor{point: make([][]float64, len(f.In()))}
	if m.analyzer, err = conservative.NewAnalyzer(f, options); err != nil {
		return nil, err
	}
	at := map[expr.Node]int{}
	for i, n := range f.In() {
		at[n], m.point[i] = i, make([]float64, n.Shape().Size())
	}
	for _, n := range f.Wrt() {
		in, _ := n.Input()
		m.params = append(m.params, Param{Name: in.Name, Shape: n.Shape().Dims(), Value: m.point[at[n]]})
		delete(at, n)
	}
	from := inputs{data: data}
	for _, n := range f.In() {
		i, isData := at[n]
		if !isData {
			continue
		}
		fed, err := from.feed(n, m.point[i], data.Rows)
		if err != nil {
			return nil, err
		}
		fed.load(0, allRows(data.Rows))
	}
	return m, from.checkUse(f)
}

// At returns the field at the values of parameters, such as those of [Trainer.Params]. The
// error is a *ConfigError if they are not those of the model, or one of the package
// conservative, such as that of a loss that is not certified locally Lipschitz.
func (m *FieldMonitor) At(ctx context.Context, params []Param) (*conservative.Field, error) {
	if err := setParams(m.params, params); err != nil {
		return nil, err
	}
	return m.analyzer.At(ctx, clarke.FloatPoint(m.point...))
}
