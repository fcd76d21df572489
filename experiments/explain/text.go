package explain

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// WriteText prints the report for reading.
func (r *Report) WriteText(out io.Writer) error {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) {
		fmt.Fprintf(t, "%s\t%s\n", name, fmt.Sprintf(format, args...))
	}
	row("expression", "%s", r.Expression)
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
	r.setTexts(row)
	if r.Directional != nil {
		row("f′(x; d)", "%s", r.show(r.Directional))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// setTexts prints the two sets and what was asked of them.
func (r *Report) setTexts(row func(name, format string, args ...any)) {
	if d := r.Conservative; d != nil {
		row("D, conservative", "%s", convText(d))
		row("", "0 ∈ D %s, 0 ∈ conv D %s, distance %s%v", d.ContainsZero, d.HullContainsZero, atMost(d.Complete || d.Distance == 0), jsonnum.Number(d.Distance))
	}
	if c := r.Clarke; c != nil {
		kind := "contains conv "
		if c.Exact {
			kind = "= conv "
		}
		if r.round() {
			kind = ""
		}
		row("∂f, Clarke", "%s%s", kind, setText(listed(c.Vertices, r.round()), "a set with a norm active at 0 need not be a polytope; ask with --support"))
		row("", "0 ∈ ∂f %s; %s", c.ContainsZero, c.Why)
	}
	for i, l := range r.Lexicographic {
		name := ""
		if i == 0 {
			name = "lexicographic"
		}
		row(name, "%s", r.show(&l))
	}
	if s := r.Support; s != nil && r.Clarke != nil {
		row("support", "along %s: conv D in [%s, %s], ∂f in [%s, %s]", r.show(&s.Direction),
			r.show(s.Conservative.Lower), r.show(s.Conservative.Upper), r.show(s.Clarke.Lower), r.show(s.Clarke.Upper))
	}
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
	parts := make([]string, len(s.Rows))
	for i := range s.Rows {
		parts[i] = vectorText(s.Rows[i])
	}
	text := strings.Join(parts, " ")
	if r.Clarke != nil {
		text += "  " + s.Verdict
	}
	if s.Invalid {
		text += " (outside the op's own set at a tie)"
	}
	return text
}

func atMost(exact bool) string {
	if exact {
		return ""
	}
	return "at most "
}

func convText(d *conservative.Field) string {
	if d.Vertices == nil {
		return "conv D is not listed: " + d.Why
	}
	return "conv " + setText(d.Vertices, "")
}

func setText(vertices []clarke.Vector, why string) string {
	if vertices == nil {
		return "not listed: " + why
	}
	parts := make([]string, len(vertices))
	for i, v := range vertices {
		parts[i] = vectorText(v)
	}
	return "{" + strings.Join(parts, ", ") + "}"
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
