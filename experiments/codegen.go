package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/ad/codegen"
	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// codegenVerb writes a program or its gradient as a Go file.
type codegenVerb struct {
	Expr     string `arg:"" hyphen:"" name:"EXPR" help:"The expression, @FILE, or - for standard input. A file may also hold a program as JSON, whose inputs have shapes."`
	Out      string `name:"out" short:"o" placeholder:"FILE.go" help:"The file to write; standard output by default."`
	Package  string `name:"package" default:"generated" help:"The package of the file."`
	Func     string `name:"func" placeholder:"NAME" help:"The name of the function: Value or Gradient by default."`
	Gradient string `name:"gradient" placeholder:"PRESET" help:"Write the value and the gradient that this framework returns."`
}

// Run implements the verb.
func (v *codegenVerb) Run(a *app) error {
	text, f, err := readExpression(v.Expr, a.stdin)
	if err == nil && f == nil {
		f, err = parse.Parse(text)
	}
	if err != nil {
		return err
	}
	o := codegen.Options{Package: v.Package, Func: v.Func, Program: text}
	if o.Func == "" {
		o.Func = "Value"
	}
	if v.Gradient != "" {
		if f, err = v.gradient(f, &o); err != nil {
			return err
		}
	}
	var out bytes.Buffer
	if err := codegen.Write(&out, f, o); err != nil {
		return err
	}
	if v.Out == "" {
		_, err = a.stdout.Write(out.Bytes())
		return err
	}
	if err := explain.PutInPlace(v.Out, out.Bytes()); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	return nil
}

// gradient is the program of the value and the gradient by a preset.
func (v *codegenVerb) gradient(f *expr.Func, o *codegen.Options) (*expr.Func, error) {
	preset, ok := ad.LookupPreset(v.Gradient)
	if !ok {
		var known []string
		for _, p := range ad.Presets() {
			known = append(known, strings.ToLower(p.Name))
		}
		return nil, fmt.Errorf("--gradient: there is no preset %q; there are %s", v.Gradient, strings.Join(known, ", "))
	}
	if v.Func == "" {
		o.Func = "Gradient"
	}
	o.Preset = preset.Name
	d, err := ad.Gradient(f)
	if err != nil {
		return nil, fmt.Errorf("--gradient: %w", err)
	}
	if d, err = ad.Wire(d, preset.Wiring()); err != nil {
		return nil, fmt.Errorf("--gradient: %w", err)
	}
	return d, nil
}
