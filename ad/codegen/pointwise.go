package codegen

import (
	"fmt"
	"strings"
)

// entry is one application of an op to entries: the texts of the operands, and what the text may use.
type entry struct {
	*generator
	v *value
	x []string
}

// pointwise gives the expressions of ops that work entry by entry, with the bits of the executor. Every product is
// converted, so that a compiler may not fuse it with a sum.
var pointwise = map[string]func(e *entry) string{
	"add": add, "sub": infix("-"), "div": infix("/"),
	"mul":              func(e *entry) string { return product(e.x[0], e.x[1]) },
	"neg":              func(e *entry) string { return "-" + e.x[0] },
	"affine":           affine,
	"pow":              pow,
	"power":            copiedCall("Pow"),
	"product in a sum": func(e *entry) string { return "math.FMA(" + e.x[0] + ", " + e.x[1] + ", 0) + 0" },

	"exp": copiedCall("Exp"), "expm1": copiedCall("Expm1"), "log": copiedCall("Log"), "log1p": copiedCall("Log1p"),
	"sin": copiedCall("Sin"), "cos": copiedCall("Cos"), "tanh": copiedCall("Tanh"), "erf": copiedCall("Erf"),
	"sigmoid": copiedCall("Sigmoid"), "softplus": copiedCall("Softplus"),
	"sqrt": call("math.Sqrt"), "abs": call("math.Abs"), "floor": call("math.Floor"), "max": call("max"), "min": call("min"),

	"relu": copiedCall("ReLU"), "sign": copiedCall("Sign"),
	"leakyrelu": copiedCall("LeakyReLU"), "elu": copiedCall("ELU"), "huber": copiedCall("Huber"), "snap": snapped,
	"clamp": func(e *entry) string { return "min(max(" + e.x[0] + ", " + e.x[1] + "), " + e.x[2] + ")" },
	"hinge": func(e *entry) string { return e.use("ReLU") + "(1 - " + e.x[0] + ")" },
	"pinball": func(e *entry) string {
		up := e.v.attr[0]
		return fmt.Sprintf("%s(%s, %s, %s)", e.use("IfNegative"), e.x[0], product(number(up-1), e.x[0]), product(number(up), e.x[0]))
	},
	"softthreshold": func(e *entry) string {
		t, relu := number(e.v.attr[0]), e.use("ReLU")
		return fmt.Sprintf("%s(%s-%s) - %s(-%s-%s)", relu, e.x[0], t, relu, e.x[0], t)
	},

	"gate": copiedCall("Gate"), "gate of choice": gateOfChoice, "choice": step1, "step": step1, "tied": tied,
	"where": func(e *entry) string {
		return fmt.Sprintf("%s(%s, %s, %s)", e.use("If"), compared(e), e.x[1], e.x[2])
	},
	"share":   shared,
	"compare": func(e *entry) string { return fmt.Sprintf("%s(%s, 1, 0)", e.use("If"), compared(e)) },
}

func infix(op string) func(e *entry) string {
	return func(e *entry) string { return e.x[0] + " " + op + " " + e.x[1] }
}

// add writes x + (−c) as x − c.
func add(e *entry) string {
	if c, ok := strings.CutPrefix(e.x[1], "(-"); ok {
		return e.x[0] + " - " + strings.TrimSuffix(c, ")")
	}
	return infix("+")(e)
}

// copiedCall calls a copied function with operands, then attributes.
func copiedCall(name string) func(e *entry) string {
	return func(e *entry) string { return call(e.use(name))(e) }
}

func call(name string) func(e *entry) string {
	return func(e *entry) string {
		s := name + "("
		for i, x := range e.x {
			if i > 0 {
				s += ", "
			}
			s += x
		}
		for _, a := range e.v.attr {
			s += ", " + number(a)
		}
		return s + ")"
	}
}

func product(x, y string) string { return "float64(" + x + " * " + y + ")" }

// scaled is a·x, without the product where it is x or −x.
func scaled(a float64, x string) string {
	switch a {
	case 1:
		return x
	case -1:
		return "-" + x
	}
	return product(number(a), x)
}

// affine keeps a sum with 0, which turns −0 into 0.
func affine(e *entry) string {
	if c := e.v.choice; c != nil {
		return chosenText(e, number(c.positive), number(c.negative), number(c.zero))
	}
	a, b := e.v.attr[0], e.v.attr[1]
	switch {
	case a == -1:
		return number(b) + " - " + e.x[0]
	case b < 0:
		return scaled(a, e.x[0]) + " - " + number(-b)
	}
	return scaled(a, e.x[0]) + " + " + number(b)
}

func pow(e *entry) string {
	x := e.x[0]
	switch p := e.v.attr[0]; p {
	case 1:
		return x
	case 2:
		return product(x, x)
	case 3:
		return product(product(x, x), x)
	}
	return copiedCall("Pow")(e)
}

func snapped(e *entry) string {
	return fmt.Sprintf("%s(%s, %s)", e.use("Snap"), e.x[0], number(e.v.attr[0]))
}

// chosenText is one of three texts by the sign of the first operand.
func chosenText(e *entry, positive, negative, zero string) string {
	z := e.x[0]
	switch {
	case zero == negative:
		return fmt.Sprintf("%s(%s, %s, %s)", e.use("IfPositive"), z, positive, negative)
	case zero == positive:
		return fmt.Sprintf("%s(%s, %s, %s)", e.use("IfNegative"), z, negative, positive)
	}
	return fmt.Sprintf("%s(%s, %s, %s, %s)", e.use("BySign"), z, positive, negative, zero)
}

// gateOfChoice is the operand times one of three constants.
func gateOfChoice(e *entry) string {
	c, x := e.v.choice, e.x[1]
	return chosenText(e, gatedText(c.positive, x), gatedText(c.negative, x), gatedText(c.zero, x))
}

// keys is the first key that is not 0.
func keys(e *entry, x []string) string {
	s := x[len(x)-1]
	for i := len(x) - 2; i >= 0; i-- {
		s = fmt.Sprintf("%s(%s, %s)", e.use("Key"), x[i], s)
	}
	return s
}

func step1(e *entry) string {
	if c := e.v.choice; c != nil {
		return chosenText(e, number(c.positive), number(c.negative), number(c.zero))
	}
	last := len(e.x) - 1
	return fmt.Sprintf("%s(%s, %s)", e.use("Step"), keys(e, e.x[:last]), e.x[last])
}

func tied(e *entry) string { return fmt.Sprintf("%s(%s)", e.use("IfZero"), keys(e, e.x)) }

// compared is the comparison of a where.
func compared(e *entry) string {
	return e.x[0] + " " + [...]string{"<", "<=", "==", "!=", ">=", ">"}[int(e.v.attr[0])] + " 0"
}
