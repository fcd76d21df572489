// Package train trains a network that a file describes on a labelled data set: with
// checkpoints, measurements on a logarithmic scale, and figures of them.
package train

import (
	"errors"
	"strings"

	"github.com/goccy/go-yaml"
)

// File is a training file in YAML. Fields that are left out have the values said here; keys
// that are unknown, or there twice, are refused.
type File struct {
	Dataset Choice   `yaml:"dataset"`
	Network []Choice `yaml:"network"` // layers
	Loss    Choice   `yaml:"loss"`    // cross-entropy
	Kinks   Choice   `yaml:"kinks"`   // what derivatives are there: pytorch
	Method  Choice   `yaml:"method"`  // sgd
	// Schedule of step sizes: constant, 0.01.
	Schedule Choice `yaml:"schedule"`
	Order    string `yaml:"order"` // of rows: reshuffled
	Batch    int    `yaml:"batch"` // 32
	Epochs   int    `yaml:"epochs"`
	Seed     uint64 `yaml:"seed"` // 1
	// Precision of losses and gradients: float64, or float32.
	Precision string `yaml:"precision"`
	// Augment moves images at random.
	Augment *Augment `yaml:"augment"`
	// Criticality samples gradients near the parameters at each measurement.
	Criticality *Criticality `yaml:"criticality"`
	// SaveEvery is how many epochs are between checkpoints: 1.
	SaveEvery int `yaml:"save_every"`
}

// Augment has the ranges of sgd.Images.
type Augment struct {
	Rotate float64 `yaml:"rotate"` // radians
	Scale  float64 `yaml:"scale"`
	Shift  float64 `yaml:"shift"` // pixels
}

// Criticality is an sgd.Neighbourhood.
type Criticality struct {
	Radius float64 `yaml:"radius"`
	Points int     `yaml:"points"`
}

// Parse reads a training file. The error names the line.
func Parse(text []byte) (*File, error) {
	f := &File{Order: "reshuffled", Batch: 32, Seed: 1, Precision: "float64", SaveEvery: 1}
	if err := yaml.UnmarshalWithOptions(text, f, yaml.Strict()); err != nil {
		return nil, plain(err)
	}
	switch {
	case !f.Dataset.given():
		return nil, &MistakeError{Why: "there is no dataset; add one, such as \"dataset: digits\""}
	case len(f.Network) == 0:
		return nil, &MistakeError{Why: "there is no network; add its layers, such as \"network: [linear: 64, relu, linear: 10]\""}
	case f.Epochs < 1:
		return nil, &MistakeError{Why: "epochs must be at least 1; add \"epochs: 20\""}
	case f.SaveEvery < 1:
		return nil, &MistakeError{Why: "save_every must be at least 1"}
	}
	return f, nil
}

// plain leaves out the excerpts of the file that the parser's messages have.
func plain(err error) error {
	if e := new(MistakeError); errors.As(err, &e) {
		return e
	}
	return errors.New(strings.TrimSpace(yaml.FormatError(err, false, false)))
}
