package explain

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/mixed"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// program is an expression for points of given shapes, with what is derived from
// it. It is safe for concurrent use.
type program struct {
	f       *expr.Func
	text    string // of f
	tol     float64
	inputs  []string
	entries int // numbers that f and its gradient compute

	value   *mixed.Program
	finder  *ad.Finder // of the kinks of the gradient
	presets []framework
	// What is needed by some requests and at some points only.
	lexicographic, directional func() (*mixed.Program, error)
	clarke                     func() (*clarke.Analyzer, error)
	field                      func() (*conservative.Analyzer, error)
}

// PointError says that a point does not give what an expression needs.
type PointError struct {
	Name string // of the input
	Why  string // what is wrong, and the mend
}

func (e *PointError) Error() string { return e.Why }

// errNoInputs is for constant expressions.
var errNoInputs = errors.New("expression: it has no inputs, so there is nothing to differentiate; use a name such as x")

// newProgram derives what reports on points like that of the request need.
//
// Above 0, Tol makes kinks active within that distance of a tie.
func newProgram(q Request) (*program, error) {
	p := &program{tol: q.Tol}
	var err error
	if p.f, p.text, err = q.Func(); err != nil {
		return nil, err
	}
	p.inputs = Names(p.f.In())
	back, err := ad.Backward(p.f)
	if err != nil {
		return nil, err
	}
	if q.Tol > 0 {
		if back, err = ad.Wire(back, ad.Within(q.Tol)); err != nil {
			return nil, err
		}
	}
	p.entries = size(back.Nodes())
	if err := p.checkSize(); err != nil {
		return nil, err
	}
	return p, p.derive(back, q)
}

// Func returns the program that a request is about, all of whose inputs are coordinates with a value
// in At, and its text. The error is a *PointError if the point is at fault.
func (q Request) Func() (f *expr.Func, text string, err error) {
	if q.Program != nil {
		f, text, err = instance(q.Program, q.At)
		if len(text) > parse.MaxSource && q.Title != "" {
			text = q.Title
		}
		return f, text, err
	}
	f, err = parseFor(q.Expression, q.At)
	return f, q.Expression, err
}

// derive compiles what every report needs, and says how the rest is made.
func (p *program) derive(back *expr.Func, q Request) (err error) {
	if p.value, err = mixed.Compile(p.f); err != nil {
		return err
	}
	if p.finder, err = ad.NewFinder(back); err != nil {
		return err
	}
	if p.presets, err = frameworks(back, q.Presets); err != nil {
		return err
	}
	p.lexicographic = sync.OnceValues(func() (*mixed.Program, error) {
		return wired(back, ad.Along(ad.Coordinates(p.f)...))
	})
	p.directional = sync.OnceValues(func() (*mixed.Program, error) {
		g, err := ad.Directional(p.f)
		if err != nil {
			return nil, err
		}
		return compileFrom(g, 1)
	})
	p.clarke = sync.OnceValues(func() (*clarke.Analyzer, error) {
		return clarke.NewAnalyzer(p.f, clarke.Options{Tol: q.Tol, Seed: q.Seed})
	})
	p.field = sync.OnceValues(func() (*conservative.Analyzer, error) {
		return conservative.NewAnalyzer(p.f, conservative.Options{Tol: q.Tol, MaxSlots: p.slots()})
	})
	return nil
}

// wired compiles a backward program without its value, which may be irrational where
// the derivative is not.
func wired(back *expr.Func, w ad.Wiring) (*mixed.Program, error) {
	g, err := ad.Wire(back, w)
	if err != nil {
		return nil, err
	}
	return compileFrom(g, 1)
}

// compileFrom compiles a program without its first outputs.
func compileFrom(g *expr.Func, first int) (*mixed.Program, error) {
	part, err := g.Graph().Func(expr.In(g.In()...), expr.Out(g.Out()[first:]...))
	if err != nil {
		return nil, err
	}
	return mixed.Compile(part)
}

// parseFor reads the expression with inputs of the point's shapes; the point has
// a value for each of them and no others.
func parseFor(expression string, at Point) (*expr.Func, error) {
	shapes := map[string][]int{}
	for _, c := range at {
		shapes[c.Name] = c.Dims
	}
	f, err := parse.Parse(expression, parse.Shapes(shapes))
	if err != nil {
		var mistake *parse.Error
		if errors.As(err, &mistake) && mistake.Line == 0 && strings.HasPrefix(mistake.Msg, "a shape is given") {
			return nil, superfluous(expression, at, mistake)
		}
		return nil, fmt.Errorf("expression: %w", err)
	}
	for _, n := range f.In() {
		if _, ok := at.find(n.String()); !ok {
			return nil, &PointError{n.String(), fmt.Sprintf("there is no value for %s, which the expression reads; add one, such as 0", n)}
		}
	}
	if len(f.In()) == 0 {
		return nil, errNoInputs
	}
	return f, nil
}

// superfluous names the value that no input of the expression takes. It has to
// read the expression once more, with the values that are left.
func superfluous(expression string, at Point, mistake *parse.Error) error {
	for i, c := range at {
		if !strings.Contains(mistake.Msg, fmt.Sprintf("given for %q", c.Name)) {
			continue
		}
		_, err := parseFor(expression, slices.Delete(slices.Clone(at), i, i+1))
		if errors.Is(err, errNoInputs) {
			return err
		}
		_, inputs, _ := strings.Cut(mistake.Msg, "its inputs are ")
		return &PointError{c.Name, fmt.Sprintf("there is a value for %s, which the expression does not read; its inputs are %s", c.Name, inputs)}
	}
	return fmt.Errorf("expression: %w", mistake)
}

// outputs is the number of entries of the value.
func (p *program) outputs() int { return size(p.f.Out()) }

// scalar reports whether the value is one number without axes.
func (p *program) scalar() bool { return p.f.Out()[0].Shape().Rank() == 0 }
