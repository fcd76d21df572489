package parse

import "fmt"

// Error is a mistake in the text of a program.
type Error struct {
	Line, Column int    // of the mistake, in characters from 1; 0 if it is not in the text
	Msg          string // what is wrong and what to write instead
	Err          error  // the *expr.BuildError behind it, if any
}

// Error returns one line of text.
func (e *Error) Error() string {
	switch {
	case e.Line == 0:
		return e.Msg
	case e.Line == 1:
		return fmt.Sprintf("column %d: %s", e.Column, e.Msg)
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Msg)
}

// Unwrap returns the error of package expr behind this one, or nil.
func (e *Error) Unwrap() error { return e.Err }
