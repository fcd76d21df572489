package ad_test

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// This file is an independent oracle: it reads the text of a program, walks it
// as a list of operations and applies the chain rule backward in float64. It
// shares nothing with the graphs of expr, the rules of its ops or the presets.

// operation is one step of a program: a name, operands by position, a number.
type operation struct {
	name string
	args []int
	num  float64
}

// reader is a recursive descent parser of the part of the grammar that the
// known rows use.
type reader struct {
	tokens []string
	code   []operation
	inputs []int
	bound  map[string]int
}

func interpret(text string) *reader {
	r := &reader{bound: map[string]int{}}
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		n := 1
		for n < len(text) && word(text[0]) && word(text[n]) {
			n++
		}
		r.tokens, text = append(r.tokens, text[:n]), text[n:]
	}
	r.expression()
	return r
}

func word(c byte) bool {
	return c == '.' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z'
}

func (r *reader) next() string {
	t := r.tokens[0]
	r.tokens = r.tokens[1:]
	return t
}

// accept skips the next token if it is one of the given ones.
func (r *reader) accept(list ...string) string {
	if len(r.tokens) > 0 && slices.Contains(list, r.tokens[0]) {
		return r.next()
	}
	return ""
}

func (r *reader) add(op operation) int {
	r.code = append(r.code, op)
	return len(r.code) - 1
}

func (r *reader) expression() int {
	if r.accept("let") != "" {
		name := r.next()
		r.accept("=")
		r.bound[name] = r.expression()
		r.accept(";")
		return r.expression()
	}
	return r.chain(func() int { return r.chain(r.signed, "*", "/") }, "+", "-")
}

func (r *reader) chain(part func() int, operators ...string) int {
	x := part()
	for op := r.accept(operators...); op != ""; op = r.accept(operators...) {
		x = r.add(operation{name: op, args: []int{x, part()}})
	}
	return x
}

func (r *reader) signed() int {
	if r.accept("-") != "" {
		return r.add(operation{name: "neg", args: []int{r.signed()}})
	}
	x := r.primary()
	if r.accept("^") != "" {
		p, _ := strconv.ParseFloat(r.next(), 64)
		return r.add(operation{name: "^", args: []int{x}, num: p})
	}
	return x
}

func (r *reader) primary() int {
	t := r.next()
	if t == "(" {
		x := r.expression()
		r.accept(")")
		return x
	}
	if v, err := strconv.ParseFloat(t, 64); err == nil {
		return r.add(operation{name: "const", num: v})
	}
	if r.accept("(") != "" {
		return r.call(t)
	}
	if _, ok := r.bound[t]; !ok {
		r.bound[t] = r.add(operation{name: "input"})
		r.inputs = append(r.inputs, r.bound[t])
	}
	return r.bound[t]
}

// call reads the operands; max of a vector or of three is called amax.
func (r *reader) call(name string) int {
	vector := r.accept("[") != ""
	args := []int{r.expression()}
	for r.accept(",") != "" {
		args = append(args, r.expression())
	}
	r.accept("]")
	r.accept(")")
	if vector || len(args) > 2 && (name == "max" || name == "min") {
		name = "a" + name
	}
	return r.add(operation{name: name, args: args})
}

// values evaluates all operations at a point.
func (r *reader) values(point []float64) []float64 {
	v := make([]float64, len(r.code))
	for i, op := range r.code {
		var x []float64
		for _, a := range op.args {
			x = append(x, v[a])
		}
		if k := slices.Index(r.inputs, i); k >= 0 {
			v[i] = point[k]
		} else {
			v[i] = op.value(x)
		}
	}
	return v
}

