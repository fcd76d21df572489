package minimisation

import (
	"fmt"
	"slices"

	"github.com/tamegrad/tamegrad/experiments/figure"
)

func (s *survey) figures() error {
	deltas, epsilons := s.c.Floats("radii"), s.c.Floats("tolerances")
	if err := s.c.Figure(s.walker.name+"-steps", s.stepsFigure(slices.Min(epsilons))); err != nil {
		return err
	}
	return s.c.Figure(s.walker.name+"-calls", s.callsFigure(slices.Min(deltas)))
}

// line has the cells of a landscape where one coordinate is fixed.
func line(cells []cell, fixed axis, at float64) []cell {
	return slices.DeleteFunc(slices.Clone(cells), func(c cell) bool { return c.at(fixed) != at })
}

func series(name string, style figure.Style, cells []cell, x axis, y func(cell) float64, color int) figure.Series {
	out := figure.Series{Name: name, Style: style, Color: color}
	for _, c := range cells {
		out.X, out.Y = append(out.X, c.at(x)), append(out.Y, y(c))
	}
	return out
}

// stepsFigure draws rounds over the radius.
func (s *survey) stepsFigure(epsilon float64) figure.Figure {
	f := figure.Figure{
		Title:   fmt.Sprintf("Rounds of %s to tolerance %v", s.walker.name, epsilon),
		Caption: "The way to a stationary point is gone in steps of length δ, so rounds, steps + 1, grow like 1/δ where there is a way to go. Dashed: the fewest that are possible on the cone and the tail.",
		X:       figure.Axis{Label: "radius δ", Unit: "1", Log: true},
		Y:       figure.Axis{Label: "rounds", Unit: "1", Log: true},
	}
	for i, l := range s.lands {
		cells := line(s.cells[i], byTolerance, epsilon)
		f.Series = append(f.Series, series(l.name, figure.Measured, cells, byRadius, steps, 1+i))
		if l.rounds != nil {
			f.Series = append(f.Series, series("fewest on the "+l.name, figure.Predicted, cells, byRadius, func(c cell) float64 { return l.rounds(c.delta, c.epsilon) }, 1+i))
		}
	}
	return f
}

// callsFigure draws calls over the tolerance.
func (s *survey) callsFigure(delta float64) figure.Figure {
	f := figure.Figure{
		Title:   fmt.Sprintf("Calls of %s with radius %v", s.walker.name, delta),
		Caption: "Calls over the tolerance. Dashed: the predicted 2⌈1/ε²⌉ at the corner, the steepest of all; and twice the fewest rounds on the tail. The theorem allows ε⁻³.",
		X:       figure.Axis{Label: "tolerance ε", Unit: "1", Log: true},
		Y:       figure.Axis{Label: "calls", Unit: "1", Log: true},
	}
	for i, l := range s.lands {
		cells := line(s.cells[i], byRadius, delta)
		f.Series = append(f.Series, series(l.name, figure.Measured, cells, byTolerance, calls, 1+i))
		if l.name == tailName {
			f.Series = append(f.Series, series("twice the fewest rounds on the tail", figure.Predicted, cells, byTolerance, func(c cell) float64 { return 2 * l.rounds(c.delta, c.epsilon) }, 1+i))
		}
	}
	color := 1 + len(s.lands)
	f.Series = append(f.Series,
		series(cornerName, figure.Measured, s.corners, byTolerance, calls, color),
		series("2⌈1/ε²⌉", figure.Predicted, s.corners, byTolerance, func(c cell) float64 { return cornerCalls(c.epsilon) }, color))
	return f
}
