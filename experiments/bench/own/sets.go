package own

import (
	"context"
	"fmt"
	"math/big"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/bench/peer"
	"github.com/tamegrad/tamegrad/experiments/bench/workload"
	"github.com/tamegrad/tamegrad/expr/vm"
)

func scalars() map[string]peer.Prepare {
	return map[string]peer.Prepare{
		workload.TapePoint: func() (peer.Task, error) { return scalarChain(0) },
		workload.TapeLanes: func() (peer.Task, error) { return scalarChain(workload.ScalarLanes) },
	}
}

func scalarChain(lanes int) (peer.Task, error) {
	f, err := gradientOf(workload.ScalarChain(workload.ScalarOperations), nil)
	if err != nil {
		return peer.Task{}, err
	}
	x, y := workload.ScalarPoints(max(lanes, 1))
	w, err := workspace[float64](f, vm.Options{Lanes: lanes}, [][]float64{x, y})
	return peer.Task{Run: w.Run, Numbers: func() (peer.Checksum, error) { return peer.Of(w.Out(1), w.Out(2)), nil }}, err
}

func sets() map[string]peer.Prepare {
	all := map[string]peer.Prepare{
		workload.Cells:         func() (peer.Task, error) { return cells(false) },
		workload.RationalCells: func() (peer.Task, error) { return cells(true) },
		workload.WholeSet:      wholeSet,
	}
	for _, z := range workload.Zonotopes {
		all[z.Name()] = func() (peer.Task, error) { return minNorm(z.Kinks, z.N) }
	}
	return all
}

// minNorm finds the field D of a zonotope at 0, and the point of its hull nearest to 0.
func minNorm(k, n int) (peer.Task, error) {
	a, err := conservative.NewAnalyzer(workload.Zonotope(k, n), conservative.Options{})
	x := clarke.FloatPoint(make([]float64, n))
	var d *conservative.Field
	return peer.Task{
		Run: func() (err error) {
			d, err = a.At(context.Background(), x)
			return err
		},
		Numbers: func() (peer.Checksum, error) { return peer.Of(d.MinNorm.Float), nil },
	}, err
}

// cells counts the cells into which generic kinks cut space.
func cells(rational bool) (peer.Task, error) {
	a, x, err := kinksAtZero(rational)
	count := 0
	return peer.Task{
		Run: func() (err error) {
			count, err = a.CountCells(context.Background(), x)
			return err
		},
		Numbers: func() (peer.Checksum, error) { return peer.Of([]float64{float64(count)}), nil },
	}, err
}

// wholeSet is the whole answer about the same kinks: ∂f(0) and what follows from it.
func wholeSet() (peer.Task, error) {
	a, x, err := kinksAtZero(true)
	var s *clarke.Subdifferential
	return peer.Task{
		Run: func() (err error) {
			s, err = a.At(context.Background(), x)
			return err
		},
		Numbers: func() (peer.Checksum, error) {
			if !s.Exact {
				return peer.Checksum{}, fmt.Errorf("after %d cells it is not exact: %s", s.Cells, s.Why)
			}
			return peer.Of([]float64{float64(len(s.Vertices))}), nil
		},
	}, err
}

func kinksAtZero(rational bool) (*clarke.Analyzer, clarke.Point, error) {
	const n = workload.CellDimension
	a, err := clarke.NewAnalyzer(workload.GenericKinks(workload.CellKinks, n), clarke.Options{})
	if !rational {
		return a, clarke.FloatPoint(make([]float64, n)), err
	}
	zero := make([]*big.Rat, n)
	for i := range zero {
		zero[i] = new(big.Rat)
	}
	return a, clarke.RationalPoint(zero), err
}
