package train

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/sgd"
	"github.com/tamegrad/tamegrad/sgd/durable"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// Names of the files of a session.
const (
	fileName       = "training.yaml"
	checkpointName = "checkpoint.npz"
	paramsName     = "params.npz"
	traceName      = "trace.jsonl"
	resultName     = "result.json"
	figuresName    = "figures"
)

// Session is the training that a file describes, in a folder:
//
//	training.yaml    the file
//	checkpoint.npz   what the session goes on from if it is started again
//	trace.jsonl      measurements at steps 0, 1, … spaced geometrically
//	params.npz       parameters and statistics at the end, for numpy
//	result.json      the last measurement and the accuracy on the training rows
//	figures/         loss, accuracy and criticality against steps
//
// All of them are functions of the file and the data, bit for bit, whatever the number of
// workers and however often the session was killed.
type Session struct {
	file    *File
	folder  string
	data    data
	net     network.Network
	trainer *sgd.Trainer
	gauge   *gauge
	steps   int // of the whole training
	perSave int
}

// New prepares a session. The folder is made if it is missing; one that has another training
// is refused. workers bounds goroutines, 0 for all cores. The error names what in the file
// cannot be used, or is a *dataset.MissingError.
func New(ctx context.Context, text []byte, folder string, workers int) (*Session, error) {
	f, err := Parse(text)
	if err != nil {
		return nil, err
	}
	s := &Session{file: f, folder: folder}
	if s.data, err = f.data(ctx); err != nil {
		return nil, err
	}
	if s.net, err = f.network(s.data.train.D, s.data.rows); err != nil {
		return nil, err
	}
	config, err := s.config(workers)
	if err != nil {
		return nil, err
	}
	if s.trainer, err = sgd.NewTrainer(config); err != nil {
		return nil, err
	}
	if s.gauge, err = newGauge(s); err != nil {
		return nil, err
	}
	return s, claim(folder, text)
}

// config turns the file into what a trainer needs.
func (s *Session) config(workers int) (c sgd.Config, err error) {
	f, train := s.file, s.data.train
	order, err := f.order()
	if err != nil {
		return c, err
	}
	if c.Sampler, err = sgd.NewSampler(sgd.Sampling{Rows: train.N, Batch: min(f.Batch, train.N), Order: order}, rand.NewPCG(f.Seed, orderStream)); err != nil {
		return c, err
	}
	s.perSave = f.SaveEvery * c.Sampler.PassSteps()
	s.steps = f.Epochs * c.Sampler.PassSteps()
	if c.Method, err = f.method(); err != nil {
		return c, err
	}
	if c.Schedule, err = f.schedule(s.steps); err != nil {
		return c, err
	}
	if c.Wiring, err = f.wiring(); err != nil {
		return c, err
	}
	if c.Initial, err = s.net.Init(rand.NewPCG(f.Seed, initialStream)); err != nil {
		return c, err
	}
	if c.Random, err = s.net.Random(); err != nil {
		return c, err
	}
	if c.Augment, err = f.augmentation(s.data.rows); err != nil {
		return c, err
	}
	switch f.Precision {
	case "float64":
	case "float32":
		c.Precision = vm.Float32
	default:
		return c, &MistakeError{Why: fmt.Sprintf("there is no precision %q; there are float32 and float64", f.Precision)}
	}
	c.Model, c.Data, c.Seed, c.Workers = s.net.Objective, s.trainingData(), f.Seed, workers
	c.CountKinks = f.Criticality != nil
	return c, nil
}

func (s *Session) trainingData() sgd.Data {
	return sgd.Data{Rows: s.data.train.N, Columns: map[string][]float64{
		network.Inputs: s.data.train.X, network.Targets: s.data.train.OneHot(),
	}}
}

func (f *File) augmentation(rows shape) (map[string]sgd.Augmentation, error) {
	a := f.Augment
	if a == nil {
		return nil, nil
	}
	if rows.channels == 0 {
		return nil, &MistakeError{Why: "augment is for images, which the data set has none of; leave it out"}
	}
	return map[string]sgd.Augmentation{network.Inputs: sgd.Images{
		Channels: rows.channels, Height: rows.height, Width: rows.width, Rotate: a.Rotate, Scale: a.Scale, Shift: a.Shift,
	}}, nil
}

// claim makes the folder that of a training.
func claim(folder string, text []byte) error {
	if err := os.MkdirAll(filepath.Join(folder, figuresName), 0o755); err != nil {
		return err
	}
	path := filepath.Join(folder, fileName)
	switch there, err := os.ReadFile(path); {
	case os.IsNotExist(err):
		return durable.WriteFile(path, text)
	case err != nil:
		return err
	case string(there) != string(text):
		return fmt.Errorf("the folder %s has another training, see its %s; name another folder, or remove it", folder, fileName)
	}
	return nil
}

// Steps returns how many steps the whole training has.
func (s *Session) Steps() int { return s.steps }

// ratio is that of the steps of measurements.
const ratio = 1.3

// Run trains to the end, from the checkpoint if there is one, and writes the files. Further
// watches, such as a progress bar, come after the measurements. The error is that of
// [sgd.Trainer.Run]: if it is ctx's, the session can be run again and goes on.
func (s *Session) Run(ctx context.Context, watch ...sgd.Watch) (*Result, error) {
	m, err := s.trainer.Run(ctx, sgd.Plan{
		Steps: s.steps, Checkpoint: filepath.Join(s.folder, checkpointName), Save: sgd.Every(s.perSave),
		Watch: append([]sgd.Watch{{At: sgd.Geometric(ratio), AtEnd: true, Do: s.gauge.measure}}, watch...),
	})
	if err != nil {
		return nil, err
	}
	return s.finish(m)
}
