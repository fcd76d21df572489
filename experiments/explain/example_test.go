package explain_test

import (
	"context"
	"fmt"
	"os"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/explain"
)

// The function is x, so its gradient is 1; PyTorch returns 0.
func ExampleAnalyze() {
	at, err := explain.ParsePoint("x=0")
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := explain.Analyze(context.Background(), explain.Request{
		Expression: "relu(x) - relu(-x)", At: at, Presets: []ad.Preset{ad.PyTorch},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = report.WriteText(os.Stdout)
	// Output:
	// expression       relu(x) - relu(-x)
	// at               x = 0
	// class            piecewise affine, certified locally Lipschitz
	// value            0
	// kink             relu#1.s at [], switch 0, 2 pieces
	// kink             relu#3.s at [], switch 0, 2 pieces
	// pytorch          (0)  conservative
	// D, conservative  conv D = conv {(0), (2)}
	//                  0 ∈ D yes: 0 is in conv D and D is convex: no choice at a kink multiplies another
	//                  0 ∈ conv D yes, distance 0
	// ∂f, Clarke       = {(1)}, exact: all active switches are piecewise affine near the point, and all 2 cells were seen
	//                  0 ∈ ∂f no, distance 1, at (1)
	// spurious         (0), (2): vertices of conv D outside ∂f
	// minimality       not a local minimum: f decreases along (-1)
	// lexicographic    (1)
}

func ExampleParsePoint() {
	p, err := explain.ParsePoint("x = 0.1, w = [[1, 1/3], [-2, 1e-3]]")
	fmt.Println(err)
	for _, c := range p {
		fmt.Println(c.Name, c.Dims, c.Values)
	}
	_, err = explain.ParsePoint("x=0, y=one")
	fmt.Println(err)
	// Output:
	// <nil>
	// x [] [1/10]
	// w [2 2] [1/1 1/3 -2/1 1/1000]
	// column 8: expected a number, found "one"; write for example x=0,y=[1,1/2]
}

func ExampleParsePointJSON() {
	p, err := explain.ParsePointJSON([]byte(`{"y": [0.1, "1/3"], "x": -2}`))
	fmt.Println(p, err)
	_, err = explain.ParsePointJSON([]byte(`{"y": [1, [2]]}`))
	fmt.Println(err)
	// Output:
	// [{y [2] [1/10 1/3]} {x [] [-2/1]}] <nil>
	// column 13: the rows of a list differ in length; write for example {"x": 0, "y": [1, "1/2"]}
}

func ExampleParseVector() {
	d, err := explain.ParseVector("1, -1/2, 1e-2")
	fmt.Println(d, err)
	_, err = explain.ParseVector("1,,2")
	fmt.Println(err)
	// Output:
	// [1/1 -1/2 1/100] <nil>
	// column 3: expected a number, found ",2"; write for example 1,-1/2
}
