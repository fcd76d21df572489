package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// explainVerb analyses one expression at one point or at many.
type explainVerb struct {
	Expr    string  `arg:"" hyphen:"" name:"EXPR" help:"The expression, @FILE, or - for standard input."`
	At      string  `name:"at" help:"The point: 'x=0,y=[1,2]'."`
	Points  string  `name:"points" help:"A file with a point a line, as {\"x\": 0, \"y\": [1, 2]}; one object is printed for each."`
	Along   string  `name:"along" help:"A direction '1,-1' for the directional derivative."`
	Support string  `name:"support" help:"A direction '1,0' for the support functions."`
	Preset  string  `name:"preset" default:"all" help:"Frameworks, by commas, or all."`
	Tol     float64 `name:"tol" help:"Count a kink as active within this distance of a tie; nothing is exact then."`
	Seed    uint64  `name:"seed" default:"1" help:"Seed of the directions in which limiting gradients are sought."`
	JSON    bool    `name:"json" help:"Print one JSON object for each point."`
}

// maxInput bounds what is read from a file or standard input as an expression.
const maxInput = parse.MaxSource + 1

// Run implements the verb.
func (v *explainVerb) Run(a *app) error {
	q, err := v.request()
	if err != nil {
		return err
	}
	if v.Points == "" {
		if q.At, err = explain.ParsePoint(v.At); err != nil {
			return fmt.Errorf("--at: %w", err)
		}
		return v.print(a, q)
	}
	if v.At != "" {
		return fmt.Errorf("--at and --points exclude each other; give one of them")
	}
	return v.eachPoint(a, q)
}

func (v *explainVerb) request() (q explain.Request, err error) {
	q.Tol, q.Seed = v.Tol, v.Seed
	if !(v.Tol >= 0) || v.Tol > 1e300 {
		return q, fmt.Errorf("--tol is %v; it must be a number of at least 0", v.Tol)
	}
	if q.Expression, err = readExpression(v.Expr); err != nil {
		return q, err
	}
	if q.Presets, err = presets(v.Preset); err != nil {
		return q, err
	}
	if v.Along != "" {
		if q.Along, err = explain.ParseVector(v.Along); err != nil {
			return q, fmt.Errorf("--along: %w", err)
		}
	}
	if v.Support != "" {
		if q.Support, err = explain.ParseVector(v.Support); err != nil {
			return q, fmt.Errorf("--support: %w", err)
		}
	}
	return q, nil
}

func readExpression(arg string) (string, error) {
	var text []byte
	var err error
	switch name, isFile := strings.CutPrefix(arg, "@"); {
	case arg == "-":
		text, err = io.ReadAll(io.LimitReader(os.Stdin, maxInput))
	case isFile:
		var f *os.File
		if f, err = os.Open(name); err == nil {
			defer f.Close()
			text, err = io.ReadAll(io.LimitReader(f, maxInput))
		}
	default:
		return arg, nil
	}
	if err != nil {
		return "", fmt.Errorf("expression: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

func presets(names string) ([]ad.Preset, error) {
	if names == "all" {
		return ad.Presets(), nil
	}
	var out []ad.Preset
	for name := range strings.SplitSeq(names, ",") {
		p, ok := ad.LookupPreset(strings.TrimSpace(name))
		if !ok {
			var known []string
			for _, p := range ad.Presets() {
				known = append(known, strings.ToLower(p.Name))
			}
			return nil, fmt.Errorf("--preset: there is no preset %q; there are all, %s", name, strings.Join(known, ", "))
		}
		out = append(out, p)
	}
	return out, nil
}

func (v *explainVerb) print(a *app, q explain.Request) error {
	report, err := explain.Analyze(context.Background(), q)
	if err != nil {
		return err
	}
	if !v.JSON && v.Points == "" {
		return report.WriteText(a.stdout)
	}
	line, err := jsonnum.Line(report)
	if err != nil {
		return err
	}
	_, err = a.stdout.Write(line)
	return err
}

// eachPoint prints one line of JSON for each line of the file.
func (v *explainVerb) eachPoint(a *app, q explain.Request) error {
	f, err := os.Open(v.Points)
	if err != nil {
		return fmt.Errorf("--points: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxLine)
	for number := 1; lines.Scan(); number++ {
		text := bytes.TrimSpace(lines.Bytes())
		if len(text) == 0 {
			continue
		}
		if q.At, err = pointOf(text); err == nil {
			err = v.print(a, q)
		}
		if err != nil {
			return fmt.Errorf("%s, line %d: %w", v.Points, number, err)
		}
	}
	return lines.Err()
}

// maxLine bounds one line of a file of points.
const maxLine = 16 << 20

// pointOf reads a JSON object of numbers and nested lists as a point. Numbers
// keep their decimal text, so they are exact.
func pointOf(text []byte) (explain.Point, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var values map[string]json.RawMessage
	if err := d.Decode(&values); err != nil {
		return nil, fmt.Errorf("it is not a JSON object of numbers and lists such as {\"x\": 0, \"y\": [1, 2]}: %w", err)
	}
	var parts []string
	for name, value := range values {
		parts = append(parts, name+"="+strings.ReplaceAll(string(value), `"`, ""))
	}
	return explain.ParsePoint(strings.Join(parts, ","))
}
