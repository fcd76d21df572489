package onnx

import (
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/expr"
)

// Options say how a model becomes a program. The zero value is valid.
type Options struct {
	// Batch stands for a first extent that the file leaves open; 0 means 1.
	Batch int
	// WithRespectTo names the inputs and initializers with respect to which the
	// program is differentiated. They become its parameters; other initializers become
	// constants, other inputs data. Nil means all initializers with real entries, but
	// for what no training changes: statistics of batch normalization, bounds of Clip
	// and the value of Pad; the model's inputs are variables then.
	WithRespectTo []string
}

// Program is a model as a program.
type Program struct {
	// Func has the model's inputs, then the parameters that are initializers, and the
	// model's outputs. They keep their names.
	Func *expr.Func
	// Parameters are the values of its inputs after those of the model.
	Parameters []*Tensor
}

// Build makes a program of a model, for which no operator may be unsupported. The
// error is an *Error.
func (m *Model) Build(o Options) (*Program, error) {
	b := &builder{model: m, options: o, g: expr.NewGraph(), values: map[string]*value{}, skipped: map[string]string{}}
	if err := b.checkNames(); err != nil {
		return nil, err
	}
	if err := b.inputs(); err != nil {
		return nil, err
	}
	if err := b.initializers(); err != nil {
		return nil, err
	}
	for i := range m.Nodes {
		if err := b.node(&m.Nodes[i]); err != nil {
			return nil, err
		}
	}
	return b.program()
}

// value is what a name stands for: a node of the program, or a constant that becomes
// one where it is used as real numbers.
type value struct {
	node   expr.Node
	tensor *Tensor // nil if the value depends on inputs or parameters
}

// builder makes one program.
type builder struct {
	model   *Model
	options Options
	g       *expr.Graph
	in      []expr.Node
	params  []*Tensor
	values  map[string]*value
	skipped map[string]string // further outputs of operators, which are not computed
	entries int               // of the results so far
}

// checkNames refuses names that nothing in the model has.
func (b *builder) checkNames() error {
	for _, name := range b.options.WithRespectTo {
		isInput := slices.ContainsFunc(b.model.Inputs, func(v Value) bool { return v.Name == name })
		isTensor := slices.ContainsFunc(b.model.Initializers, func(t *Tensor) bool { return t.Name == name && t.Type.isFloat() })
		if !isInput && !isTensor {
			return mistake("there is no input or parameter %s; there are %s", shortName(name), strings.Join(b.model.names(), ", "))
		}
	}
	return nil
}

// names lists what can be differentiated by, at most a few.
func (m *Model) names() []string {
	const most = 12
	var out []string
	for _, v := range m.Inputs {
		out = append(out, shortText(v.Name))
	}
	for _, t := range m.Initializers {
		if t.Type.isFloat() {
			out = append(out, shortText(t.Name))
		}
	}
	if len(out) > most {
		out = append(out[:most], "…")
	}
	return out
}

// inputs adds the model's inputs to the program.
func (b *builder) inputs() error {
	for _, v := range b.model.Inputs {
		dims, err := b.extents(v)
		if err != nil {
			return err
		}
		var n expr.Node
		switch list := b.options.WithRespectTo; {
		case list == nil:
			n = b.g.Input(v.Name, dims...)
		case slices.Contains(list, v.Name):
			n = b.g.Param(v.Name, dims...)
		default:
			n = b.g.Data(v.Name, dims...)
		}
		if b.g.Err() != nil {
			return mistake("input %s has extents %v; programs take at most %d axes, each of at least 1", shortName(v.Name), dims, expr.MaxRank)
		}
		b.in, b.values[v.Name] = append(b.in, n), &value{node: n}
	}
	return nil
}

// extents returns the shape of an input.
func (b *builder) extents(v Value) ([]int, error) {
	switch {
	case !v.Ranked:
		return nil, mistake("input %s has no shape; export the model with one", shortName(v.Name))
	case v.Type != 0 && !v.Type.isFloat():
		return nil, mistake("input %s has entries of type %v; only float and double inputs can be differentiated, so give the model real inputs", shortName(v.Name), v.Type)
	}
	dims := slices.Clone(v.Dims)
	for i, d := range dims {
		switch {
		case d >= 0:
		case i == 0:
			dims[i] = max(b.options.Batch, 1)
		default:
			return nil, mistake("input %s leaves the extent of axis %d open (%s); export the model with fixed extents, only the first may be open",
				shortName(v.Name), i, shortName(v.Symbols[i]))
		}
	}
	return dims, nil
}

// initializers adds parameters, and keeps the rest as constants.
func (b *builder) initializers() error {
	settings := b.model.settings()
	for _, t := range b.model.Initializers {
		list := b.options.WithRespectTo
		isParam := list == nil && !settings[t.Name] || slices.Contains(list, t.Name)
		if !isParam || !t.Type.isFloat() || t.Size() == 0 {
			b.values[t.Name] = &value{tensor: t}
			continue
		}
		n := b.g.Param(t.Name, t.Dims...)
		if b.g.Err() != nil {
			return mistake("initializer %s has extents %v; programs take at most %d axes", shortName(t.Name), t.Dims, expr.MaxRank)
		}
		if i := slices.IndexFunc(t.Floats, isNotFinite); i >= 0 {
			return mistake("entry %d of initializer %s is %v; train the model to finite weights", i, shortName(t.Name), t.Floats[i])
		}
		b.in, b.params = append(b.in, n), append(b.params, t)
		b.values[t.Name] = &value{node: n}
	}
	return nil
}

func isNotFinite(x float64) bool { return x-x != 0 }

// settings returns the names of inputs that no training changes: means and variances of
// batch normalization, bounds of clipping and what padding pads with.
func (m *Model) settings() map[string]bool {
	places := map[string][]int{"BatchNormalization": {3, 4}, "Clip": {1, 2}, "Pad": {2}}
	out := map[string]bool{}
	for _, n := range m.Nodes {
		for _, i := range places[n.Op] {
			if i < len(n.Inputs) {
				out[n.Inputs[i]] = true
			}
		}
	}
	return out
}

// program collects the outputs.
func (b *builder) program() (*Program, error) {
	if len(b.model.Outputs) == 0 {
		return nil, mistake("the graph has no outputs; export the model with its result as output")
	}
	var out []expr.Node
	for _, o := range b.model.Outputs {
		v, ok := b.values[o.Name]
		if !ok {
			return nil, mistake("output %s is not computed by any node; write the file again", shortName(o.Name))
		}
		n, err := b.real(v)
		if err != nil {
			return nil, mistake("output %s %v; export a model with real outputs", shortName(o.Name), err)
		}
		out = append(out, n)
	}
	f, err := b.g.Func(expr.In(b.in...), expr.Out(out...))
	if err != nil {
		return nil, mistake("%v", err)
	}
	return &Program{f, b.params}, nil
}
