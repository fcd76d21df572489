package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/experiments/verify"
)

// verifyVerb rechecks what explain --json printed.
type verifyVerb struct {
	File string `arg:"" name:"FILE" help:"A file with one object or more, as explain --json prints them, or - for standard input."`
	JSON bool   `name:"json" help:"Print one JSON object for each."`
}

// Run implements the verb: exit code 1 if a check fails, 2 at an object that cannot
// be read, which ends the reading.
func (v *verifyVerb) Run(a *app) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal has its usual effect
	err := v.verify(ctx, a)
	if err != nil && ctx.Err() != nil {
		fmt.Fprintln(a.stderr, "experiments verify: interrupted; run the same command again")
		return errInterrupted
	}
	return err
}

func (v *verifyVerb) verify(ctx context.Context, a *app) error {
	in := a.stdin
	if v.File != "-" {
		f, err := os.Open(v.File)
		if err != nil {
			return fmt.Errorf("%w; give a file that can be read", err)
		}
		defer f.Close()
		in = f
	}
	objects, failed := verify.NewReader(in), 0
	for number := 1; ; number++ {
		o, err := objects.Next()
		if errors.Is(err, io.EOF) && number > 1 {
			break
		}
		if errors.Is(err, io.EOF) {
			err = errors.New("it is empty; give what explain --json prints")
		}
		var result *verify.Result
		if err == nil {
			result, err = verify.Recheck(ctx, o)
		}
		if err != nil {
			return fmt.Errorf("%s: object %d: %w", v.File, number, err)
		}
		if result.Count(verify.Fails) > 0 {
			failed++
		}
		if err := v.print(a.stdout, result); err != nil {
			return err
		}
	}
	if failed > 0 {
		return errCheckFailed
	}
	return nil
}

func (v *verifyVerb) print(out io.Writer, result *verify.Result) error {
	if !v.JSON {
		return result.WriteText(out)
	}
	checks := []any{}
	for _, c := range result.Checks {
		checks = append(checks, jsonnum.Object{"name": c.Name, "status": string(c.Status), "text": c.Text})
	}
	line, err := jsonnum.Line(jsonnum.Object{
		"expression": result.Expression, "checks": checks, "holds": result.Count(verify.Fails) == 0,
	})
	if err == nil {
		_, err = out.Write(line)
	}
	return err
}
