package explain

import (
	"fmt"
	"math/bits"

	"github.com/tamegrad/tamegrad/experiments/mixed"
	"github.com/tamegrad/tamegrad/expr"
)

// Bounds on what is analysed, so that every analysis ends in seconds whatever
// the input. They depend on the input only, never on a clock: the same request
// has the same answer on every machine.
const (
	maxCoordinates = 1 << 16 // of a point
	maxEntries     = 1 << 21 // numbers that the program and its gradient compute
	maxJacobian    = 1 << 18 // entries of a Jacobian
	maxWork        = 1 << 25 // numbers computed for one Jacobian
	setCoordinates = 128     // for sets and lexicographic derivatives
	setEntries     = 1 << 15 // numbers computed, for sets and lexicographic derivatives
	setJacobian    = 1 << 10 // entries of a Jacobian, for the same
	cornerWork     = 1 << 22 // numbers computed to enumerate conv D
)

// SizeError says that an expression is too large for the point.
type SizeError struct{ Why string }

func (e *SizeError) Error() string { return "expression: " + e.Why }

func tooLarge(format string, args ...any) error {
	return &SizeError{fmt.Sprintf(format, args...)}
}

// checkSize refuses what would take too long or too much memory.
func (p *program) checkSize() error {
	n, m := len(p.inputs), p.outputs()
	switch {
	case n > maxCoordinates:
		return &PointError{"", fmt.Sprintf("the point has %d coordinates; give at most %d", n, maxCoordinates)}
	case p.entries > maxEntries:
		return tooLarge("it computes %d numbers with its gradient; make its tensors smaller, at most %d in all", p.entries, maxEntries)
	case m > maxJacobian/n || p.entries > maxWork/m:
		return tooLarge("it has %d outputs for %d coordinates, too large a Jacobian; take fewer outputs, or combine them by sum", m, n)
	}
	return nil
}

// size is the number of entries of the nodes together.
func size(nodes []expr.Node) int {
	total := 0
	for _, n := range nodes {
		total += n.Shape().Size()
	}
	return total
}

// hasSets reports whether sets are computed. Without an active kink they are one point
// each, which is affordable for large programs too.
func (p *program) hasSets(r *Report) bool { return p.small() || len(r.Kinks) == 0 && p.scalar() }

// note says why what a small program has is not given, or "".
func (p *program) note(r *Report) string {
	if p.small() {
		return ""
	}
	if p.hasSets(r) {
		return fmt.Sprintf("lexicographic derivatives are not computed above %d coordinates or %d intermediate numbers", setCoordinates, setEntries)
	}
	return fmt.Sprintf("sets and lexicographic derivatives are not computed above %d coordinates, %d entries of a Jacobian or %d intermediate numbers",
		setCoordinates, setJacobian, setEntries)
}

// small reports whether sets and lexicographic derivatives are computed.
func (p *program) small() bool {
	n := len(p.inputs)
	return n <= setCoordinates && n*p.outputs() <= setJacobian && p.entries <= setEntries
}

// isLarge reports whether rational arithmetic would take too long.
func (p *program) isLarge() bool { return p.entries > mixed.Largest }

// slots is the number of two-way kinks whose combinations are enumerated.
func (p *program) slots() int {
	const most, mostInSpace = 16, 11 // extreme points are dear above two dimensions
	n := bits.Len(uint(cornerWork/p.entries)) - 1
	if len(p.inputs) > 2 {
		return max(2, min(n, mostInSpace))
	}
	return max(2, min(n, most))
}
