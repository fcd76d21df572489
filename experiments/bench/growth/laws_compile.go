package growth

import (
	"fmt"
	"strings"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// making is the work of differentiating, wiring and compiling a program.
func making(f *expr.Func, err error) (Work, error) {
	if err != nil {
		return Work{}, err
	}
	build := func() (any, error) {
		d, err := selection(f, nil)
		if err != nil {
			return nil, err
		}
		return vm.Compile(d, alone)
	}
	return Work{Build: build, Run: func() error {
		_, err := build()
		return err
	}}, nil
}

func compileLaws() []Law {
	deep := Law{Axis: "layers of a chain of scalars", Quick: doublings(1<<7, 1<<13, 2), Full: doublings(1<<7, 1<<17, 2), Prepare: func(n int) (Work, error) { return making(scalars(n)) }}
	wide := Law{Axis: "terms, each a node of its own", Quick: doublings(1<<7, 1<<12, 2), Full: doublings(1<<7, 1<<16, 2), Prepare: func(n int) (Work, error) { return making(scattered(n)) }}
	text := Law{Axis: "terms of the text", Quick: doublings(1<<6, 1<<11, 2), Full: doublings(1<<6, 1<<12, 2), Prepare: parsing}
	const pass = "passes visit each node once, and what they look up is in maps and arrays; sorting would add a logarithm"
	fromSmall := from(1<<8, allocating, "below it tables that are made once count")
	large := from(1<<11, allocating, "collections begin at 4 MB at the latest, so that less says little")
	return []Law{
		deep.law("compile-depth-time", Time, "To differentiate and compile a chain of L scalar layers takes time in proportion to L.", linear, "L", pass, fromSmall),
		deep.law("compile-depth-allocated", Allocated, "To differentiate and compile a chain of L scalar layers allocates memory in proportion to L.", linear, "L", pass, fromSmall),
		deep.law("compile-depth-peak", Peak, "To differentiate and compile a chain of L scalar layers needs memory at once in proportion to L.", linear, "L", pass, large),
		wide.law("compile-terms-time", Time, "To differentiate and compile a sum of n terms, whose operands are sliced out of one vector, takes time in proportion to n.", linear, "n", pass+"; all slices of one node are adjoined in one scatter", fromSmall),
		wide.law("compile-terms-allocated", Allocated, "To differentiate and compile a sum of n terms allocates memory in proportion to n.", linear, "n", pass, fromSmall),
		text.law("parse-terms-time", Time, "To parse a text of n terms takes time in proportion to n.", linear, "n", "the parser reads from left to right and each node is built once", fromSmall),
	}
}

// parsing reads |x0 − 1| + |x1 − 1| + ….
func parsing(n int) (Work, error) {
	terms := make([]string, n)
	for i := range terms {
		terms[i] = fmt.Sprintf("abs(x%d-1)", i)
	}
	text := strings.Join(terms, "+")
	return Work{Run: func() error {
		_, err := parse.Parse(text)
		return err
	}}, nil
}
