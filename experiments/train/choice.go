package train

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Choice is a name, with options or without: "adam", or "adam: {beta1: 0.8}".
type Choice struct {
	Name    string
	options ast.Node // nil if there are none
	at      ast.Node // nil if the file does not have it
}

// UnmarshalYAML implements goccy's interface for nodes.
func (c *Choice) UnmarshalYAML(node ast.Node) error {
	c.at = node
	switch n := node.(type) {
	case *ast.StringNode:
		c.Name = n.Value
		return nil
	case *ast.MappingValueNode:
		c.Name, c.options = n.Key.String(), n.Value
		return nil
	case *ast.MappingNode:
		if len(n.Values) == 1 {
			c.Name, c.options = n.Values[0].Key.String(), n.Values[0].Value
			return nil
		}
	}
	return mistake(node, "give a name, or one name with its options, such as \"adam\" or \"adam: {beta1: 0.8}\"")
}

// given reports whether the file has the choice.
func (c *Choice) given() bool { return c.at != nil }

// decode reads the options into v, which has the defaults; without options it stays.
func (c *Choice) decode(v any) error {
	if c.options == nil {
		return nil
	}
	if err := yaml.NodeToValue(c.options, v, yaml.Strict()); err != nil {
		return fmt.Errorf("%s: %w", c.Name, plain(err))
	}
	return nil
}

// decodeFields reads options into the fields of a type of another package, which are named
// weight_decay here for WeightDecay.
func (c *Choice) decodeFields(v any) error {
	var entries []*ast.MappingValueNode
	switch n := c.options.(type) {
	case *ast.MappingNode:
		entries = n.Values
	case *ast.MappingValueNode:
		entries = []*ast.MappingValueNode{n}
	}
	of := reflect.TypeOf(v).Elem()
	for _, e := range entries {
		key, ok := e.Key.(*ast.StringNode)
		if !ok {
			continue
		}
		plain := strings.ReplaceAll(key.Value, "_", "")
		for i := range of.NumField() {
			if strings.ToLower(of.Field(i).Name) == plain { // others stay as they are, for the message
				key.Value, key.Token.Value = plain, plain
			}
		}
	}
	return c.decode(v)
}

// none refuses options.
func (c *Choice) none() error {
	if c.options != nil {
		return mistake(c.at, "%s takes no options", c.Name)
	}
	return nil
}

// unknown says which names there are.
func (c *Choice) unknown(what string, names []string) error {
	slices.Sort(names)
	return mistake(c.at, "there is no %s %q; there are %s", what, c.Name, strings.Join(names, ", "))
}

// MistakeError is a mistake in a training file.
type MistakeError struct {
	Line, Column int // from 1; 0 if it is in no single place
	Why          string
}

func (e *MistakeError) Error() string {
	if e.Line == 0 {
		return e.Why
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Why)
}

func mistake(node ast.Node, format string, args ...any) error {
	e := &MistakeError{Why: fmt.Sprintf(format, args...)}
	if node != nil {
		at := node.GetToken().Position
		e.Line, e.Column = at.Line, at.Column
	}
	return e
}
