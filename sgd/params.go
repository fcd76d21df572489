package sgd

import (
	"fmt"
	"os"
	"strings"

	"github.com/tamegrad/tamegrad/sgd/durable"
	"github.com/tamegrad/tamegrad/sgd/npz"
)

// WriteParams puts parameters at path as a .npz file that numpy reads, with their names
// and shapes. The file is replaced whole or not at all. The error is a *CheckpointError.
func WriteParams(path string, params []Param) error {
	data, err := npz.Marshal(paramArrays("", params))
	if err == nil {
		err = durable.WriteFile(path, data)
	}
	if err != nil {
		return &CheckpointError{path, "it cannot be written", err}
	}
	return nil
}

// ReadParams returns the parameters in a checkpoint, or the arrays in any .npz file, such
// as one that numpy saved: float64, or float32 widened. Their Grad is nil; [Values] makes
// them a Config's Initial. The error is a *CheckpointError.
func ReadParams(path string) ([]Param, error) {
	arrays, err := readArrays(path)
	if err != nil {
		return nil, err
	}
	prefix := ""
	if isCheckpoint(arrays) {
		prefix = paramPrefix
	}
	var out []Param
	for _, a := range arrays {
		name, ok := strings.CutPrefix(a.Name, prefix)
		switch {
		case !ok:
		case a.Bytes != nil:
			return nil, &CheckpointError{path, fmt.Sprintf("the array %q holds bytes, and a parameter is made of floats", a.Name), nil}
		default:
			out = append(out, Param{Name: name, Shape: a.Shape, Value: a.Values})
		}
	}
	if len(out) == 0 {
		return nil, &CheckpointError{path, "there are no parameters in it", nil}
	}
	return out, nil
}

// Values returns the values of parameters by name.
func Values(params []Param) map[string][]float64 {
	out := map[string][]float64{}
	for _, p := range params {
		out[p.Name] = p.Value
	}
	return out
}

func readArrays(path string) ([]npz.Array, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &CheckpointError{path, "it cannot be read", err}
	}
	arrays, err := npz.Unmarshal(data)
	if err != nil {
		return nil, &CheckpointError{path, "it cannot be read", err}
	}
	return arrays, nil
}

// setParams copies the values of parameters to others of the same names and sizes.
func setParams(to, from []Param) error {
	if len(from) != len(to) {
		return configError("Params", "got %d; the model has %d", len(from), len(to))
	}
	for i, p := range from {
		q := to[i]
		if p.Name != q.Name || len(p.Value) != len(q.Value) {
			return configError("Params", "parameter %d is %q of size %d; the model has %q of size %d", i, p.Name, len(p.Value), q.Name, len(q.Value))
		}
		copy(q.Value, p.Value)
	}
	return nil
}
