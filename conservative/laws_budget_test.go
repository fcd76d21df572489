package conservative_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// counter is a context that ends when it has been looked at for the last time. Every
// loop of the searches looks at its context, so looks count their work without a
// clock.
type counter struct {
	context.Context
	mutex       sync.Mutex
	most, looks int
	done        chan struct{}
}

func newCounter(most int) *counter {
	return &counter{Context: context.Background(), most: most, done: make(chan struct{})}
}

func (c *counter) Done() <-chan struct{} { return c.done }

func (c *counter) Err() error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.looks++; c.looks == c.most {
		close(c.done)
	}
	if c.looks >= c.most {
		return context.Canceled
	}
	return nil
}

// late is how often it was looked at after its end.
func (c *counter) late() int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return max(0, c.looks-c.most)
}

// crowded are families of programs with many kinks that are active at once.
func crowded() map[string]*rapid.Generator[optest.Program] {
	knots := []string{"relu", "abs", "add", "sub", "mul", "max", "sort", "norm2", "median", "sum"}
	return map[string]*rapid.Generator[optest.Program]{
		"affine":             optest.Programs(optest.Config{Class: expr.PiecewiseAffine, Steps: 15}),
		"affine, vectors":    optest.Programs(optest.Config{Class: expr.PiecewiseAffine, Steps: 15, Vector: true}),
		"polynomial":         optest.Programs(optest.Config{Class: expr.PiecewisePolynomial, Steps: 15}),
		"any":                optest.Programs(optest.Config{Steps: 15}),
		"any, vectors":       optest.Programs(optest.Config{Steps: 15, Vector: true}),
		"knots":              optest.Programs(optest.Config{Ops: knots, Steps: 15}),
		"knots, vectors":     optest.Programs(optest.Config{Ops: knots, Steps: 15, Vector: true}),
		"knots, in each way": optest.Programs(optest.Config{Ops: knots, Steps: 15, Repeat: true}),
	}
}

// Small budgets end all searches after so much work, and so does a context: it is
// looked at a few times more until all that is known has come back.
const (
	mostWork = 200_000
	mostLate = 2_000
)

// isFault reports whether a program has no derivatives at a point: overflow and the like.
func isFault(err error) bool {
	var infinite *conservative.NonFiniteError
	var still *ad.SwitchError
	var nan *vm.NaNError
	var fault *vm.FaultError
	var long *exact.FaultError
	return errors.As(err, &infinite) || errors.As(err, &still) || errors.As(err, &nan) || errors.As(err, &fault) ||
		errors.As(err, &long) || errors.Is(err, clarke.ErrDirections)
}

// All searches end, whatever the program, by their budgets or with their context, and
// what they return are bounds.
func TestLawSearchesEnd(t *testing.T) {
	for name, programs := range crowded() {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			p := programs.Draw(t, "program")
			if len(p.Func.Wrt()) == 0 {
				t.Skip("nothing to differentiate")
			}
			x := clarke.RationalPoint(p.Rats()...)
			if rapid.Bool().Draw(t, "in float64") {
				x = clarke.FloatPoint(x.Floats()...)
			}
			all := newQuestions(t, p.Func)
			budgets := newCounter(1 << 40)
			all.ask(t, budgets, x)
			require.Less(t, budgets.looks, mostWork, "a search goes on beyond its budget")
			stopped := newCounter(1 + rapid.IntRange(0, budgets.looks).Draw(t, "looks"))
			all.ask(t, stopped, x)
			require.Less(t, stopped.late(), mostLate, "a search goes on after its context has ended")
		}))
	}
}

// questions are all that is asked about a program, with small budgets.
type questions struct {
	f     *expr.Func
	inner *clarke.Analyzer
	outer *conservative.Analyzer
}

var (
	scarce = conservative.Options{MaxSlots: 5, MaxParts: 8}
	scant  = clarke.Options{Cells: 32, Directions: 4}
)

