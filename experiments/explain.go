package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// explainVerb analyses one expression at one point or at many.
type explainVerb struct {
	Expr    string  `arg:"" optional:"" hyphen:"" name:"EXPR" help:"The expression, @FILE, or - for standard input. A file may also hold a program as JSON, as exporters write it. A vector-valued one gets Jacobians."`
	At      string  `name:"at" help:"The point: 'x=0,y=[1,2]'."`
	Points  string  `name:"points" placeholder:"FILE" help:"A file with a point a line, as {\"x\": 0, \"y\": [1, \"1/3\"]}, or - for standard input; one JSON object is printed for each. Lines that are no point are reported and passed over; the exit code is 2 then."`
	Along   string  `name:"along" help:"A direction '1,-1' for the directional derivative."`
	Support string  `name:"support" help:"A direction '1,0' for the support functions; of a vector-valued expression a number for each entry of the Jacobian, row by row."`
	Preset  string  `name:"preset" default:"all" help:"Frameworks, by commas, or all."`
	Tol     float64 `name:"tol" help:"Count a kink as active within this distance of a tie; nothing is exact then."`
	Seed    uint64  `name:"seed" default:"1" help:"Seed of random directions, which are drawn where a norm is active."`
	Figure  string  `name:"figure" placeholder:"FILE.svg" help:"Draw the sets and selections, for one or two coordinates; as PDF if the name ends in .pdf."`
	JSON    bool    `name:"json" help:"Print one JSON object for each point."`
	modelFlags
}

// maxInput bounds what is read from a file or standard input as an expression:
// one byte more than is allowed, so that the parser refuses it.
const maxInput = parse.MaxSource + 1

// Run implements the verb.
func (v *explainVerb) Run(a *app) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal has its usual effect
	err := v.explain(ctx, a)
	if err != nil && ctx.Err() != nil {
		fmt.Fprintln(a.stderr, "experiments explain: interrupted; run the same command again")
		return errInterrupted
	}
	return err
}

func (v *explainVerb) explain(ctx context.Context, a *app) error {
	q, err := v.request(a.stdin)
	if err != nil {
		return err
	}
	if v.Points != "" {
		return v.eachPoint(ctx, a, q)
	}
	if q.At, err = v.readPoint(v.At); err != nil {
		return located("--at", err)
	}
	report, err := explain.Analyze(ctx, q)
	if err != nil {
		return located("--at", err)
	}
	if v.Figure != "" {
		if err := report.WriteFigure(v.Figure); err != nil {
			return fmt.Errorf("--figure: %w", err)
		}
	}
	if v.JSON {
		return writeLine(a.stdout, report)
	}
	return report.WriteText(a.stdout)
}

// located puts the place before an error that is about the point.
func located(place string, err error) error {
	if isAboutPoint(err) {
		return fmt.Errorf("%s: %w", place, err)
	}
	return err
}

func isAboutPoint(err error) bool {
	var point *explain.PointError
	var syntax *explain.PointSyntaxError
	return errors.As(err, &point) || errors.As(err, &syntax)
}

func writeLine(out io.Writer, report *explain.Report) error {
	line, err := jsonnum.Line(report)
	if err == nil {
		_, err = out.Write(line)
	}
	return err
}

func (v *explainVerb) request(stdin io.Reader) (q explain.Request, err error) {
	q.Tol, q.Seed = v.Tol, v.Seed
	switch {
	case !(v.Tol >= 0) || math.IsInf(v.Tol, 0):
		return q, fmt.Errorf("--tol is %v; give a finite number of at least 0, such as 1e-9", v.Tol)
	case v.Points != "" && v.At != "":
		return q, fmt.Errorf("--at and --points exclude each other; give one of them")
	case v.Points != "" && v.Figure != "":
		return q, fmt.Errorf("--figure draws one point; give --at instead of --points")
	}
	if err = v.check(v.Expr); err != nil {
		return q, err
	}
	if v.Model != "" {
		q.Program, q.Title, err = v.program()
	} else {
		q.Expression, q.Program, err = readExpression(v.Expr, stdin)
	}
	if err != nil {
		return q, err
	}
	if q.Presets, err = presets(v.Preset); err != nil {
		return q, err
	}
	if q.Along, err = direction("--along", v.Along); err != nil {
		return q, err
	}
	q.Support, err = direction("--support", v.Support)
	return q, err
}

func direction(flag, text string) ([]*big.Rat, error) {
	if text == "" {
		return nil, nil
	}
	d, err := explain.ParseVector(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return d, nil
}

// readExpression returns an expression or, from a file that holds a JSON object, a
// program.
func readExpression(arg string, stdin io.Reader) (string, *expr.Func, error) {
	name, isFile := strings.CutPrefix(arg, "@")
	switch {
	case isFile:
		f, err := os.Open(name)
		if err != nil {
			return "", nil, fmt.Errorf("expression: %w; give a file that can be read after @", err)
		}
		defer f.Close()
		stdin = f
	case arg != "-":
		return arg, nil, nil
	}
	in := bufio.NewReader(stdin)
	head, _ := in.Peek(in.Size()) // an error comes back on reading
	if bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("{")) {
		program, err := expr.ReadJSON(in)
		return "", program, err
	}
	text, err := io.ReadAll(io.LimitReader(in, maxInput))
	if err != nil {
		return "", nil, fmt.Errorf("expression: %w; give a file that can be read", err)
	}
	return strings.TrimRight(string(text), " \t\r\n"), nil, nil
}

func presets(names string) ([]ad.Preset, error) {
	if names == "all" {
		return ad.Presets(), nil
	}
	var out []ad.Preset
	seen := map[string]bool{}
	for name := range strings.SplitSeq(names, ",") {
		p, ok := ad.LookupPreset(strings.TrimSpace(name))
		if !ok {
			var known []string
			for _, p := range ad.Presets() {
				known = append(known, strings.ToLower(p.Name))
			}
			return nil, fmt.Errorf("--preset: there is no preset %q; there are all, %s", name, strings.Join(known, ", "))
		}
		if !seen[p.Name] {
			out = append(out, p)
		}
		seen[p.Name] = true
	}
	return out, nil
}
