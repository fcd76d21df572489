package convex

import (
	"errors"
	"fmt"
	"math"
	"math/big"
)

// The kinds of bad input; an [*InputError] wraps one of them.
var (
	// ErrEmpty: a list has no points.
	ErrEmpty = errors.New("the list has no points; the hull of no points is empty, so give at least one")
	// ErrDimension: a point has no coordinates or not as many as the first one.
	ErrDimension = errors.New("all points must have the same number of coordinates, at least one")
	// ErrNotFinite: a coordinate is NaN or infinite.
	ErrNotFinite = errors.New("coordinates must be finite; remove the point or find where the value comes from")
	// ErrNil: a rational coordinate is a nil pointer.
	ErrNil = errors.New("a rational coordinate must not be nil; use new(big.Rat) for 0")
	// ErrPlane: a figure is asked for of points that are not in the plane.
	ErrPlane = errors.New("areas and outlines are of sets in the plane; project to two coordinates first")
	// ErrSize: a set of matrices or vectors has no entries.
	ErrSize = errors.New("a size must be at least 1")
	// ErrCount: a hypersimplex has fewer coordinates than ones, or fewer than none.
	ErrCount = errors.New("the number of ones must be between 0 and the dimension")
	// ErrInterval: an interval is empty.
	ErrInterval = errors.New("the upper end must not be below the lower one; exchange them")
	// ErrLength: a radius is negative, NaN or infinite.
	ErrLength = errors.New("a length must be finite and at least 0")
	// ErrSet: a set is nil or says that it has no dimension.
	ErrSet = errors.New("a set must not be nil and must have at least one dimension")
	// ErrBudget: a budget is negative.
	ErrBudget = errors.New("a budget must not be negative; use 0 for the default")
	// ErrTolerance: an allowed distance is negative, NaN or infinite.
	ErrTolerance = errors.New("an allowed distance must be finite and at least 0; use 0 for rounding errors only")
)

// InputError says which argument, point and coordinate cannot be used.
type InputError struct {
	Argument   string // name of the parameter
	Point      int    // index in the list, or −1 if the argument is at fault as a whole
	Coordinate int    // index in the point, or −1 if the point is at fault as a whole
	Found      string // what stood there, or "" if there is nothing to show
	Err        error  // the kind
}

// Error names the place, what was found there and the mend.
func (e *InputError) Error() string {
	place := e.Argument
	if e.Point >= 0 {
		place += fmt.Sprintf(", point %d", e.Point)
	}
	if e.Coordinate >= 0 {
		place += fmt.Sprintf(", coordinate %d", e.Coordinate)
	}
	if e.Found != "" {
		place += " is " + e.Found
	}
	return fmt.Sprintf("convex: %s: %v", place, e.Err)
}

// Unwrap returns the kind, so that errors.Is(err, ErrEmpty) and its like work.
func (e *InputError) Unwrap() error { return e.Err }

// validate checks that a list is a non-empty matrix whose entries pass check,
// and returns its dimension.
func validate[T any](argument string, points [][]T, check func(T) error) (int, error) {
	if len(points) == 0 {
		return 0, &InputError{argument, -1, -1, "", ErrEmpty}
	}
	dim := len(points[0])
	for i, p := range points {
		if err := validatePoint(argument, i, p, dim, check); err != nil {
			return 0, err
		}
	}
	return dim, nil
}

// validatePoint checks one point; index −1 stands for an argument that is itself a point.
func validatePoint[T any](argument string, index int, p []T, dim int, check func(T) error) error {
	if len(p) != dim || dim == 0 {
		return &InputError{argument, index, -1, dimensions(len(p), max(dim, 1)), ErrDimension}
	}
	for j, value := range p {
		if err := check(value); err != nil {
			return &InputError{argument, index, j, fmt.Sprint(value), err}
		}
	}
	return nil
}

func dimensions(found, expected int) string {
	return fmt.Sprintf("of dimension %d where %d is expected", found, expected)
}

// validateSets checks that there are sets, none of them nil, and that their
// dimensions are equal if they have to be.
func validateSets(sets []Set, equal bool) error {
	if len(sets) == 0 {
		return &InputError{"sets", -1, -1, "", ErrEmpty}
	}
	for i, set := range sets {
		switch {
		case set == nil || set.Dim() < 1:
			return &InputError{"sets", i, -1, "", ErrSet}
		case equal && set.Dim() != sets[0].Dim():
			return &InputError{"sets", i, -1, dimensions(set.Dim(), sets[0].Dim()), ErrDimension}
		}
	}
	return nil
}

func finite(value float64) error {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return ErrNotFinite
	}
	return nil
}

func present(value *big.Rat) error {
	if value == nil {
		return ErrNil
	}
	return nil
}

func validateSize(argument string, size int) error {
	if size < 1 {
		return &InputError{argument, -1, -1, fmt.Sprint(size), ErrSize}
	}
	return nil
}

func validateLength(argument string, length float64) error {
	if finite(length) != nil || length < 0 {
		return &InputError{argument, -1, -1, fmt.Sprint(length), ErrLength}
	}
	return nil
}

func validateTolerance(tol float64) error {
	if finite(tol) != nil || tol < 0 {
		return &InputError{"tol", -1, -1, fmt.Sprint(tol), ErrTolerance}
	}
	return nil
}
