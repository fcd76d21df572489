package claim

import (
	"fmt"
	"io"
)

// Context is what a running claim knows and where it writes. Without an Output everything
// written is discarded, so tests can run a claim with a Context literal.
type Context struct {
	Claim   string  // the claim's name
	Profile Profile // which defaults were taken
	Values  Values  // every parameter
	Seed    uint64  // the run's seed, one axis of every random stream
	Workers int     // how many goroutines Each uses; never to influence a result
	Output  Output
}

// Output receives what a claim writes into its run folder. It is safe for concurrent use.
type Output interface {
	// Trace appends one record to trace.jsonl.
	Trace(record any) error
	// Figure writes figures/NAME.svg.
	Figure(name string, d Drawing) error
}

// Drawing is something that can be written as SVG, such as a figure.Figure. If it is also a
// json.Marshaler, its data are kept next to it as figures/NAME.json.
type Drawing interface {
	WriteSVG(w io.Writer) error
}

// Trace appends a record, one line of JSON, to the run's trace.jsonl. A jsonnum.Object is the
// easy kind of record. Call it in an order that does not depend on the number of workers.
func (c *Context) Trace(record any) error {
	if c.Output == nil {
		return nil
	}
	return c.Output.Trace(record)
}

// Figure writes a figure into the run folder; name has no folder and no ending.
func (c *Context) Figure(name string, d Drawing) error {
	if c.Output == nil {
		return nil
	}
	return c.Output.Figure(name, d)
}

// Int returns the value of an int parameter. This and the other getters panic on a name or
// type that the claim does not declare, a mistake in its code which fails that claim alone.
func (c *Context) Int(name string) int { return get[int](c, name) }

// Float returns the value of a float parameter.
func (c *Context) Float(name string) float64 { return get[float64](c, name) }

// Bool returns the value of a bool parameter.
func (c *Context) Bool(name string) bool { return get[bool](c, name) }

// Text returns the value of a text parameter.
func (c *Context) Text(name string) string { return get[string](c, name) }

// Ints returns the value of an ints parameter; it must not be modified.
func (c *Context) Ints(name string) []int { return get[[]int](c, name) }

// Floats returns the value of a floats parameter; it must not be modified.
func (c *Context) Floats(name string) []float64 { return get[[]float64](c, name) }

func get[T any](c *Context, name string) T {
	value, ok := c.Values[name].(T)
	if !ok {
		panic(fmt.Sprintf("claim %q reads %q as %T, but declares no such parameter", c.Claim, name, value))
	}
	return value
}
