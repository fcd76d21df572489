package explain

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
)

// Request says what to analyse.
type Request struct {
	Expression string      // in the grammar of package parse
	Program    *expr.Func  // in place of an expression, if not nil
	Title      string      // of a program, in the report where its text is too long to be parsed
	At         Point       // a value for each input, in any order
	Presets    []ad.Preset // nil means all
	Along      []*big.Rat  // direction of a directional derivative, or nil
	// Support is the direction of support functions, or nil: a number for each
	// coordinate, of a vector-valued expression for each entry of the Jacobian, row
	// by row.
	Support []*big.Rat
	Tol     float64 // within which a kink counts as active; above 0 nothing is exact
	Seed    uint64  // of random directions, where a norm is active
}

// Analyze returns the report on a request. A program that is refused is a
// successful analysis; an error means bad input, or that ctx has ended.
//
// A vector-valued expression has Jacobians in place of gradients throughout. Of a
// program in place of an expression the inputs Wrt() are the coordinates; the
// others are constants. Its Expression in the report is text that says the same.
func Analyze(ctx context.Context, q Request) (*Report, error) {
	return NewAnalyzer(q).At(ctx, q.At)
}

// Analyzer makes the analysis of one expression at many points. What does not
// depend on the point is derived and compiled once for each combination of shapes.
// It is safe for concurrent use.
type Analyzer struct {
	q Request

	mutex    sync.Mutex
	programs map[string]*program
}

// NewAnalyzer returns the analyzer of a request, whose point is not used. Mistakes
// in it come with the first point.
func NewAnalyzer(q Request) *Analyzer {
	return &Analyzer{q: q, programs: map[string]*program{}}
}

// At returns the report on a point, see Analyze.
func (a *Analyzer) At(ctx context.Context, at Point) (*Report, error) {
	p, err := a.program(at)
	if err != nil {
		return nil, err
	}
	if err := p.checkDirections(a.q); err != nil {
		return nil, err
	}
	return p.at(at).analyze(ctx, a.q)
}

// keptPrograms bounds the programs that are kept, one for each combination of
// shapes.
const keptPrograms = 16

// program returns the program for points like this one.
func (a *Analyzer) program(at Point) (*program, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	key := a.key(at)
	if p, ok := a.programs[key]; ok {
		return p, nil
	}
	q := a.q
	q.At = at
	p, err := newProgram(q)
	if err != nil {
		return nil, err
	}
	if len(a.programs) == keptPrograms {
		clear(a.programs)
	}
	a.programs[key] = p
	return p, nil
}

// key says what of a point makes a difference to the program: names and shapes,
// and the values of constants.
func (a *Analyzer) key(at Point) string {
	var parts []string
	for _, c := range at {
		part := fmt.Sprint(c.Name, c.Dims)
		if a.isConstant(c.Name) {
			part += fmt.Sprint(c.Values)
		}
		parts = append(parts, part)
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

// isConstant reports whether a program in place of an expression does not
// differentiate an input.
func (a *Analyzer) isConstant(name string) bool {
	f := a.q.Program
	if f == nil {
		return false
	}
	i := slices.Index(expr.Identifiers(f), name)
	return i >= 0 && !slices.Contains(f.Wrt(), f.In()[i])
}

// DirectionError says that a direction does not fit the point.
type DirectionError struct {
	Flag   string   // of the command line
	Length int      // of the direction
	Want   []string // what each number is for
}

func (e *DirectionError) Error() string {
	return fmt.Sprintf("%s: the direction has %d numbers; give %d, for %s", e.Flag, e.Length, len(e.Want), shortList(e.Want))
}

// checkDirections compares directions with the number of coordinates, and with
// that of derivatives.
func (p *program) checkDirections(q Request) error {
	if q.Along != nil && len(q.Along) != len(p.inputs) {
		return &DirectionError{"--along", len(q.Along), p.inputs}
	}
	if want := p.derivativeNames(); q.Support != nil && len(q.Support) != len(want) {
		return &DirectionError{"--support", len(q.Support), want}
	}
	return nil
}
