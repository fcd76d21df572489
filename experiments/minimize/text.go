package minimize

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// WriteText prints the report for reading, with a verdict on the point that was found, for which
// Clarke's set at it is computed. The error is that of writing, or that ctx has ended.
func (r *Report) WriteText(ctx context.Context, out io.Writer) error {
	v, err := r.verdict(ctx)
	if err != nil {
		return err
	}
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) {
		fmt.Fprintf(t, "%s\t%s\n", name, fmt.Sprintf(format, args...))
	}
	row("minimised", "%s", r.Name)
	row("value", "%v%s", jsonnum.Number(r.F), r.gapText())
	row("x", "%s", r.pointText())
	row("status", "%s", r.Status)
	row("", "%s", r.Message)
	if r.Polished != nil {
		row("polish", "%s", r.polishText())
		for _, k := range r.Polished.Active {
			row("", "%s = %.1e, τ = %.6g", k.Name, k.Switch, k.Multiplier)
		}
	}
	row("certificate", "%s", r.certificateText())
	row("at x", "%s%s", v.text(), r.besideText(v))
	if v.near != nil {
		row("near x", "at %s, %.2g from x: %s", list(v.near.x), v.near.away, v.near.text())
	}
	row("method", "%s; oracle calls %d, iterations %d", r.Method, r.Calls, r.Iterations)
	if err := t.Flush(); err != nil {
		return err
	}
	_, err = io.WriteString(out, b.String())
	return err
}

// gapText compares the value with the least one of a test problem.
func (r *Report) gapText() string {
	if r.Problem == nil {
		return ""
	}
	least := fmt.Sprintf("the least value %v", jsonnum.Number(r.Problem.Minimum))
	if !r.Problem.Global {
		least += " known"
	}
	switch gap := r.F - r.Problem.Minimum; {
	case gap > 0:
		return fmt.Sprintf(", above %s by %.2g", least, gap)
	case gap < 0:
		return fmt.Sprintf(", below %s by %.2g", least, -gap)
	}
	return ", which is the least value"
}

// shown is how many coordinates are printed.
const shown = 8

// pointText writes the first coordinates with their names.
func (r *Report) pointText() string {
	var parts []string
	for i, x := range r.X[:min(len(r.X), shown)] {
		parts = append(parts, fmt.Sprintf("%s = %v", r.Inputs[i], jsonnum.Number(x)))
	}
	if n := len(r.X); n > shown {
		parts = append(parts, fmt.Sprintf("… %d in all; --json prints them", n))
	}
	return strings.Join(parts, ", ")
}

// polishText says why the answer is not polished; the status has the rest.
func (r *Report) polishText() string {
	if !r.Polished.Identified {
		return "none: " + r.Polished.Reason
	}
	return "the active kinks are identified; τ is the slope of their |z| that makes the gradient 0"
}

func (r *Report) certificateText() string {
	c := r.Certificate
	switch {
	case !r.hasCertificate():
		return "none: the run ended before it had one"
	case r.Certified != nil:
		return "does not hold: " + r.Certified.Error()
	case c.Radius == 0:
		return fmt.Sprintf("%s at x itself, of norm %.3g; rechecked", gradients(len(c.Points)), c.Distance)
	}
	return fmt.Sprintf("%s within %.3g of x, of norm %.3g; rechecked", gradients(len(c.Points)), c.Radius, c.Distance)
}

func gradients(n int) string {
	if n == 1 {
		return "a gradient"
	}
	return fmt.Sprintf("a convex combination of %d gradients", n)
}

// list writes a vector, or the beginning of a long one.
func list(v []float64) string {
	var parts []string
	for _, x := range v[:min(len(v), shown)] {
		parts = append(parts, jsonnum.Number(x).String())
	}
	if len(v) > shown {
		parts = append(parts, "…")
	}
	return "(" + strings.Join(parts, ", ") + ")"
}
