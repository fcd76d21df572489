package train

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/dataset"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/sgd"
	"github.com/tamegrad/tamegrad/sgd/durable"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// Measurement is what is known after so many steps.
type Measurement struct {
	Step  int     `json:"step"`
	Epoch float64 `json:"epoch"`
	// Loss is that of the last minibatch before its step; null before the first.
	Loss *jsonnum.Number `json:"loss"`
	// HeldAccuracy is the share of the rows held back that are classified right; null without
	// such rows.
	HeldAccuracy *jsonnum.Number `json:"held_accuracy"`
	// Distance is the norm of the shortest vector in the hull of gradients of the full loss
	// sampled near the parameters, and Kinks the number of kinks that the last minibatch hit
	// exactly; null unless the file asks for criticality.
	Distance *jsonnum.Number `json:"distance"`
	Kinks    *int            `json:"kinks"`
}

// gauge measures and keeps the trace.
type gauge struct {
	*Session
	classifier *network.Classifier
	objective  *sgd.Objective // nil unless criticality is asked for
	trace      []Measurement
	read       bool
}

func newGauge(s *Session) (*gauge, error) {
	g := &gauge{Session: s}
	var err error
	if g.classifier, err = network.NewClassifier(s.net); err != nil {
		return nil, err
	}
	if s.file.Criticality != nil {
		g.objective, err = sgd.NewObjective(s.net.Objective, s.trainingData(), ad.AtKink(0))
		if err != nil {
			return nil, fmt.Errorf("criticality: %w", err)
		}
	}
	return g, nil
}

// measure adds to the trace and writes it. Steps that a run which was killed has measured
// after its last checkpoint are measured again.
func (g *gauge) measure(ctx context.Context, at sgd.Moment) error {
	if err := g.readTrace(); err != nil {
		return err
	}
	if at.Made == 0 && at.Steps > 0 { // it was measured when the step was made
		return nil
	}
	for n := len(g.trace); n > 0 && g.trace[n-1].Step >= at.Steps; n-- {
		g.trace = g.trace[:n-1]
	}
	m := Measurement{Step: at.Steps, Epoch: at.Last.Epoch}
	if at.Steps > 0 {
		m.Loss = number(at.Last.Loss)
	}
	accuracy, err := g.accuracy(g.data.held)
	if err != nil {
		return err
	}
	if g.data.held.N > 0 {
		m.HeldAccuracy = number(accuracy)
	}
	if g.objective != nil {
		if m.Distance, err = g.distance(ctx, at.Steps); err != nil {
			return err
		}
		m.Kinks = &at.Last.Kinks
	}
	g.trace = append(g.trace, m)
	return g.writeTrace()
}

func number(x float64) *jsonnum.Number { return (*jsonnum.Number)(&x) }

// accuracy is the share of rows that are classified right.
func (g *gauge) accuracy(rows *dataset.Set) (float64, error) {
	params := g.trainer.Params()
	statistics, err := g.net.Statistics(params, g.data.train.X, min(g.file.Batch, g.data.train.N))
	if err != nil {
		return 0, err
	}
	g.classifier.SetStatistics(statistics)
	return g.classifier.Accuracy(params, rows.X, rows.Labels)
}

// distance samples gradients near the parameters; the draws depend on seed and step.
func (g *gauge) distance(ctx context.Context, step int) (*jsonnum.Number, error) {
	if err := g.objective.Set(g.trainer.Params()); err != nil {
		return nil, err
	}
	c := g.file.Criticality
	nearest, err := g.objective.Criticality(ctx, sgd.Neighbourhood{Radius: c.Radius, Points: c.Points}, rand.NewPCG(g.file.Seed, monitorStream+uint64(step)<<8))
	if err != nil {
		return nil, fmt.Errorf("criticality: %w", err)
	}
	return number(nearest.Norm), nil
}

// readTrace reads what was measured before this process.
func (g *gauge) readTrace() error {
	if g.read {
		return nil
	}
	g.read = true
	text, err := os.ReadFile(filepath.Join(g.folder, traceName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	for d.More() {
		var m Measurement
		if err := d.Decode(&m); err != nil {
			return fmt.Errorf("%s is damaged: %w; remove the folder, or name another", filepath.Join(g.folder, traceName), err)
		}
		g.trace = append(g.trace, m)
	}
	return nil
}

func (g *gauge) writeTrace() error {
	var text []byte
	for _, m := range g.trace {
		line, err := jsonnum.Line(m)
		if err != nil {
			return err
		}
		text = append(text, line...)
	}
	return durable.WriteFile(filepath.Join(g.folder, traceName), text)
}
