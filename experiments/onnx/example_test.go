package onnx_test

import (
	"fmt"
	"os"

	"github.com/tamegrad/tamegrad/experiments/onnx"
)

// A network becomes a program whose parameters are its weights, and a loss of it is one
// too.
func Example() {
	file, err := os.Open("testdata/golden/mlp_13.onnx")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer file.Close()
	model, err := onnx.Read(file)
	if err != nil {
		fmt.Println(err)
		return
	}
	program, err := model.Build(onnx.Options{WithRespectTo: []string{"0.weight", "7.bias"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	loss, err := program.CrossEntropy(2)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, n := range loss.In() {
		fmt.Println(n, n.Shape())
	}
	fmt.Println("loss", loss.Out()[0].Shape())
	// Output:
	// x [1,4]
	// 0.weight [8,4]
	// 7.bias [3]
	// loss []
}
