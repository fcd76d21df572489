package claim

import (
	"fmt"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/nearest"
)

// UnknownClaimError is returned for a name or number that no claim has.
type UnknownClaimError struct {
	Text    string // what was asked for
	Nearest string // the most similar name, or empty
}

// Error implements error.
func (e *UnknownClaimError) Error() string {
	if e.Nearest != "" {
		return fmt.Sprintf("there is no claim %q: did you mean %q?", e.Text, e.Nearest)
	}
	return fmt.Sprintf(`there is no claim %q: "experiments list" shows them all`, e.Text)
}

// UnknownParamError is returned for a setting whose name is not a parameter of the claim.
type UnknownParamError struct {
	Claim, Param string
	Known        []string // the parameters that there are
	Nearest      string   // the most similar one, or empty
}

// Error implements error.
func (e *UnknownParamError) Error() string {
	place := fmt.Sprintf("claim %q has no parameter %q", e.Claim, e.Param)
	switch {
	case e.Nearest != "":
		return fmt.Sprintf("%s: did you mean %q?", place, e.Nearest)
	case len(e.Known) == 0:
		return place + ": it has none, so leave the setting out or name another claim"
	default:
		return fmt.Sprintf("%s: it has %s", place, strings.Join(e.Known, ", "))
	}
}

func (c Claim) unknownParam(name string) error {
	var known []string
	for _, p := range c.Params {
		known = append(known, p.Name)
	}
	return &UnknownParamError{Claim: c.Name, Param: name, Known: known, Nearest: nearest.Word(name, known)}
}

// ValueError is returned for a setting whose value the parameter does not admit.
type ValueError struct {
	Claim, Param, Text string
	Need               string // what would be admissible
}

// Error implements error.
func (e *ValueError) Error() string {
	return fmt.Sprintf("parameter %q of claim %q cannot be %q: it needs %s", e.Param, e.Claim, e.Text, e.Need)
}

// SettingError is returned for a setting that is malformed or given twice.
type SettingError struct {
	Text string
	Need string // the mend
}

// Error implements error.
func (e *SettingError) Error() string { return fmt.Sprintf("setting %q: %s", e.Text, e.Need) }

// OutcomeError is returned by [Rows] for an outcome that does not fit its claim.
type OutcomeError struct {
	Claim, Label string
	Problem      string
}

// Error implements error.
func (e *OutcomeError) Error() string {
	if e.Label == "" {
		return fmt.Sprintf("claim %q: %s", e.Claim, e.Problem)
	}
	return fmt.Sprintf("claim %q, check %q: %s", e.Claim, e.Label, e.Problem)
}

// RegistryError is returned by [NewRegistry] for a claim whose record is incomplete.
type RegistryError struct {
	Claim   string
	Problem string
}

// Error implements error.
func (e *RegistryError) Error() string {
	return fmt.Sprintf("the registration of claim %q is incomplete: %s", e.Claim, e.Problem)
}

// PanicError is a panic of a claim's code, turned into an error so that other claims go on.
type PanicError struct {
	Value any
	Stack []byte
}

// Error implements error; the stack is left out.
func (e *PanicError) Error() string { return fmt.Sprintf("it panicked: %v", e.Value) }
