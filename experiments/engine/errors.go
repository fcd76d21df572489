package engine

import "fmt"

// BusyError tells that another process works in a run folder.
type BusyError struct{ Folder string }

// Error implements error.
func (e *BusyError) Error() string {
	return fmt.Sprintf("another process works in %s: wait for it, or choose another --out", e.Folder)
}

// DamagedError tells that a file of a finished run is not the one that was written.
type DamagedError struct{ Folder, File, Problem string }

// Error implements error.
func (e *DamagedError) Error() string {
	return fmt.Sprintf("%s in %s is damaged (%s): run again with --force", e.File, e.Folder, e.Problem)
}

// Short is what is wrong, without the folder.
func (e *DamagedError) Short() string { return fmt.Sprintf("%s is damaged (%s)", e.File, e.Problem) }

// OutError tells that the folder for all runs cannot be used.
type OutError struct {
	Folder string
	Err    error
}

// Error implements error.
func (e *OutError) Error() string {
	return fmt.Sprintf("--out %s cannot be written (%v): choose another folder", e.Folder, e.Err)
}

// Unwrap returns the cause.
func (e *OutError) Unwrap() error { return e.Err }

// FigureNameError tells that a claim gave a figure a name that cannot be a file's.
type FigureNameError struct{ Name string }

// Error implements error.
func (e *FigureNameError) Error() string {
	return fmt.Sprintf("figure name %q: use lower-case letters, digits, hyphens and underscores, without ending", e.Name)
}

// ClosedError tells that a claim wrote after its run had ended.
type ClosedError struct{ File string }

// Error implements error.
func (e *ClosedError) Error() string {
	return fmt.Sprintf("%s was written after the run had ended: wait for every goroutine before returning", e.File)
}
