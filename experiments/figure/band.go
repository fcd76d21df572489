package figure

import (
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"
)

// bands returns the uncertainty of a series: error bars on points, a tint along lines.
func (f Figure) bands(s Series, l look, y span) []plot.Plotter {
	switch {
	case s.Lower == nil:
		return nil
	case s.Style == Measured:
		return f.bars(s, l.bar(), y)
	default:
		return f.tints(s, l.paint.tint(), y)
	}
}

// interval returns the ends at point i, an end beyond the axis (an infinity, or 0 on a
// logarithmic axis) moved to its edge; ok is false if there is nothing to draw,
// above all where the point itself is left out: the axes need not cover it.
func (f Figure) interval(s Series, i int, y span) (lo, hi float64, ok bool) {
	lo, hi = s.Lower[i], s.Upper[i]
	if !f.X.shows(s.X[i]) || !f.Y.shows(s.Y[i]) || math.IsNaN(lo) || math.IsNaN(hi) {
		return 0, 0, false
	}
	return min(max(lo, y.lo), y.hi), min(max(hi, y.lo), y.hi), true
}

func (f Figure) bars(s Series, style draw.LineStyle, y span) []plot.Plotter {
	var bars []plot.Plotter
	for i, x := range s.X {
		if lo, hi, ok := f.interval(s, i, y); ok {
			bars = append(bars, &plotter.Line{XYs: plotter.XYs{{X: x, Y: lo}, {X: x, Y: hi}}, LineStyle: style})
		}
	}
	return bars
}

// tints fills between the ends, cut where there is no interval.
func (f Figure) tints(s Series, tint paint, y span) []plot.Plotter {
	var tints []plot.Plotter
	var upper, lower plotter.XYs
	flush := func() {
		if len(upper) > 1 {
			slices.Reverse(lower)
			tints = append(tints, &plotter.Polygon{XYs: []plotter.XYs{append(upper, lower...)}, Color: tint})
		}
		upper, lower = nil, nil
	}
	for i, x := range s.X {
		lo, hi, ok := f.interval(s, i, y)
		if !ok {
			flush()
			continue
		}
		upper, lower = append(upper, plotter.XY{X: x, Y: hi}), append(lower, plotter.XY{X: x, Y: lo})
	}
	flush()
	return tints
}
