package sgd

import (
	"fmt"

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

// column feeds one data input.
type column struct {
	dst, src []float64
	width    int // entries of a row
}

// newColumn checks one data input of a program for minibatches of batch rows.
func newColumn(d Data, n expr.Node, dst []float64, batch int) (column, error) {
	in, _ := n.Input()
	src, ok := d.Columns[in.Name]
	if !ok {
		return column{}, configError("Data", "the model needs the data input %q, which has no column", in.Name)
	}
	s := n.Shape()
	if s.Rank() == 0 || s.Dim(0) != batch {
		return column{}, configError("Model", "the data input %q has shape %v; its first axis must have the extent %d of the minibatch", in.Name, s, batch)
	}
	width := s.Size() / batch
	if len(src) != d.Rows*width {
		return column{}, configError("Data", "column %q has %d entries; %d rows of %d make %d", in.Name, len(src), d.Rows, width, d.Rows*width)
	}
	return column{dst: dst, src: src, width: width}, nil
}

// load copies the given rows in.
func (c *column) load(rows []int) {
	w := c.width
	for i, r := range rows {
		copy(c.dst[i*w:(i+1)*w], c.src[r*w:(r+1)*w])
	}
}
