package optest

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/expr"
)

// Program is a program and a point.
type Program struct {
	Func *expr.Func
	At   [][]float64 // one flat buffer for every input
}

// Rats returns the point in rationals.
func (p Program) Rats() [][]*big.Rat { return AllToRats(p.At) }

// Rounds reports whether float64 rounds a value of the program at its point, so
// that it may see other ties than rationals do: points are dyadic, but constants
// and means need not be. The program must run in rationals.
func (p Program) Rounds(t require.TestingT) bool {
	all, err := p.Func.Graph().Func(expr.In(p.Func.In()...), expr.Out(p.Func.Nodes()...))
	require.NoError(t, err)
	for _, row := range Exact(t, all, p.Rats()...) {
		for _, v := range row {
			if _, exact := v.Float64(); !exact {
				return true
			}
		}
	}
	return false
}

// GoString lists the program and its point, for failures.
func (p Program) GoString() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%v", p.Func)
	for i, n := range p.Func.In() {
		fmt.Fprintf(&b, "at %v = %v\n", n, p.At[i])
	}
	return b.String()
}

// Config says which programs to draw.
type Config struct {
	// Class is the largest class of the programs; 0 means any. Piecewise
	// polynomials have degree 4 at most.
	Class expr.Kind
	// Steps is the largest number of ops drawn, constants and the final
	// reduction excepted; 0 means 10.
	Steps int
	// Vector asks for one or two outputs of any shape instead of one scalar.
	Vector bool
	// Jumps admits ops at points where they are not continuous and locally
	// Lipschitz: where, sign and floor at their jumps, selectors as values.
	Jumps bool
	// Ops, if not empty, lists the ops to draw from.
	Ops []string
	// Exactly draws Steps ops, not at most as many.
	Exactly bool
	// Repeat makes about every other op a further occurrence of one that the
	// program has; otherwise about every eighth is.
	Repeat bool
}

// Programs draws random programs of registered ops over one to three inputs,
// with shared subexpressions, duplicate occurrences and unused inputs. About
// half of the ops have their operands shifted, by constants, to where the op's
// own sampler would draw them: onto kinks, about half of the time.
func Programs(cfg Config) *rapid.Generator[Program] {
	if cfg.Class == expr.Undeclared {
		cfg.Class = expr.NotDefinable
	}
	if cfg.Steps == 0 {
		cfg.Steps = 10
	}
	return rapid.Custom(func(t *rapid.T) Program {
		b := newBuilder(t, cfg)
		steps := cfg.Steps
		if !cfg.Exactly {
			steps = rapid.IntRange(1, cfg.Steps).Draw(t, "steps")
		}
		for range steps {
			b.step()
		}
		f, err := b.g.Func(expr.In(b.in...), expr.Out(b.outputs()...))
		if err != nil {
			t.Fatalf("the generator built a wrong program: %v", err)
		}
		return Program{Func: f, At: b.at}
	})
}
