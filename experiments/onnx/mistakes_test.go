package onnx_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/onnx"
)

var x = []string{"x"}

// mistakes are files that are damaged or not supported, with what is said about them.
var mistakes = []struct {
	name string
	data []byte
	want string
}{
	{"empty", nil, "onnx: the file is empty; export the model again"},
	{"text", []byte("not a model"), "onnx: the model is cut off or damaged; the file is not a complete ONNX model, write it again"},
	{"cut off", file(node("Relu", x))[:40], "onnx: the model is cut off or damaged; the file is not a complete ONNX model, write it again"},
	{"no graph", integer(1, 7), "onnx: the file holds no graph; give a file written by an ONNX exporter"},
	{"wire type", integer(7, 7), "onnx: the model: field 7 has wire type 0, not 2; the file is not an ONNX model, or damaged"},
	{"no opset", blob(7, node("Relu", x)), "onnx: the model does not say which operator set it uses; export it again with opset_version=13"},
	{"old", fileOf(6, node("Relu", x)), "onnx: operator set 6 is not read; export the model with opset_version from 7 to 22"},
	{"new", fileOf(99, node("Relu", x)), "onnx: operator set 99 is not read; export the model with opset_version from 7 to 22"},
	{"functions", message(file(), blob(25, nil)), "onnx: the model defines functions of its own; export it without them, in PyTorch without export_modules_as_functions"},
	{"extents", file(blob(5, floats("w", []int64{2, 3}, 1))), `onnx: tensor "w" has extents [2 3] of type float, 24 bytes, and 4 bytes of data; the file is damaged, write it again`},
	{"huge", file(blob(5, floats("w", []int64{1 << 40, 1 << 40}))), `onnx: tensor "w" has extents [1099511627776 1099511627776]; each must be at least 0 and their product at most 67108864`},
	{"negative", file(blob(5, floats("w", []int64{-1}, 1))), `onnx: tensor "w" has extents [-1]; each must be at least 0 and their product at most 67108864`},
	{"half", file(blob(5, message(integer(2, 10), text(8, "w")))), `onnx: tensor "w" has entries of type float16; convert the model to float, double or int64`},
	{"external", file(blob(5, message(integer(2, 1), text(8, "w"), integer(14, 1)))), `onnx: tensor "w" is stored in a file of its own; save the model with its weights inside (save_as_external_data=False)`},
	{"sparse", file(blob(15, nil)), "onnx: the graph has a sparse initializer; export dense weights"},
	{"names", file(blob(5, floats("w", nil, 1)), blob(5, floats("w", nil, 1))), `onnx: initializer "w" is defined twice; give each tensor a name of its own`},
	{"open extent", file(input("z", dimension(2), blob(1, text(2, "width")))), `onnx: input "z" leaves the extent of axis 1 open ("width"); export the model with fixed extents, only the first may be open`},
	{"no result", file(), `onnx: output "y" is not computed by any node; write the file again`},
	{"unsupported", file(node("LSTM", x)), `onnx: node "n" (LSTM): the operator is not supported; rewrite the model with Abs, Add, AveragePool`},
	{"control flow", file(node("If", x)), `onnx: node "n" (If): control flow is not supported; export a trace of the model at one input, in which the branch is taken`},
	{"quantised", file(node("QLinearConv", x)), `onnx: node "n" (QLinearConv): quantised operators are not supported; export the model before it is quantised`},
	{"domain", file(blob(1, message(text(1, "x"), text(2, "y"), text(4, "Gelu"), text(7, "com.microsoft")))), `onnx: node "y" (Gelu): operators of domain "com.microsoft" are not supported; export with the standard operators only`},
	{"undefined", file(node("Relu", []string{"z"})), `onnx: node "n" (Relu): it reads "z", which no input, initializer or node before it defines; write the file again`},
	{"arity", file(node("Relu", []string{"x", "x"})), `onnx: node "n" (Relu): it has 2 inputs; operator set 13 gives it 1`},
	{"attribute", file(node("Relu", x, intAttribute("inplace", 1))), `onnx: node "n" (Relu): attribute "inplace" is not supported; export without it`},
	{"attribute type", file(node("LeakyRelu", x, textAttribute("alpha", "1"))), `onnx: node "n" (LeakyRelu): attribute alpha is a text; the operator takes a number, write the file again`},
	{"twice", file(node("Relu", x), node("Relu", x)), `onnx: node "n" (Relu): its output "y" is the name of another tensor; write the file again`},
	{"shapes", file(blob(5, floats("w", []int64{2}, 1, 2)), node("Add", []string{"x", "w"})), `onnx: node "n" (Add): it does not fit shapes [2,3] and [2] (shapes [2,3] and [2] do not broadcast: extents 3 and 2 meet); export the model with inputs of the right shape`},
	{"axis", file(node("Softmax", x, intAttribute("axis", 2))), `onnx: node "n" (Softmax): axis 2 is not one of the 2 axes of its input; give 0 to 1`},
	{"reshape", file(blob(5, ints("s", 4, -1)), node("Reshape", []string{"x", "s"})), `onnx: node "n" (Reshape): its shape [4 -1] does not fit an input of shape [2,3]; export the model with the batch size it is used with`},
	{"real shape", file(node("Reshape", []string{"x", "x"})), `onnx: node "n" (Reshape): its input "x" must be a constant list of integers; export the model with fixed extents`},
	{"integers", file(blob(5, ints("s", 1, 2)), node("Relu", []string{"s"})), `onnx: node "n" (Relu): its input "s" has entries of type int64; export the model with real numbers there`},
	{"perm", file(node("Transpose", x, intsAttribute("perm", 0, 0))), `onnx: node "n" (Transpose): attribute perm is [0 0]; give each of the 2 axes once`},
	{"rank", file(node("MaxPool", x, intsAttribute("kernel_shape", 2, 2))), `onnx: node "n" (MaxPool): its input has shape [2,3]; only images, with 4 axes, and signals, with 3, are supported`},
	{"auto_pad", file(image, node("MaxPool", []string{"i"}, intsAttribute("kernel_shape", 2, 2), textAttribute("auto_pad", "ALL"))), `onnx: node "n" (MaxPool): attribute auto_pad is "ALL"; give NOTSET, VALID, SAME_UPPER or SAME_LOWER`},
	{"ceil_mode", file(image, node("MaxPool", []string{"i"}, intsAttribute("kernel_shape", 2, 2), intsAttribute("strides", 2, 2), intAttribute("ceil_mode", 1))), `onnx: node "n" (MaxPool): attribute ceil_mode is 1 and the windows do not fill axis 0 of the image; export with ceil_mode=False`},
	{"padding", file(image, node("AveragePool", []string{"i"}, intsAttribute("kernel_shape", 2, 2), intsAttribute("pads", 1))), `onnx: node "n" (AveragePool): attribute pads is [1]; give 4 numbers`},
	{"window", file(image, node("MaxPool", []string{"i"}, intsAttribute("kernel_shape", 9, 9))), `onnx: node "n" (MaxPool): it does not fit shapes [1,1,5,5]`},
}

