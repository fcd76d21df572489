package explain

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// WriteText prints the report for reading.
func (r *Report) WriteText(out io.Writer) error {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) {
		fmt.Fprintf(t, "%s\t%s\n", name, fmt.Sprintf(format, args...))
	}
	row("expression", "%s", shortened(r.Expression, shownText))
	row("at", "%s", r.pointText())
	row("class", "%s, %s", r.Class.Kind, r.regularity())
	row("value", "%s", r.show(&r.Value))
	for _, k := range r.Kinks {
		row("kink", "%s at %v, switch %v, %s", k.Slot, k.Index, jsonnum.Number(k.Switch), pieces(k.Pieces))
	}
	for _, s := range r.Selections {
		row(s.Preset, "%s", r.selectionText(s))
	}
	if r.Refused != "" {
		row("refused", "%s", r.Refused)
	}
	if r.Note != "" {
		row("note", "%s", r.Note)
	}
	r.fieldText(row)
	r.clarkeText(row)
	r.directionTexts(row)
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// shownText bounds what is printed of an expression: that of a network has all weights.
const shownText = 2000

type rowWriter = func(name, format string, args ...any)

// fieldText prints what is known of D.
func (r *Report) fieldText(row rowWriter) {
	d := r.Conservative
	if d == nil {
		return
	}
	if d.Complete {
		row("D, conservative", "conv D = %s", r.convText(d.Vertices))
	} else {
		row("D, conservative", "the vertices of conv D are not listed: %s", d.Why)
	}
	row("", "0 ∈ D %s: %s", d.ContainsZero, d.ContainsZeroWhy)
	row("", "0 ∈ conv D %s, %s", d.HullContainsZero, r.distanceText(r.fieldNearest(), d.Distance))
}

// clarkeText prints what is known of ∂f.
func (r *Report) clarkeText(row rowWriter) {
	c := r.Clarke
	if c == nil {
		return
	}
	switch {
	case r.Tol > 0:
		row("∂f, Clarke", "about %s, nothing is proved: %s", r.convText(c.Vertices), c.Why)
	case c.Exact && c.Round:
		row("∂f, Clarke", "= conv D, exact: %s", c.Why)
	case c.Exact:
		row("∂f, Clarke", "= %s, exact: %s", r.convText(c.Vertices), c.Why)
	case c.Round:
		row("∂f, Clarke", "not known: %s; ask with --support", c.Why)
	default:
		row("∂f, Clarke", "⊃ %s, not proved equal: %s", r.convText(c.Vertices), c.Why)
	}
	row("", "0 ∈ ∂f %s, %s", c.ContainsZero, r.distanceText(r.clarkeNearest(), c.Distance))
	if len(r.Spurious) > 0 {
		row("spurious", "%s: vertices of conv D outside ∂f", r.listText(r.Spurious))
	}
	switch c.Minimality {
	case clarke.LocalMinimum:
		row("minimality", "a local minimum, proved cell by cell")
	case clarke.NotLocalMinimum:
		row("minimality", "not a local minimum: f decreases along %s", vectorText(c.Descent))
	}
}

// distanceText says how far a set is from 0.
func (r *Report) distanceText(n *nearest, most float64) string {
	switch {
	case n != nil && n.distance == 0:
		return "distance 0"
	case n != nil:
		return fmt.Sprintf("distance %v, at %s", jsonnum.Number(n.distance), r.derivativeText(n.point))
	}
	return fmt.Sprintf("distance at most %v", jsonnum.Number(most))
}

// directionTexts prints what is known along directions.
func (r *Report) directionTexts(row rowWriter) {
	if r.Lexicographic != nil {
		row("lexicographic", "%s", r.derivativeText(clarke.Concat(r.Lexicographic)))
	}
	if r.Along != nil && r.Along.Derivative != nil {
		row("f′(x; d)", "%s along %s", r.show(r.Along.Derivative), vectorText(r.Along.Direction))
	}
	if s := r.Support; s != nil && r.Clarke != nil {
		row("support", "of conv D %s, of ∂f %s, along %s", r.boundsText(s.Conservative), r.boundsText(s.Clarke), r.derivativeText(s.Direction))
	}
}

func (r *Report) boundsText(b Bounds) string {
	if b.Closed() {
		return r.show(b.Lower)
	}
	return fmt.Sprintf("in [%s, %s]", r.show(b.Lower), r.show(b.Upper))
}

// pieces counts the extreme choices of a kink; 0 stands for a ball.
func pieces(n int) string {
	if n == 0 {
		return "any vector of the unit ball"
	}
	return fmt.Sprintf("%d pieces", n)
}

func (r *Report) regularity() string {
	switch {
	case r.Class.Lipschitz:
		return "certified locally Lipschitz"
	case r.Class.Continuous:
		return "certified continuous, not certified Lipschitz"
	}
	return "not certified continuous"
}

func (r *Report) pointText() string {
	var parts []string
	for _, c := range r.At {
		v := clarke.Rational(c.Values)
		if len(c.Dims) == 0 {
			parts = append(parts, c.Name+" = "+entryText(v, 0))
			continue
		}
		parts = append(parts, c.Name+" = "+vectorText(v))
	}
	return strings.Join(parts, ", ")
}

func (r *Report) selectionText(s Selection) string {
	if s.Rows == nil {
		return "no answer: " + s.Why
	}
	text := r.derivativeText(clarke.Concat(s.Rows))
	if r.Clarke != nil {
		text += "  " + s.Verdict
	}
	if s.Invalid {
		text += " (outside the op's own set at a tie)"
	}
	return text
}

// derivativeText writes a gradient as (a, b, …), and a Jacobian as its rows.
func (r *Report) derivativeText(v clarke.Vector) string {
	rows := r.rowsOf(v)
	parts := make([]string, len(rows))
	for i := range rows {
		parts[i] = vectorText(rows[i])
	}
	if r.Scalar {
		return parts[0]
	}
	return "[" + strings.Join(parts, " ") + "]"
}

// listText writes the first vectors of a list.
func (r *Report) listText(list []clarke.Vector) string {
	const most = 16
	parts := make([]string, 0, most+1)
	for _, v := range list[:min(len(list), most)] {
		parts = append(parts, r.derivativeText(v))
	}
	if len(list) > most {
		parts = append(parts, fmt.Sprintf("… %d in all", len(list)))
	}
	return strings.Join(parts, ", ")
}

// convText writes a hull; that of a point is the point.
func (r *Report) convText(vertices []clarke.Vector) string {
	if len(vertices) == 1 {
		return "{" + r.listText(vertices) + "}"
	}
	return "conv {" + r.listText(vertices) + "}"
}

// show writes a scalar plainly and a vector in brackets.
func (r *Report) show(v *clarke.Vector) string {
	switch {
	case v == nil:
		return "unknown"
	case len(v.Float) == 1:
		return entryText(*v, 0)
	}
	return vectorText(*v)
}

// entryText writes one entry, exactly where it is rational.
func entryText(v clarke.Vector, i int) string {
	if v.Exact != nil {
		return v.Exact[i].RatString()
	}
	return jsonnum.Number(v.Float[i]).String()
}

// vectorText writes a vector as (a, b, …).
func vectorText(v clarke.Vector) string {
	parts := make([]string, len(v.Float))
	for i := range parts {
		parts[i] = entryText(v, i)
	}
	return "(" + strings.Join(parts, ", ") + ")"
}
