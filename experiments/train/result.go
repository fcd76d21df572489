package train

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/sgd"
	"github.com/tamegrad/tamegrad/sgd/durable"
)

// Schema is the version of result.json.
const Schema = 1

// Result is what a training ended with.
type Result struct {
	Schema        int             `json:"schema"`
	Dataset       string          `json:"dataset"`
	SHA256        string          `json:"data_sha256"` // "" for data that are generated
	TrainRows     int             `json:"train_rows"`
	HeldRows      int             `json:"held_rows"`
	Parameters    int             `json:"parameters"` // numbers in all
	Last          Measurement     `json:"last"`
	TrainAccuracy *jsonnum.Number `json:"train_accuracy"`

	// Training is how long this process took for its steps, which are StepsNow.
	Training time.Duration `json:"-"`
	StepsNow int           `json:"-"`
	Folder   string        `json:"-"`
}

// finish writes the files of the end.
func (s *Session) finish(m sgd.Moment) (*Result, error) {
	if err := s.gauge.readTrace(); err != nil {
		return nil, err
	}
	accuracy, err := s.gauge.accuracy(s.data.train)
	if err != nil {
		return nil, err
	}
	r := &Result{
		Schema: Schema, Dataset: s.file.Dataset.Name, SHA256: s.data.train.SHA256,
		TrainRows: s.data.train.N, HeldRows: s.data.held.N, TrainAccuracy: number(accuracy),
		Last: s.gauge.trace[len(s.gauge.trace)-1], Training: m.Training, StepsNow: m.Made, Folder: s.folder,
	}
	for _, p := range s.trainer.Params() {
		r.Parameters += len(p.Value)
	}
	if err := s.writeParams(); err != nil {
		return nil, err
	}
	if err := s.writeFigures(); err != nil {
		return nil, err
	}
	text, err := jsonnum.Document(r)
	if err == nil {
		err = durable.WriteFile(filepath.Join(s.folder, resultName), text)
	}
	return r, err
}

// writeParams writes the parameters, and the statistics that evaluation needs besides.
func (s *Session) writeParams() error {
	params := s.trainer.Params()
	statistics, err := s.net.Statistics(params, s.data.train.X, min(s.file.Batch, s.data.train.N))
	if err != nil {
		return err
	}
	all := append([]sgd.Param{}, params...)
	for _, name := range slices.Sorted(maps.Keys(statistics)) {
		all = append(all, sgd.Param{Name: name, Shape: []int{len(statistics[name])}, Value: statistics[name]})
	}
	return sgd.WriteParams(filepath.Join(s.folder, paramsName), all)
}

// writeFigures draws what was measured against steps.
func (s *Session) writeFigures() error {
	for _, f := range []struct {
		name, label string
		log         bool
		value       func(Measurement) *jsonnum.Number
	}{
		{"loss", "loss of a minibatch", true, func(m Measurement) *jsonnum.Number { return m.Loss }},
		{"accuracy", "accuracy on rows held back", false, func(m Measurement) *jsonnum.Number { return m.HeldAccuracy }},
		{"criticality", "sampled distance to criticality", true, func(m Measurement) *jsonnum.Number { return m.Distance }},
	} {
		series := figure.Series{Name: s.file.Dataset.Name}
		for _, m := range s.gauge.trace {
			if v := f.value(m); v != nil && m.Step > 0 {
				series.X, series.Y = append(series.X, float64(m.Step)), append(series.Y, float64(*v))
			}
		}
		if len(series.X) == 0 {
			continue
		}
		var out bytes.Buffer
		err := figure.Figure{
			X: figure.Axis{Label: "steps", Unit: "1", Log: true}, Y: figure.Axis{Label: f.label, Unit: "1", Log: f.log},
			Series: []figure.Series{series},
		}.WriteSVG(&out)
		if err == nil {
			err = durable.WriteFile(filepath.Join(s.folder, figuresName, f.name+".svg"), out.Bytes())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// WriteText prints the result for people.
func (r *Result) WriteText(w io.Writer) error {
	var b bytes.Buffer
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-16s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("dataset", "%s, %d rows to train with, %d held back", r.Dataset, r.TrainRows, r.HeldRows)
	line("parameters", "%d", r.Parameters)
	line("steps", "%d, %.4g epochs", r.Last.Step, r.Last.Epoch)
	if r.Last.Loss != nil {
		line("loss", "%.4g, of the last minibatch", float64(*r.Last.Loss))
	}
	line("accuracy", "%.4f on the rows trained with", float64(*r.TrainAccuracy))
	if r.Last.HeldAccuracy != nil {
		line("", "%.4f on the rows held back", float64(*r.Last.HeldAccuracy))
	}
	if r.Last.Distance != nil {
		line("criticality", "sampled distance %.4g, %d kinks hit in the last step", float64(*r.Last.Distance), *r.Last.Kinks)
	}
	if r.StepsNow > 0 {
		line("time", "%.3g s for %d steps", r.Training.Seconds(), r.StepsNow)
	}
	line("folder", "%s", r.Folder)
	_, err := w.Write(b.Bytes())
	return err
}
