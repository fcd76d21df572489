package network

import (
	"fmt"

	"github.com/tamegrad/tamegrad/sgd"
)

// Classifier computes classes with a network. It is not safe for concurrent
// use.
type Classifier struct {
	*evaluator
	rows    int // rows of one run
	width   int // entries of an input row
	classes int
	given   map[string][]float64 // statistics
}

// classifierRows is how many rows a Classifier computes at once, see
// sgd.Objective.
const classifierRows = 256

// NewClassifier compiles the outputs of n. The number of classes is the extent
// of their last axis.
func NewClassifier(n Network) (*Classifier, error) {
	f, err := n.Outputs(classifierRows)
	if err != nil {
		return nil, err
	}
	z := f.Out()[0].Shape()
	if z.Rank() != 2 {
		return nil, fmt.Errorf("network: outputs have the shape %v; a classifier needs one row of scores for each input", z)
	}
	in := f.In()
	c := &Classifier{rows: classifierRows, classes: z.Dim(1), width: in[len(in)-1].Shape().Size() / classifierRows}
	c.evaluator, err = newEvaluator(f, n.statisticNames())
	return c, err
}

// SetStatistics gives the statistics that batch-norm needs, as [Network.Statistics] returns
// them, to all later calls.
func (c *Classifier) SetStatistics(statistics map[string][]float64) { c.given = statistics }

// Classes writes the class of each row of x to dst, from 0: the largest score,
// the first of them at a tie. Parameters are those of a trainer for the same
// network. The error is a *vm.NaNError, or says which sizes do not fit.
func (c *Classifier) Classes(dst []int, params []sgd.Param, x []float64) error {
	if len(x) != len(dst)*c.width {
		return fmt.Errorf("network: %d numbers for %d rows; a row of inputs has %d", len(x), len(dst), c.width)
	}
	if err := c.set(params, c.given); err != nil {
		return err
	}
	in := c.x()
	for len(dst) > 0 {
		clear(in) // rows beyond the last one
		n := copy(in, x) / c.width
		if err := c.ws.Run(); err != nil {
			return err
		}
		for i := range n {
			dst[i] = best(c.ws.Out(0)[i*c.classes : (i+1)*c.classes])
		}
		dst, x = dst[n:], x[n*c.width:]
	}
	return nil
}

// Accuracy returns the share of rows of x whose class is the label, in [0, 1];
// it is NaN for no rows.
func (c *Classifier) Accuracy(params []sgd.Param, x []float64, labels []int) (float64, error) {
	classes := make([]int, len(labels))
	if err := c.Classes(classes, params, x); err != nil {
		return 0, err
	}
	right := 0
	for i, k := range classes {
		if k == labels[i] {
			right++
		}
	}
	return float64(right) / float64(len(labels)), nil
}

func best(scores []float64) int {
	at := 0
	for i, v := range scores {
		if v > scores[at] {
			at = i
		}
	}
	return at
}
