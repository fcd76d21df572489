package expr

import (
	"fmt"
	"slices"
)

var registry = map[string]*Op{}

// define fills in a primitive of the language. Records stand apart from the
// variables that name them because their derivatives refer to each other. A
// defective record is a mistake of ours and stops the program at start.
func define(op *Op, record Op) struct{} {
	if err := record.Check(); err != nil {
		panic(err)
	}
	if registry[record.Name] != nil {
		panic(fmt.Sprintf("expr: op %s is defined twice", record.Name))
	}
	*op = record
	registry[op.Name] = op
	return struct{}{}
}

// Lookup returns the primitive of that name.
func Lookup(name string) (*Op, bool) {
	op, ok := registry[name]
	return op, ok
}

// Ops returns all primitives, ordered by name.
func Ops() []*Op {
	out := make([]*Op, 0, len(registry))
	for _, op := range registry {
		out = append(out, op)
	}
	slices.SortFunc(out, func(a, b *Op) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return out
}
