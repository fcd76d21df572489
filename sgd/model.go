package sgd

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// Model builds the program of the loss of a minibatch: one scalar output, the
// mean over its rows. The inputs to differentiate (the parameters, see
// expr.Func.Wrt) have the same names and shapes for every batch; all others are
// data whose first axis has the extent batch.
//
// Shapes are static, so a smaller last minibatch is a program of its own.
type Model func(batch int) (*expr.Func, error)

// Data holds the rows that minibatches are made of.
type Data struct {
	// Rows is n, the number of rows.
	Rows int
	// Columns has an array for each data input of the model, by its name: n rows
	// of as many numbers as one row of the input has, row-major. Arrays are read,
	// never written, and not copied.
	Columns map[string][]float64
}

// allRows lists the numbers of n rows.
func allRows(n int) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	return rows
}

// ConfigError says what part of a configuration cannot be used.
type ConfigError struct {
	Field string // such as "Data" or "Initial"
	Why   string // a full sentence
	Err   error  // the cause, or nil
}

func (e *ConfigError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("sgd: %s: %s: %v", e.Field, e.Why, e.Err)
	}
	return fmt.Sprintf("sgd: %s: %s", e.Field, e.Why)
}

// Unwrap returns the cause.
func (e *ConfigError) Unwrap() error { return e.Err }

func configError(field, format string, args ...any) error {
	return &ConfigError{Field: field, Why: fmt.Sprintf(format, args...)}
}

// feed fills one data input before each step.
type feed interface {
	load(step int, rows []int)
}

// column feeds rows of the data.
type column struct {
	dst, src []float64
	width    int // entries of a row
	augment  Augmentation
	stream
}

// inputs says what data inputs are fed with.
type inputs struct {
	data    Data
	random  map[string]Distribution
	augment map[string]Augmentation
	seed    uint64
}

// feed returns what feeds one data input of a program for minibatches of batch rows.
func (s inputs) feed(n expr.Node, dst []float64, batch int) (feed, error) {
	in, _ := n.Input()
	of, drawn := s.random[in.Name]
	if !drawn {
		return s.column(n, dst, batch)
	}
	if _, both := s.data.Columns[in.Name]; both {
		return nil, configError("Random", "the input %q has a column as well", in.Name)
	}
	if of == nil {
		return nil, configError("Random", "the input %q has no distribution", in.Name)
	}
	if err := of.Check(); err != nil {
		return nil, &ConfigError{"Random", fmt.Sprintf("the input %q cannot be drawn", in.Name), err}
	}
	return &noise{dst: dst, of: of, stream: newStream(s.seed, "random "+in.Name)}, nil
}

// column checks one data input that is fed with rows.
func (s inputs) column(n expr.Node, dst []float64, batch int) (feed, error) {
	in, _ := n.Input()
	src, ok := s.data.Columns[in.Name]
	if !ok {
		return nil, configError("Data", "the model needs the data input %q, which has no column and is not drawn at random", in.Name)
	}
	shape := n.Shape()
	if shape.Rank() == 0 || shape.Dim(0) != batch {
		return nil, configError("Model", "the data input %q has shape %v; its first axis must have the extent %d of the minibatch", in.Name, shape, batch)
	}
	width, rows := shape.Size()/batch, s.data.Rows
	if len(src) != rows*width {
		return nil, configError("Data", "column %q has %d entries; %d rows of %d make %d", in.Name, len(src), rows, width, rows*width)
	}
	c := &column{dst: dst, src: src, width: width, augment: s.augment[in.Name]}
	if c.augment == nil {
		return c, nil
	}
	if err := c.augment.Check(width); err != nil {
		return nil, &ConfigError{"Augment", fmt.Sprintf("column %q cannot be augmented", in.Name), err}
	}
	c.stream = newStream(s.seed, "augment "+in.Name)
	return c, nil
}

// load copies the given rows in.
func (c *column) load(step int, rows []int) {
	w := c.width
	if c.augment == nil {
		for i, r := range rows {
			copy(c.dst[i*w:(i+1)*w], c.src[r*w:(r+1)*w])
		}
		return
	}
	rng := c.at(step)
	for i, r := range rows {
		c.augment.Augment(c.dst[i*w:(i+1)*w], c.src[r*w:(r+1)*w], rng)
	}
}

// checkUse refuses what is given for inputs that the program f does not have.
func (s inputs) checkUse(f *expr.Func) error {
	data := map[string]bool{}
	for _, n := range f.In() {
		in, _ := n.Input()
		data[in.Name] = true
	}
	for _, given := range []struct {
		field string
		names []string
	}{
		{"Data", slices.Sorted(maps.Keys(s.data.Columns))},
		{"Random", slices.Sorted(maps.Keys(s.random))},
		{"Augment", slices.Sorted(maps.Keys(s.augment))},
	} {
		for _, name := range given.names {
			if !data[name] {
				return configError(given.field, "the model has no data input %q; leave out what it does not need", name)
			}
		}
	}
	return nil
}