func newQuestions(t *rapid.T, f *expr.Func) *questions {
	inner, err := clarke.NewAnalyzer(f, scant)
	require.NoError(t, err)
	outer, err := conservative.NewAnalyzer(f, scarce)
	require.NoError(t, err)
	return &questions{f, inner, outer}
}

func (q *questions) ask(t *rapid.T, ctx context.Context, x clarke.Point) {
	d, err := q.outer.At(ctx, x)
	skipFaults(t, err)
	c, err := q.inner.At(ctx, x)
	skipFaults(t, err)
	b, err := conservative.Between(ctx, c, d)
	require.NoError(t, err)
	require.False(t, b.Gap < 0)
	require.False(t, d.DistanceLower > d.Distance, "%v > %v", d.DistanceLower, d.Distance)
	if d.MinNorm.Float != nil && d.Refused == "" {
		h, err := d.Support(ctx, clarke.Floats(d.MinNorm.Float), 8)
		require.NoError(t, err)
		require.LessOrEqual(t, h.Lower.Float[0], h.Upper.Float[0])
		_, err = d.Contains(ctx, d.MinNorm)
		require.NoError(t, err)
	}
	switch rapid.IntRange(0, 3).Draw(t, "question") {
	case 0:
		o := conservative.AuditOptions{Clarke: scant, Field: scarce, MaxRepairs: 8}
		_, err := conservative.Audit(ctx, q.f, x, ad.AtSlot(0.5), o)
		require.NoError(t, err)
	case 1:
		if out := q.f.Out(); len(out) == 1 && out[0].Shape().Rank() == 0 {
			_, err := conservative.CheckCurves(ctx, q.f, x, conservative.Rule{}, conservative.CurveOptions{Curves: 1})
			skipFaults(t, err)
		}
	case 2:
		solve(t, ctx, q.f, x)
	}
}

// skipFaults passes over programs without derivatives at a point.
func skipFaults(t *rapid.T, err error) {
	if isFault(err) {
		t.Skip(err)
	}
	require.NoError(t, err)
}

// solve takes an input with as many entries as the outputs for the unknown.
func solve(t *rapid.T, ctx context.Context, f *expr.Func, x clarke.Point) {
	rows := 0
	for _, y := range f.Out() {
		rows += y.Shape().Size()
	}
	for _, n := range f.Wrt() {
		if n.Shape().Size() == rows && len(f.Wrt()) > 1 {
			o := conservative.ImplicitOptions{Options: conservative.Options{MaxSlots: 5}, Residual: 1e300, Cells: 8}
			_, err := conservative.Implicit(ctx, f, []expr.Node{n}, x, o)
			if err != nil && !isFault(err) {
				require.ErrorIs(t, err, context.Canceled)
			}
			return
		}
	}
}

// Default budgets end a field of dozens of kinks that are copies of each other, with
// bounds and reasons, after so much work: a look stands for a state of the enumeration,
// or for a round of a linear program or of a bound. What they leave open they do not
// answer.
func TestTreesOfCopiesEnd(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and on one goroutine")
	}
	const defaultWork = 1 << 20
	level := map[string]func(s string) string{
		"relu of abs": func(s string) string { return "relu(" + s + " - 0.5*abs(" + s + "))" },
		"max":         func(s string) string { return "max(" + s + ", " + s + " + y)" },
		"median":      func(s string) string { return "median([" + s + ", y, abs(" + s + ")])" },
	}
	for name, next := range level {
		s := "x - y/3"
		for range 6 {
			s = next(s)
		}
		f, err := parse.Parse(s)
		require.NoError(t, err)
		budgets := newCounter(1 << 40)
		d, err := conservative.At(budgets, f, clarke.FloatPoint([]float64{0}, []float64{0}), conservative.Options{})
		require.NoError(t, err)
		require.Less(t, budgets.looks, defaultWork, name)
		require.Greater(t, len(d.Kinks), 36, name)
		require.Equal(t, d.Complete, d.Why == "", name)
		require.NotEmpty(t, d.ContainsZeroWhy, name)
		require.LessOrEqual(t, d.DistanceLower, d.Distance, name)
	}
}
