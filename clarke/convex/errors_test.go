package convex

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestInputErrors(t *testing.T) {
	good := [][]float64{{1, 2}, {3, 4}}
	bad := map[error][][]float64{
		ErrEmpty:     {},
		ErrDimension: {{1, 2}, {1}},
		ErrNotFinite: {{1, 2}, {3, math.NaN()}},
	}
	for kind, points := range bad {
		_, err := MinNorm(points)
		require.ErrorIs(t, err, kind)
		_, err = Contains(points, []float64{0, 0}, 0)
		require.ErrorIs(t, err, kind)
		_, err = Direction(points)
		require.ErrorIs(t, err, kind)
		_, err = Extreme(points, 0)
		require.ErrorIs(t, err, kind)
		_, err = Hausdorff(points, good)
		require.ErrorIs(t, err, kind)
		_, err = Hausdorff(good, points)
		require.ErrorIs(t, err, kind)
	}
	_, err := Contains(good, []float64{1}, 0)
	require.ErrorIs(t, err, ErrDimension)
	_, err = Contains(good, []float64{1, math.Inf(1)}, 0)
	require.ErrorIs(t, err, ErrNotFinite)
	for _, tol := range []float64{-1, math.NaN(), math.Inf(1)} {
		_, err = Contains(good, []float64{1, 1}, tol)
		require.ErrorIs(t, err, ErrTolerance)
		_, err = Extreme(good, tol)
		require.ErrorIs(t, err, ErrTolerance)
	}
	_, err = MinNorm([][]float64{{}})
	require.ErrorIs(t, err, ErrDimension)
}

func TestExactInputErrors(t *testing.T) {
	one := big.NewRat(1, 1)
	bad := map[error][][]*big.Rat{
		ErrEmpty:     {},
		ErrDimension: {{one}, {one, one}},
		ErrNil:       {{one}, {nil}},
	}
	for kind, points := range bad {
		_, err := ExactMinNorm(points)
		require.ErrorIs(t, err, kind)
		_, err = ExactContains(points, []*big.Rat{one})
		require.ErrorIs(t, err, kind)
		_, err = ExactDirection(points)
		require.ErrorIs(t, err, kind)
		_, err = ExactExtreme(points)
		require.ErrorIs(t, err, kind)
	}
	_, err := ExactContains([][]*big.Rat{{one}}, []*big.Rat{nil})
	require.ErrorIs(t, err, ErrNil)
	_, err = ExactContains([][]*big.Rat{{one}}, nil)
	require.ErrorIs(t, err, ErrDimension)
}

func TestInputErrorNamesThePlace(t *testing.T) {
	_, err := MinNorm([][]float64{{1, 2}, {3, math.Inf(-1)}})
	var input *InputError
	require.ErrorAs(t, err, &input)
	require.Equal(t, 1, input.Point)
	require.Equal(t, 1, input.Coordinate)
	require.EqualError(t, err, "convex: points, point 1, coordinate 1 is -Inf: "+ErrNotFinite.Error())
	_, err = Contains([][]float64{{1, 2}}, []float64{1}, 0)
	require.EqualError(t, err, "convex: v is of dimension 1 where 2 is expected: "+ErrDimension.Error())
	_, err = MinNorm(nil)
	require.EqualError(t, err, "convex: points: "+ErrEmpty.Error())
}
