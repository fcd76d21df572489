package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/tamegrad/tamegrad/clarke/descent"
	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/experiments/minimize"
	"github.com/tamegrad/tamegrad/experiments/problem"
)

// minimizeVerb minimises an expression or a test problem.
type minimizeVerb struct {
	Expr   string `arg:"" hyphen:"" name:"EXPR" help:"The expression, @PROBLEM for a test problem by name, such as @maxq, or - for standard input, which may also be a program as JSON."`
	N      int    `name:"n" placeholder:"N" help:"The number of variables of a test problem that has any."`
	From   string `name:"from" help:"The start: 'x=0,y=[1,2]'. Test problems have a standard one."`
	Method string `name:"method" default:"auto" help:"How: ${methods}."`
	Seed   uint64 `name:"seed" default:"1" help:"Seed of the points that methods draw."`
	Calls  int    `name:"calls" placeholder:"N" help:"Stop after this many evaluations of the function with its gradient; 100,000 by default."`
	Polish bool   `name:"polish" help:"Refine the answer by Newton's method on the manifold of its active kinks."`
	JSON   bool   `name:"json" help:"Print one JSON object."`
}

// Run implements the verb: exit code 1 if the certificate does not hold. A run that found no
// minimiser is an answer, whose status says so; one that a signal ends is printed as well.
func (v *minimizeVerb) Run(a *app) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal has its usual effect
	q, err := v.request(a)
	if err != nil {
		return err
	}
	report, err := minimize.Minimize(ctx, q)
	if err != nil {
		return v.located(err)
	}
	if err := v.print(ctx, a, report); err != nil {
		return err
	}
	switch {
	case report.Status == descent.Interrupted:
		fmt.Fprintln(a.stderr, "experiments minimize: interrupted; run the same command again")
		return errInterrupted
	case report.Certified != nil:
		a.report("experiments minimize", fmt.Errorf("the certificate does not hold: %w", report.Certified))
		return errCheckFailed
	}
	return nil
}

func (v *minimizeVerb) request(a *app) (q minimize.Request, err error) {
	q.Method, q.Seed, q.Limits.Calls, q.Polish = v.Method, v.Seed, v.Calls, v.Polish
	if v.Calls < 0 {
		return q, fmt.Errorf("--calls is %d; give a number of evaluations, or leave it out", v.Calls)
	}
	if v.From != "" {
		if q.From, err = explain.ParsePoint(v.From); err != nil {
			return q, v.located(err)
		}
	}
	if name, ok := strings.CutPrefix(v.Expr, "@"); ok {
		q.Problem, err = v.problem(name)
		return q, err
	}
	if v.N != 0 {
		return q, fmt.Errorf("--n is for test problems such as @f3; leave it out, since --from says what the expression reads")
	}
	q.Expression, q.Program, err = readExpression(v.Expr, a.stdin)
	return q, err
}

func (v *minimizeVerb) problem(name string) (*problem.Problem, error) {
	p, err := problem.Lookup(name)
	if err == nil && v.N != 0 {
		if p, err = p.Of(v.N); err != nil {
			err = fmt.Errorf("--n: %w", err)
		}
	}
	return &p, err
}

// located puts the flag before an error that is about its value.
func (v *minimizeVerb) located(err error) error {
	var method *minimize.MethodError
	var input *descent.InputError
	switch {
	case isAboutPoint(err):
		return fmt.Errorf("--from: %w", err)
	case errors.As(err, &method):
		return fmt.Errorf("--method: %w", err)
	case errors.As(err, &input) && input.Place == "start":
		return fmt.Errorf("--from: %s", input.Reason)
	}
	return err
}

func (v *minimizeVerb) print(ctx context.Context, a *app, report *minimize.Report) error {
	if !v.JSON {
		return report.WriteText(ctx, a.stdout)
	}
	line, err := jsonnum.Line(report)
	if err == nil {
		_, err = a.stdout.Write(line)
	}
	return err
}