var image = input("i", dimension(1), dimension(1), dimension(5), dimension(5))

// Each mistake is one sentence that names the place and the mend.
func TestMistakes(t *testing.T) {
	for _, c := range mistakes {
		t.Run(c.name, func(t *testing.T) {
			m, err := onnx.Read(bytes.NewReader(c.data))
			if err == nil {
				_, err = m.Build(onnx.Options{})
			}
			var wrong *onnx.Error
			require.ErrorAs(t, err, &wrong)
			require.Contains(t, err.Error(), c.want)
			require.NotContains(t, err.Error(), ".go:")
		})
	}
}

// Names that the model does not have are refused, with those that it has.
func TestWithRespectToUnknown(t *testing.T) {
	_, err := readModel(t, "mlp_13").Build(onnx.Options{WithRespectTo: []string{"w"}})
	require.ErrorContains(t, err, `onnx: there is no input or parameter "w"; there are x, 0.weight, 0.bias`)
}

// Whatever the bytes, reading and building end without a crash.
func FuzzRead(f *testing.F) {
	for _, c := range mistakes {
		f.Add(c.data)
	}
	for _, name := range []string{"mlp_9", "viewed_13", "convnet_16", "clip_new", "reshape"} {
		f.Add(goldenFile(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := onnx.Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		for _, o := range []onnx.Options{{}, {Batch: 3, WithRespectTo: []string{}}} {
			if p, err := m.Build(o); err == nil {
				require.NotEmpty(t, p.Func.Out())
			}
		}
	})
}