func (op operation) value(x []float64) float64 {
	switch op.name {
	case "const":
		return op.num
	case "+":
		return x[0] + x[1]
	case "-":
		return x[0] - x[1]
	case "*":
		return x[0] * x[1]
	case "neg":
		return -x[0]
	case "^":
		return math.Pow(x[0], op.num)
	case "exp":
		return math.Exp(x[0])
	case "log1p":
		return math.Log1p(x[0])
	case "relu":
		return max(x[0], 0)
	case "abs":
		return math.Abs(x[0])
	case "max", "amax", "maxpool":
		return slices.Max(x)
	case "min", "amin":
		return slices.Min(x)
	case "clamp":
		return min(max(x[0], x[1]), x[2])
	case "softthreshold":
		return max(x[0]-x[1], 0) - max(-x[0]-x[1], 0)
	}
	panic("the interpreter has no " + op.name)
}

// unit is row i of the identity of order n.
func unit(n, i int) []float64 {
	row := make([]float64, n)
	row[i] = 1
	return row
}

// pieces returns the gradients of the smooth pieces that are active at x, in
// the order: the larger slope, the first argument, x itself.
func (op operation) pieces(x []float64) [][]float64 {
	switch op.name {
	case "+":
		return [][]float64{{1, 1}}
	case "-":
		return [][]float64{{1, -1}}
	case "*":
		return [][]float64{{x[1], x[0]}}
	case "neg":
		return [][]float64{{-1}}
	case "^":
		return [][]float64{{op.num * math.Pow(x[0], op.num-1)}}
	case "exp":
		return [][]float64{{math.Exp(x[0])}}
	case "log1p":
		return [][]float64{{1 / (1 + x[0])}}
	case "relu":
		return active(x[0], [][]float64{{1}, {0}})
	case "abs":
		return active(x[0], [][]float64{{1}, {-1}})
	case "softthreshold":
		return active(math.Abs(x[0])-x[1], [][]float64{{1, 0}, {0, 0}})
	case "clamp":
		lo, hi := active(x[0]-x[1], [][]float64{unit(3, 0), unit(3, 1)}), active(x[2]-x[0], [][]float64{unit(3, 0), unit(3, 2)})
		if x[0] == x[1] || x[0] < x[1] {
			return lo
		}
		return hi
	}
	return op.extremes(x)
}

func active(z float64, both [][]float64) [][]float64 {
	switch {
	case z > 0:
		return both[:1]
	case z < 0:
		return both[1:]
	}
	return both
}

// extremes returns the pieces of a maximum or minimum: one for each tied entry.
func (op operation) extremes(x []float64) (rows [][]float64) {
	for i := range x {
		if x[i] == op.value(x) {
			rows = append(rows, unit(len(x), i))
		}
	}
	return rows
}

// backward applies the chain rule; weights says how the active pieces of an
// operation count, given their number if there are several.
func (r *reader) backward(point []float64, weights func(i, pieces int) []float64) []float64 {
	v := r.values(point)
	adjoint := make([]float64, len(v))
	adjoint[len(v)-1] = 1
	for i := len(v) - 1; i >= 0; i-- {
		op := r.code[i]
		var x []float64
		for _, a := range op.args {
			x = append(x, v[a])
		}
		if len(x) == 0 || adjoint[i] == 0 {
			continue
		}
		rows, w := op.pieces(x), []float64{1}
		if len(rows) > 1 {
			w = weights(i, len(rows))
		}
		for p, row := range rows {
			for j, a := range op.args {
				adjoint[a] += adjoint[i] * w[p] * row[j]
			}
		}
	}
	g := make([]float64, len(r.inputs))
	for k, i := range r.inputs {
		g[k] = adjoint[i]
	}
	return g
}

// selections calls yield with the gradient of every combination of active
// pieces: the vertices of the field, and more points of it.
func (r *reader) selections(point []float64, yield func(g []float64)) {
	choice := map[int]int{}
	for {
		var met []int
		count := map[int]int{}
		yield(r.backward(point, func(i, pieces int) []float64 {
			met, count[i] = append(met, i), pieces
			return unit(pieces, choice[i])
		}))
		for len(met) > 0 && choice[met[len(met)-1]] == count[met[len(met)-1]]-1 {
			delete(choice, met[len(met)-1])
			met = met[:len(met)-1]
		}
		if len(met) == 0 {
			return
		}
		choice[met[len(met)-1]]++
	}
}
