package descent

import "fmt"

// InputError says what is wrong with the input of a method and how to mend it.
type InputError struct {
	Place  string // "start", "Limits", an option of a method
	Reason string
}

// Error implements error.
func (e *InputError) Error() string { return fmt.Sprintf("descent: %s: %s", e.Place, e.Reason) }
