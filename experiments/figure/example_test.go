package figure_test

import (
	"fmt"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/figure"
)

func ExampleFigure_WriteSVG() {
	k := []float64{1, 10, 100}
	f := figure.Figure{
		X: figure.Axis{Label: "step", Unit: "1", Log: true},
		Y: figure.Axis{Label: "distance to the minimum", Unit: "1", Log: true},
		Series: []figure.Series{
			{Name: "measured", X: k, Y: []float64{1, 0.11, 0.009}, Color: 1},
			{Name: "1/k", Style: figure.Predicted, X: k, Y: []float64{1, 0.1, 0.01}, Color: 1},
		},
	}
	var svg strings.Builder
	fmt.Println(f.WriteSVG(&svg), strings.Contains(svg.String(), "</svg>"))
	f.X.Unit = ""
	fmt.Println(f.WriteSVG(&svg))
	// Output:
	// <nil> true
	// figure: x axis: it needs a label and a unit ("1" for a pure number).
}
