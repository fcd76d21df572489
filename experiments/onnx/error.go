package onnx

import (
	"fmt"
	"strings"
)

// Error says what in a model cannot be imported, and what to do about it.
type Error struct {
	Node string // the operator's name, or that of its first output; "" outside of operators
	Op   string // its type, such as Conv
	Why  string // what is wrong, with the attribute or the tensor, and the mend
}

func (e *Error) Error() string {
	if e.Op == "" && e.Node == "" {
		return "onnx: " + e.Why
	}
	return fmt.Sprintf("onnx: node %s (%s): %s", shortName(e.Node), shortText(e.Op), e.Why)
}

// mistake is an error about the model as a whole.
func mistake(format string, args ...any) error {
	return &Error{Why: fmt.Sprintf(format, args...)}
}

// maxName bounds how much of a name is shown: files may hold names of any length.
const maxName = 60

func shortText(s string) string {
	s = strings.ToValidUTF8(s, "�")
	if r := []rune(s[:min(len(s), 4*maxName)]); len(r) > maxName {
		return string(r[:maxName]) + "…"
	}
	return s
}

// shortName quotes a name for a message.
func shortName(s string) string { return fmt.Sprintf("%q", shortText(s)) }
