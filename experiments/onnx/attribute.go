package onnx

import "fmt"

// attribute returns an attribute by name, nil if it is left out, and notes that it
// was read. One of another type is a mistake.
func (c *call) attribute(name string, kind AttributeKind) *Attribute {
	c.read[name] = true
	for i := range c.Attributes {
		a := &c.Attributes[i]
		switch {
		case a.Name != name:
		case a.Kind != kind:
			c.fail("attribute %s is %v; the operator takes %v, write the file again", name, a.Kind, kind)
			return nil
		default:
			return a
		}
	}
	return nil
}

// fail keeps the first mistake in the attributes.
func (c *call) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

func (c *call) int(name string, other int) int {
	if a := c.attribute(name, IntAttribute); a != nil {
		return int(a.Int)
	}
	return other
}

// flag is an integer that is 0 or 1.
func (c *call) flag(name string, other bool) bool {
	if a := c.attribute(name, IntAttribute); a != nil {
		return a.Int != 0
	}
	return other
}

func (c *call) float(name string, other float64) float64 {
	a := c.attribute(name, FloatAttribute)
	switch {
	case a == nil:
		return other
	case isNotFinite(a.Float):
		c.fail("attribute %s is %v; give a finite number", name, a.Float)
		return other
	}
	return a.Float
}

func (c *call) text(name, other string) string {
	if a := c.attribute(name, TextAttribute); a != nil {
		return a.Text
	}
	return other
}

// list is nil if the attribute is left out.
func (c *call) list(name string) []int64 {
	a := c.attribute(name, IntsAttribute)
	switch {
	case a == nil:
		return nil
	case a.Ints == nil:
		return []int64{}
	}
	return a.Ints
}

// axis returns an axis of a tensor, counted from the last if it is negative.
func (c *call) axis(axis, rank int) (int, error) {
	if axis < -rank || axis >= rank {
		return 0, fmt.Errorf("axis %d is not one of the %d axes of its input; give 0 to %d", axis, rank, rank-1)
	}
	return (axis + rank) % rank, nil
}

// leftover refuses attributes that nothing has read: they would change the result.
func (c *call) leftover() error {
	for _, a := range c.Attributes {
		if !c.read[a.Name] {
			return fmt.Errorf("attribute %s is not supported; export without it", shortName(a.Name))
		}
	}
	return nil
}
