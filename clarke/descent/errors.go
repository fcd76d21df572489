package descent

import (
	"fmt"
	"math"
)

// InputError says what is wrong with the input of a method and how to mend it.
type InputError struct {
	Place  string // "start", "Limits", a method, or an option of one: "BFGS.Memory"
	Reason string
}

// Error implements error.
func (e *InputError) Error() string { return fmt.Sprintf("descent: %s: %s", e.Place, e.Reason) }

// checkOptions checks that all of a method's options with the given values are finite and at least 0.
func checkOptions(place string, method any, values ...float64) error {
	for _, v := range values {
		if !(v >= 0) || math.IsInf(v, 1) {
			return &InputError{place, fmt.Sprintf("%+v; its options are finite and at least 0, where 0 means the default", method)}
		}
	}
	return nil
}

// checkFraction checks that an option is below 1.
func checkFraction(place string, value float64) error {
	if value < 1 {
		return nil
	}
	return &InputError{place, fmt.Sprintf("it is %v; choose a number below 1, or 0 for the default", value)}
}

// defaultTo puts a default in place of 0.
func defaultTo[T int | float64](option *T, value T) {
	if *option == 0 {
		*option = value
	}
}

// recentPoints is the default number of points in a certificate, as in HANSO.
func recentPoints(n int) int { return min(100, 2*n, n+10) }
