package figure

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)

// These many places along an axis are told apart: a line has four columns a point, and glyphs,
// which are five points wide, one place a point. What lies closer looks the same, and a page
// with a hundred thousand points is no use to anybody.
const (
	columns = 1440
	places  = 360
)

func cell(axis plot.Axis, x float64, cells float64) int { return int(math.Floor(axis.Norm(x) * cells)) }

// distinct leaves out points that lie on one drawn already.
func distinct(p *plot.Plot, points plotter.XYs) plotter.XYs {
	seen := map[[2]int]bool{}
	var out plotter.XYs
	for _, xy := range points {
		at := [2]int{cell(p.X, xy.X, places), cell(p.Y, xy.Y, places)}
		if !seen[at] {
			seen[at] = true
			out = append(out, xy)
		}
	}
	return out
}

// thin keeps, of consecutive points in one column of a line, the first, the lowest, the highest
// and the last in their order, so that the line covers the same places (the aggregation M4 of
// Jugel et al., VLDB 2014).
func thin(p *plot.Plot, points plotter.XYs) plotter.XYs {
	var out plotter.XYs
	for from := 0; from < len(points); {
		to := from + 1
		for to < len(points) && cell(p.X, points[to].X, columns) == cell(p.X, points[from].X, columns) {
			to++
		}
		out = append(out, extremes(points[from:to])...)
		from = to
	}
	return out
}

func extremes(points plotter.XYs) plotter.XYs {
	low, high, last := 0, 0, len(points)-1
	for i, xy := range points {
		if xy.Y < points[low].Y {
			low = i
		}
		if xy.Y > points[high].Y {
			high = i
		}
	}
	var out plotter.XYs
	for i, xy := range points {
		if i == 0 || i == low || i == high || i == last {
			out = append(out, xy)
		}
	}
	return out
}
