package differentiation

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
)

// drawDistances shows how far from ∂f the frameworks are, for the programs for
// which one of them is off. If there are none there is no figure.
func drawDistances(c *claim.Context, rows []*tableRow) error {
	off := slices.DeleteFunc(slices.Clone(rows), func(r *tableRow) bool {
		return !slices.ContainsFunc(r.answers, func(a answer) bool { return a.distance > rounding })
	})
	if len(off) == 0 {
		return nil
	}
	f := figure.Figure{
		Title: "What frameworks return, and Clarke's subdifferential",
		X:     figure.Axis{Label: "program", Unit: "1"},
		Y:     figure.Axis{Label: "distance from ∂f", Unit: "1"},
	}
	var programs []string
	for at, r := range off {
		programs = append(programs, fmt.Sprintf("(%d) %s", at+1, r.known.Expression))
	}
	f.Caption = fmt.Sprintf("Of %d programs those for which a framework returns no Clarke subgradient. Marks at 0 are Clarke subgradients; the others are in the conservative field only, "+
		"or, for frameworks that give every tied entry of a maximum the whole weight, in neither set. The programs are %s.", len(rows), strings.Join(programs, ", "))
	for i, a := range off[0].answers {
		f.Series = append(f.Series, distancesOf(off, i, a.preset))
	}
	f.Series = slices.DeleteFunc(f.Series, func(s figure.Series) bool { return len(s.X) == 0 })
	return c.Figure("distances", f)
}

// distancesOf are the marks of one framework, beside those of the others.
func distancesOf(rows []*tableRow, framework int, name string) figure.Series {
	s := figure.Series{Name: name, Style: figure.Measured, Color: framework + 1}
	for at, r := range rows {
		if d := r.answers[framework].distance; !math.IsNaN(d) {
			s.X, s.Y = append(s.X, besides(at, framework, len(r.answers))), append(s.Y, d)
		}
	}
	return s
}

// besides is where mark i of n stands that belongs to a program: around the
// program's number, so that marks of one height can be told apart.
func besides(program, i, n int) float64 {
	const apart = 0.12
	return float64(program+1) + float64(apart*(float64(i)-float64(n-1)/2))
}
