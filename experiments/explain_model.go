package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/experiments/onnx"
	"github.com/tamegrad/tamegrad/expr"
)

// modelFlags name a network in a file, in place of an expression, and the number that
// is taken of its output.
type modelFlags struct {
	Model         string  `name:"model" placeholder:"FILE.onnx" help:"A trained network in place of EXPR. Its point may be in a file: --at FILE.json or FILE.npy."`
	Output        *int    `name:"output" placeholder:"K" help:"With --model: entry K of its output, from 0; without it and --label the whole output."`
	Label         *int    `name:"label" placeholder:"K" help:"With --model: the loss at the true label K, from 0."`
	Loss          string  `name:"loss" placeholder:"NAME" help:"With --model: cross-entropy (of logits, the default with --label), or squared, the mean of squared differences from --target or from the one-hot vector of --label."`
	Target        string  `name:"target" placeholder:"NUMBERS" help:"With --model and --loss squared: the target '1,0.5'."`
	WithRespectTo string  `name:"with-respect-to" placeholder:"NAME,…" help:"With --model: the inputs and parameters that are coordinates; by default the inputs."`
	network       network `kong:"-"`
}

// check refuses flags that say something about a model without one.
func (m *modelFlags) check(expression string) error {
	switch {
	case m.Model == "" && (m.Output != nil || m.Label != nil || m.Loss != "" || m.Target != "" || m.WithRespectTo != ""):
		return fmt.Errorf("--output, --label, --loss, --target and --with-respect-to are about a model; give --model FILE.onnx with them")
	case m.Model != "" && expression != "":
		return fmt.Errorf("EXPR and --model exclude each other; give one of them")
	case m.Output != nil && (m.Label != nil || m.Loss != "" || m.Target != ""):
		return fmt.Errorf("--output is without a loss; leave out --label, --loss and --target, or --output")
	}
	return nil
}

// program reads the model. The text names the number of its output that is taken.
func (m *modelFlags) program() (_ *expr.Func, title string, err error) {
	file, err := os.Open(m.Model)
	if err != nil {
		return nil, "", fmt.Errorf("--model: %w; give a file that can be read", err)
	}
	defer file.Close()
	model, err := onnx.Read(file)
	if err != nil {
		return nil, "", fmt.Errorf("--model: %w", err)
	}
	p, err := model.Build(onnx.Options{WithRespectTo: m.coordinates(model)})
	if err != nil {
		return nil, "", fmt.Errorf("--model: %w", err)
	}
	f, title, err := m.number(p)
	if err != nil {
		return nil, "", err
	}
	m.network = newNetwork(f, p.Parameters)
	return f, title + " of " + filepath.Base(m.Model), nil
}

// coordinates are the model's inputs by default.
func (m *modelFlags) coordinates(model *onnx.Model) []string {
	var names []string
	if m.WithRespectTo == "" {
		for _, v := range model.Inputs {
			names = append(names, v.Name)
		}
		return names
	}
	for name := range strings.SplitSeq(m.WithRespectTo, ",") {
		names = append(names, strings.TrimSpace(name))
	}
	return names
}

// number returns the program of what is taken of the output.
func (m *modelFlags) number(p *onnx.Program) (f *expr.Func, title string, err error) {
	flag := "--label"
	switch {
	case m.Output != nil:
		flag, title = "--output", fmt.Sprintf("output %d", *m.Output)
		f, err = p.Component(*m.Output)
	case m.Loss == "squared":
		flag, title = "--loss", "squared loss"
		f, err = m.squared(p)
	case m.Loss != "" && m.Loss != "cross-entropy":
		return nil, "", fmt.Errorf("--loss: there is no loss %q; there are cross-entropy and squared", m.Loss)
	case m.Target != "":
		return nil, "", fmt.Errorf("--target is for --loss squared; give --label for the cross-entropy")
	case m.Label != nil:
		title = fmt.Sprintf("cross-entropy at label %d", *m.Label)
		f, err = p.CrossEntropy(*m.Label)
	case m.Loss != "":
		return nil, "", fmt.Errorf("--loss: the cross-entropy needs a label; give --label K")
	default:
		return p.Func, "output", nil
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", flag, err)
	}
	return f, title, err
}

func (m *modelFlags) squared(p *onnx.Program) (*expr.Func, error) {
	n := p.Func.Out()[0].Shape().Size()
	switch {
	case (m.Target == "") == (m.Label == nil):
		return nil, fmt.Errorf("the squared loss needs a target; give either --target or --label")
	case m.Label != nil && (*m.Label < 0 || *m.Label >= n):
		return nil, fmt.Errorf("there is no label %d; the model has labels 0 to %d", *m.Label, n-1)
	case m.Label != nil:
		return p.Squared(onnx.OneHot(*m.Label, n))
	}
	target, err := explain.ParseVector(m.Target)
	if err != nil {
		return nil, fmt.Errorf("--target: %w", err)
	}
	numbers := make([]float64, len(target))
	for i, v := range target {
		numbers[i], _ = v.Float64()
	}
	return p.Squared(numbers)
}
