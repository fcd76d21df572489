package sgd

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/tamegrad/tamegrad/sgd/durable"
	"github.com/tamegrad/tamegrad/sgd/npz"
)

// format is the first thing that a checkpoint says.
const format = "tamegrad training checkpoint, version 1"

// Names of the arrays of a checkpoint.
const (
	manifestArray = "checkpoint" // JSON
	sourceArray   = "source"     // the state of the sampler's source
	paramPrefix   = "params/"
	bufferPrefix  = "state/"
)

// manifest is the part of a checkpoint that is no array.
type manifest struct {
	Format    string       `json:"format"`
	Step      int          `json:"step"`
	Gradients int          `json:"gradients"`
	Sampler   samplerState `json:"sampler"`
	Settings  []setting    `json:"settings"`
}

// CheckpointError says why a file cannot be resumed from, read or written.
type CheckpointError struct {
	Path string
	Why  string // a sentence without its full stop
	Err  error  // the cause, or nil
}

func (e *CheckpointError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("sgd: checkpoint %s: %s: %v", e.Path, e.Why, e.Err)
	}
	return fmt.Sprintf("sgd: checkpoint %s: %s", e.Path, e.Why)
}

// Unwrap returns the cause.
func (e *CheckpointError) Unwrap() error { return e.Err }

// Save puts a checkpoint at path: the parameters, the state of the method and of the
// sampler with its source, and how far the run is. The file is replaced whole or not at
// all, whenever the program is killed. It is in numpy's .npz format: the parameter w0 is
// the array "params/w0", a buffer of the method is "state/" and its name.
//
// The error is a *CheckpointError, also if a step has failed: the state between two
// steps is lost then.
func (t *Trainer) Save(path string) error {
	if t.err != nil {
		return &CheckpointError{path, "nothing is saved, since the run has failed", t.err}
	}
	data, err := t.checkpoint()
	if err == nil {
		err = durable.WriteFile(path, data)
	}
	if err != nil {
		return &CheckpointError{path, "it cannot be written", err}
	}
	return nil
}

func (t *Trainer) checkpoint() ([]byte, error) {
	at, err := t.sampler.state()
	if err != nil {
		return nil, err
	}
	settings, err := t.identity.settings(t.programs[0])
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(manifest{format, t.step, t.gradients, at, settings})
	if err != nil {
		return nil, err
	}
	return npz.Marshal(append([]npz.Array{
		{Name: manifestArray, Shape: []int{len(text)}, Bytes: text},
		{Name: sourceArray, Shape: []int{len(at.source)}, Bytes: append([]byte{}, at.source...)},
	}, t.arrays()...))
}

// arrays lists parameters and buffers; their values are live.
func (t *Trainer) arrays() (out []npz.Array) {
	out = paramArrays(paramPrefix, t.Params())
	for _, b := range t.Buffers() {
		out = append(out, npz.Array{Name: bufferPrefix + b.Name, Shape: []int{len(b.Values)}, Values: b.Values})
	}
	return out
}

func paramArrays(prefix string, params []Param) (out []npz.Array) {
	for _, p := range params {
		out = append(out, npz.Array{Name: prefix + p.Name, Shape: p.Shape, Values: p.Value})
	}
	return out
}

// Resume goes on from a checkpoint of a trainer with the same Config: the steps that
// follow have the same bits as those that followed Save. Initial is then of no account.
//
// The error is a *CheckpointError: of a file that is missing (errors.Is with
// fs.ErrNotExist), damaged or no checkpoint, and of one of another model, wiring,
// dataset, sampling, method, schedule or seed, which can still be read by [ReadParams].
// The trainer is then as it was.
func (t *Trainer) Resume(path string) error {
	arrays, m, err := readCheckpoint(path)
	if err != nil {
		return err
	}
	fail := func(why string, err error) error { return &CheckpointError{path, why, err} }
	settings, err := t.identity.settings(t.programs[0])
	if err != nil {
		return fail("this run cannot be told", err)
	}
	if why := differ(m.Settings, settings); why != "" {
		return fail(why, nil)
	}
	own := t.arrays()
	saved := arrays[2:]
	if len(own) != len(saved) {
		return fail(fmt.Sprintf("it has %d arrays of parameters and state; this run has %d", len(saved), len(own)), nil)
	}
	for i, a := range own {
		if b := saved[i]; a.Name != b.Name || len(a.Values) != len(b.Values) {
			return fail(fmt.Sprintf("it has %q of %d entries, where this run has %q of %d", b.Name, len(b.Values), a.Name, len(a.Values)), nil)
		}
	}
	if m.Step < 0 || m.Gradients < m.Step {
		return fail(fmt.Sprintf("it cannot be after %d steps with %d gradients", m.Step, m.Gradients), nil)
	}
	if err := t.sampler.restore(m.Sampler); err != nil {
		return fail("the draws cannot go on", err)
	}
	for i, a := range own {
		copy(a.Values, saved[i].Values)
	}
	t.step, t.gradients, t.err = m.Step, m.Gradients, nil
	return nil
}

// differ says where the settings of two runs differ.
func differ(saved, own []setting) string {
	if len(saved) != len(own) {
		return "it says other things of its run than this version does"
	}
	for i, s := range own {
		if saved[i] != s {
			return fmt.Sprintf("it is of another run: %s is %s here and %s there", s.Name, s.Text, saved[i].Text)
		}
	}
	return ""
}

// readCheckpoint returns the arrays, of which the first two are the manifest and the
// source.
func readCheckpoint(path string) ([]npz.Array, manifest, error) {
	arrays, err := readArrays(path)
	if err != nil {
		return nil, manifest{}, err
	}
	foreign := func(err error) ([]npz.Array, manifest, error) {
		return nil, manifest{}, &CheckpointError{path, "it is no checkpoint of this version", err}
	}
	if !isCheckpoint(arrays) {
		return foreign(nil)
	}
	var m manifest
	d := json.NewDecoder(bytes.NewReader(arrays[0].Bytes))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return foreign(err)
	}
	if m.Format != format {
		return foreign(fmt.Errorf("it says %q", m.Format))
	}
	m.Sampler.source = arrays[1].Bytes
	return arrays, m, nil
}

func isCheckpoint(arrays []npz.Array) bool {
	return len(arrays) > 2 && arrays[0].Name == manifestArray && arrays[0].Bytes != nil &&
		arrays[1].Name == sourceArray && arrays[1].Bytes != nil
}
