package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/tamegrad/tamegrad/experiments/bench/growth"
	"github.com/tamegrad/tamegrad/experiments/explain"
)

// growthVerb measures how costs grow.
type growthVerb struct {
	Laws    []string `arg:"" optional:"" name:"law" help:"Names, or what names begin with: gradient, cells-count. All by default."`
	List    bool     `help:"List the laws and end."`
	Full    bool     `help:"Take the larger sizes and more rounds of the full profile."`
	CSV     string   `name:"csv" placeholder:"FILE" help:"Also write every point as CSV."`
	Figures string   `placeholder:"DIR" help:"Also draw a figure of each law into a folder."`
	JSON    bool     `name:"json" help:"Print a list with an object for each law."`
}

// Run implements the verb: exit code 1 if a count is not what its formula says. Times and memory only inform.
func (v *growthVerb) Run(a *app) error {
	laws, err := v.laws()
	if err != nil {
		return err
	}
	if v.List {
		var rows [][]string
		for _, l := range laws {
			rows = append(rows, []string{l.Name, l.Formula, l.Sentence})
		}
		return a.table([]string{"law", "predicted", "sentence"}, rows)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal has its usual effect
	curves := []growth.Curve{}
	for i, l := range laws {
		a.growthProgress(i, len(laws), l.Name)
		c, err := growth.Measure(ctx, l, growth.Options{Full: v.Full})
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return err
		}
		curves = append(curves, c)
	}
	if err := v.write(a, curves); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(a.stderr, "experiments bench growth: interrupted; the results are those until then")
		return errInterrupted
	case slices.ContainsFunc(curves, isInexact):
		return errCheckFailed
	}
	return nil
}

func isInexact(c growth.Curve) bool {
	return slices.ContainsFunc(c.Fits, func(f growth.Fit) bool { return f.Verdict == growth.Inexact })
}

// laws are those whose names begin with what the user gave.
func (v *growthVerb) laws() ([]growth.Law, error) {
	all := growth.Laws()
	if len(v.Laws) == 0 {
		return all, nil
	}
	var out []growth.Law
	used := make([]bool, len(v.Laws))
	for _, l := range all {
		for i, name := range v.Laws {
			if strings.HasPrefix(l.Name, name) {
				used[i] = true
				if len(out) == 0 || out[len(out)-1].Name != l.Name {
					out = append(out, l)
				}
			}
		}
	}
	if i := slices.Index(used, false); i >= 0 {
		return nil, fmt.Errorf("there is no law %q; experiments bench growth --list shows their names", v.Laws[i])
	}
	return out, nil
}

func (v *growthVerb) write(a *app, curves []growth.Curve) error {
	if v.CSV != "" {
		var out bytes.Buffer
		if err := growth.WriteCSV(&out, curves); err != nil {
			return err
		}
		if err := explain.PutInPlace(v.CSV, out.Bytes()); err != nil {
			return err
		}
	}
	if v.Figures != "" {
		if err := v.draw(curves); err != nil {
			return fmt.Errorf("--figures: %w", err)
		}
	}
	if v.JSON {
		return a.printJSON(curves)
	}
	t := growth.Table(curves)
	var rows [][]string
	for _, row := range t.Rows {
		var cells []string
		for _, c := range row {
			cells = append(cells, c.Text)
		}
		rows = append(rows, cells)
	}
	return a.table(t.Columns, rows)
}

func (v *growthVerb) draw(curves []growth.Curve) error {
	if err := os.MkdirAll(v.Figures, 0o755); err != nil {
		return err
	}
	for _, c := range curves {
		if err := drawInto(v.Figures, c.Law.Name, c.Figure()); err != nil {
			return err
		}
	}
	return nil
}

// growthProgress shows the law in flight on a terminal, and elsewhere a line.
func (a *app) growthProgress(i, total int, name string) {
	if isTerminal(a.stderr) {
		fmt.Fprintf(a.stderr, "%s[%d/%d] %s …", clearLine, i+1, total, name)
		if i+1 == total {
			fmt.Fprint(a.stderr, clearLine)
		}
		return
	}
	fmt.Fprintf(a.stderr, "[%d/%d] %s\n", i+1, total, name)
}
