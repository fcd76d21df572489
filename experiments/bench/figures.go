package bench

import (
	"fmt"
	"math"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/bench/own"
	"github.com/tamegrad/tamegrad/experiments/bench/workload"
	"github.com/tamegrad/tamegrad/experiments/figure"
)

// Squares draws the speed of products of squares; ok is false if none were measured.
func (r *Results) Squares() (f figure.Figure, ok bool) {
	f = figure.Figure{
		Title: "Products of square matrices", Caption: "One thread, medians over the rounds; bars go from the slowest round to the fastest.",
		X: figure.Axis{Label: "rows and columns", Unit: "1", Log: true}, Y: figure.Axis{Label: "speed", Unit: "GFLOP/s", Log: true},
	}
	for i, precision := range precisions {
		for k, runner := range []string{own.Executor, OpenBLAS} {
			s := figure.Series{Name: Title(runner) + ", " + precision.name, Color: 2*i + k + 1}
			for _, p := range workload.Products {
				row := r.Find(p.Name(precision.name), 1, runner)
				if row == nil || row.Median == 0 || p.M != p.N || p.M != p.K {
					continue
				}
				speed := func(s float64) float64 { return row.workload.Operations / s / 1e9 }
				s.X, s.Y = append(s.X, float64(p.M)), append(s.Y, speed(row.Median))
				s.Lower, s.Upper = append(s.Lower, speed(row.Most)), append(s.Upper, speed(row.Least))
			}
			if len(s.X) > 0 {
				f.Series = append(f.Series, s)
			}
		}
	}
	return f, len(f.Series) > 0
}

// Ratios draws how many times this toolkit's time the others take, workload by workload; ok is false if there are none.
func (r *Results) Ratios() (f figure.Figure, ok bool) {
	f = figure.Figure{
		Title: "Times of others, in multiples of ours",
		X:     figure.Axis{Label: "workload, by number in the caption", Unit: "1"}, Y: figure.Axis{Label: "ratio of times", Unit: "1", Log: true},
	}
	number, names := map[string]int{}, []string{}
	for _, row := range r.Rows {
		g := row.workload.Group
		if row.Threads != 1 || g == groupProducts || g == groupEntrywise || row.Runner == own.Executor || row.Ratio == 0 || row.Disagrees {
			continue
		}
		if _, seen := number[row.Workload]; !seen {
			number[row.Workload] = len(names) + 1
			names = append(names, fmt.Sprintf("%d %s", len(names)+1, row.Workload))
		}
		at := -1
		for i := range f.Series {
			if f.Series[i].Name == Title(row.Runner) {
				at = i
			}
		}
		if at < 0 {
			at = len(f.Series)
			f.Series = append(f.Series, figure.Series{Name: Title(row.Runner)})
		}
		s := &f.Series[at]
		s.X, s.Y = append(s.X, float64(number[row.Workload])), append(s.Y, row.Ratio)
	}
	f.Caption = "Above 1 the other is slower. " + strings.Join(names, ", ") + "."
	if n := float64(len(names)); n > 0 {
		f.Series = append(f.Series, figure.Series{Name: "as fast as tamegrad", Style: figure.Curve, X: []float64{1, math.Max(n, 2)}, Y: []float64{1, 1}})
	}
	return f, len(names) > 0
}
