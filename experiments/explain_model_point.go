package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/experiments/onnx"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/sgd/npz"
)

// network is a model that was read for the point of a request.
type network struct {
	inputs []expr.Node
	names  []string             // of the inputs in points
	fixed  []explain.Coordinate // parameters with their values
}

// newNetwork notes which inputs of a program have values at the point, and which are
// parameters, whose values are in the file.
func newNetwork(f *expr.Func, parameters []*onnx.Tensor) network {
	in, names := f.In(), expr.Identifiers(f)
	k := len(in) - len(parameters)
	w := network{inputs: in[:k], names: names[:k]}
	for i, t := range parameters {
		w.fixed = append(w.fixed, coordinate(names[k+i], t.Dims, t.Floats))
	}
	return w
}

func coordinate(name string, dims []int, values []float64) explain.Coordinate {
	c := explain.Coordinate{Name: name, Dims: dims, Values: make([]*big.Rat, len(values))}
	for i, v := range values {
		c.Values[i] = new(big.Rat).SetFloat64(v)
	}
	return c
}

// point completes a point: parameters get their values, and inputs their axes of
// extent 1, which are not needed.
func (w *network) point(at explain.Point) explain.Point {
	at = slices.Clone(at)
	for i, name := range w.names {
		dims := w.inputs[i].Shape().Dims()
		for j, c := range at {
			if c.Name == name && slices.Equal(without1(c.Dims), without1(dims)) {
				at[j].Dims = dims
			}
		}
	}
	return append(at, w.fixed...)
}

func without1(dims []int) []int {
	return slices.DeleteFunc(slices.Clone(dims), func(n int) bool { return n == 1 })
}

// readPoint reads a point from text or, with a model, from a file.
func (m *modelFlags) readPoint(text string) (explain.Point, error) {
	if m.Model == "" {
		return explain.ParsePoint(text)
	}
	if text == "" || strings.Contains(text, "=") {
		at, err := explain.ParsePoint(text)
		return m.network.point(at), err
	}
	f, err := os.Open(text)
	if err != nil {
		return nil, fmt.Errorf("--at: %w; give numbers such as 'x=[1,2]', or a file that can be read", err)
	}
	defer f.Close()
	at, err := m.network.read(f, filepath.Ext(text) == ".npy")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", text, err)
	}
	return m.network.point(at), nil
}

// read reads an object of points, or one array for a model with one input.
func (w *network) read(in io.Reader, isArray bool) (explain.Point, error) {
	data, err := io.ReadAll(io.LimitReader(in, maxLine+1))
	switch {
	case err != nil:
		return nil, err
	case len(data) > maxLine:
		return nil, fmt.Errorf("the file is longer than %d bytes; give a smaller point", maxLine)
	}
	data = bytes.TrimSpace(data)
	if !isArray && bytes.HasPrefix(data, []byte("{")) {
		return explain.ParsePointJSON(data)
	}
	if len(w.names) != 1 {
		return nil, fmt.Errorf("the model has %d inputs; give an object with a value for each of %s", len(w.names), strings.Join(w.names, ", "))
	}
	if !isArray {
		return explain.ParsePointJSON(fmt.Appendf(nil, "{%q: %s}", w.names[0], data))
	}
	return w.array(data)
}

// array reads numpy's .npy format. Package npz reads archives of them, so the file
// becomes one.
func (w *network) array(data []byte) (explain.Point, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	member, err := z.Create(w.names[0] + ".npy")
	if err == nil {
		_, err = member.Write(data)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return nil, err
	}
	list, err := npz.Unmarshal(b.Bytes())
	if err != nil {
		return nil, err
	}
	a := list[0]
	for _, v := range a.Bytes {
		a.Values = append(a.Values, float64(v))
	}
	if i := slices.IndexFunc(a.Values, func(v float64) bool { return v-v != 0 }); i >= 0 {
		return nil, fmt.Errorf("entry %d is %v; give finite numbers", i, a.Values[i])
	}
	return explain.Point{coordinate(w.names[0], a.Shape, a.Values)}, nil
}
