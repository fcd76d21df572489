package onnx

import (
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protowire"
)

// Bounds on what is read. Memory is bounded by them and by the size of the file: a
// number takes at least one byte there and eight bytes here.
const (
	// MaxFile is the largest file, in bytes.
	MaxFile = 1 << 28
	// maxEntries is the number of entries of all tensors together.
	maxEntries    = 1 << 26
	maxNodes      = 1 << 14
	maxTensors    = 1 << 14
	maxAttributes = 32
	maxOperands   = 1 << 8
	maxValues     = 1 << 12 // inputs and outputs
	maxRank       = 8       // of a tensor in the file; programs allow fewer axes
)

// Read decodes a model. A file that is damaged, or that has parts that are not read,
// such as tensors in files of their own, is an *Error.
func Read(r io.Reader) (*Model, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("onnx: %w; give a file that can be read", err)
	case len(data) > MaxFile:
		return nil, mistake("the file is larger than %d MiB; export a smaller network", MaxFile>>20)
	case len(data) == 0:
		return nil, mistake("the file is empty; export the model again")
	}
	d := &decoder{model: &Model{Opset: -1}}
	if err := d.file(data); err != nil {
		return nil, err
	}
	return d.model, nil
}

// decoder reads one file.
type decoder struct {
	model    *Model
	hasGraph bool
	entries  int // of all tensors so far
}

func (d *decoder) file(data []byte) error {
	name, version := "", ""
	err := eachField("the model", data, func(f field) error {
		switch f.number {
		case 2:
			name = f.text()
		case 3:
			version = f.text()
		case 7:
			return d.oneGraph(f)
		case 8:
			return d.opset(f)
		case 25:
			return mistake("the model defines functions of its own; export it without them, in PyTorch without export_modules_as_functions")
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case !d.hasGraph:
		return mistake("the file holds no graph; give a file written by an ONNX exporter")
	case d.model.Opset < 0:
		return mistake("the model does not say which operator set it uses; export it again with opset_version=13")
	}
	if d.model.Producer = name; version != "" {
		d.model.Producer += " " + version
	}
	return nil
}

func (d *decoder) oneGraph(f field) error {
	if err := f.want(protowire.BytesType, "the model"); err != nil {
		return err
	}
	if d.hasGraph {
		return mistake("the file holds two graphs; write it again with one")
	}
	d.hasGraph = true
	return d.graph(f.bytes)
}

// opset notes the version of the standard operators. Other sets matter only where an
// operator is from one.
func (d *decoder) opset(f field) error {
	domain, version := "", int64(0)
	err := eachField("an opset_import", f.bytes, func(f field) error {
		switch f.number {
		case 1:
			domain = f.text()
		case 2:
			version = f.integer()
		}
		return nil
	})
	if err != nil || !isStandard(domain) {
		return err
	}
	if version < minOpset || version > maxOpset {
		return mistake("operator set %d is not read; export the model with opset_version from %d to %d", version, minOpset, maxOpset)
	}
	d.model.Opset = int(version)
	return nil
}

// The versions whose operators are known to be read right.
const minOpset, maxOpset = 7, 22

func isStandard(domain string) bool { return domain == "" || domain == "ai.onnx" }
