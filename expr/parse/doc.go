// Package parse reads programs from text.
//
//	f, err := parse.Parse("let y = relu(x); y - relu(-x)")
//
// # Expressions
//
//	2  0.5  .5  1e-3      numbers; exact rationals, 0.1 is one tenth
//	x  θ  w_1             inputs: letters, digits and _, not beginning with a digit
//	a + b  a - b  a * b   entry by entry, with numpy's broadcasting
//	a / b  -a  +a
//	a ^ b  a ** b         powers, right-associative; -x^2 is -(x^2)
//	relu(x)  max(a, b)    functions
//	v[0]  m[0][1]         entry of the first axis, counted from 0
//	[x, y, 2*x]           a vector; of vectors, a matrix with these rows
//	c < d ? a : b         a choice by one comparison: < <= == != >= >
//	let y = abs(x); y*y   a name for a value, in the expression that follows
//	( … )                 grouping
//
// The inputs of the program are the names that are not bound by let, in the
// order in which they first appear; each is a scalar variable unless an Option
// says otherwise. The value is the one output. A name has one meaning: what let
// binds is not an input elsewhere in the text, nor bound again where it holds.
// The name _ may be bound any number of times and cannot be read.
//
// # Occurrences
//
// Every occurrence of a function is a node of its own, with its own choices at
// kinks: abs(x) - abs(x) has two kinks, let y = abs(x); y - y has one. Nothing
// is merged or simplified, for the set of all gradients that a program can
// return depends on its occurrences.
//
// # Functions
//
// Every op of package expr goes by its name, followed by its operands and then
// its attributes, which are numbers: literals with or without a sign, or
// fractions of two such as -1/3.
//
//	leakyrelu(x, 0.01)    one operand, one attribute
//	clamp(x, lo, hi)      three operands
//	concat(u, v, 1)       any number of operands; the literals at the end are attributes
//	const(1, 2, 1/3, 5)   no operand: rank, extents, entries, here the vector [1/3, 5]
//
// A user's own ops join them by Ops.
//
// Three spellings are shorthand:
//
//   - max and min of one argument take the extreme entry of the last axis (amax,
//     amin); of two, they are the ops max and min; of three or more, they rank
//     the vector of their arguments.
//   - x ^ p with a number p, such as 3, -2 or (1/2), is pow(x, p), a polynomial
//     for p = 0, 1, 2, …. With any other exponent it is power(x, p) = exp(p·log x),
//     for x > 0 only; x^2^3 is such a case, for its exponent is computed.
//   - c < d ? a : b is where(c - d, a, b, 0): its switch is the difference of the
//     two sides. Its derivative is that of the branch that the comparison picks.
//
// Outside attributes, exponents and indices 1/3 is a division of two constants.
// A sign directly before a number belongs to it, so -2 is one constant and -2^2
// is -(2^2).
//
// # Limits
//
// The text has at most 64 KiB. There are no strings, comments, logical operators,
// slices with a colon, loops or user functions. A mistake is reported as an
// Error, one line that names the column and what to write instead.
//
// expr.Format writes this text.
package parse
