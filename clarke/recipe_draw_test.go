package clarke_test

import (
	"fmt"
	"math/big"
	"strings"

	"pgregory.net/rapid"
)

// ingredients says which recipes to draw.
type ingredients struct {
	ops     []string
	inputs  int        // at most; 0 means 3
	at      []*big.Rat // the point, if it is given
	steps   int        // at most; 0 means 5
	outputs int        // 0 means 1
	// dyadic keeps numbers to those that floats have.
	dyadic bool
	// tangent begins with a square and nodes that touch each other.
	tangent bool
}

var (
	stepOps        = []string{"relu", "abs", "leakyrelu", "pinball", "clamp", "max", "min", "norm1"}
	rankOps        = []string{"max", "min", "topksum", "median", "norminf"}
	permutationOps = []string{"sorted", "groupsort"}
	affineOps      = append(append(append([]string{"linear", "linear", "again"}, stepOps...), rankOps...), permutationOps...)
	curvedOps      = append([]string{"product", "product", "product"}, affineOps...)
)

// recipes draws programs whose kinks are mostly active at their point: arguments
// are shifted there to 0, or to 1 or −1 now and then.
func recipes(c ingredients) *rapid.Generator[*recipe] {
	if c.inputs == 0 {
		c.inputs = 3
	}
	if c.steps == 0 {
		c.steps = 5
	}
	if c.ops == nil {
		c.ops = affineOps
	}
	return rapid.Custom(func(t *rapid.T) *recipe {
		d := &drawing{t: t, c: c, r: &recipe{}}
		numbers := []*big.Rat{new(big.Rat), big.NewRat(1, 1), big.NewRat(-1, 2), big.NewRat(1, 3)}
		if c.dyadic {
			numbers = numbers[:3]
		}
		if d.r.x = c.at; c.at == nil {
			for range min(1+d.below(c.inputs+1, "inputs"), c.inputs) {
				d.r.x = append(d.r.x, oneOf(d, numbers, "x"))
			}
		}
		if c.tangent {
			d.touch()
		}
		for range min(2, c.steps) + d.below(c.steps-1, "steps") {
			d.add(d.step())
		}
		for range max(c.outputs, 1) {
			d.r.out = append(d.r.out, d.output())
		}
		return d.r
	})
}

type drawing struct {
	t *rapid.T
	c ingredients
	r *recipe
}

// touch adds a square and two forms that differ from an input by multiples of it.
func (d *drawing) touch() {
	n := len(d.r.x)
	i, j := d.below(n, "square"), d.below(n, "touched")
	d.add(step{op: "product", args: []arg{d.centred(i), d.centred(i)}})
	for range 2 {
		d.add(step{op: "linear", args: []arg{d.centred(j), d.centred(n)}, w: []*big.Rat{big.NewRat(1, 1), d.coefficient()}})
	}
}

// add returns the node of a further step.
func (d *drawing) add(s step) int {
	d.r.steps = append(d.r.steps, s)
	return len(d.r.x) + len(d.r.steps) - 1
}

// centred shifts a node to 0.
func (d *drawing) centred(node int) arg {
	return arg{node, new(big.Rat).Neg(d.r.nodes(d.r.x)[node])}
}

// conditional draws two switches that differ by a square on some cells of a kink,
// where an argument of it is what it returns, and have different rows on others.
func conditional() *rapid.Generator[*recipe] {
	return rapid.Custom(func(t *rapid.T) *recipe {
		d := &drawing{t: t, c: ingredients{dyadic: true}, r: &recipe{x: zeroes(5)}}
		one, c := big.NewRat(1, 1), d.coefficient()
		kink := oneOf(d, []string{"relu", "abs", "max", "min", "topksum", "median", "sorted", "groupsort", "clamp", "norminf"}, "kink")
		s := step{op: kink, k: 1, args: []arg{d.centred(0), d.centred(1), d.centred(2)}, w: d.coefficients(3)}
		switch kink {
		case "relu", "abs":
			s.args = s.args[:1]
		case "groupsort":
			s.args, s.w, s.k = s.args[:2], s.w[:2], 2
		}
		y := d.add(s)
		square := d.add(step{op: "product", args: []arg{d.centred(4), d.centred(4)}})
		u := d.add(step{op: "linear", args: []arg{d.centred(y), d.centred(0)}, w: []*big.Rat{c, oneOf(d, []*big.Rat{new(big.Rat), c, new(big.Rat).Neg(c)}, "argument")}})
		v := d.add(step{op: "linear", args: []arg{d.centred(u), d.centred(square)}, w: []*big.Rat{one, d.coefficient()}})
		w := d.add(step{op: "linear", args: []arg{d.centred(3), d.centred(v)}, w: d.coefficients(2)})
		for _, node := range []int{3, w} {
			d.r.out = append(d.r.out, []term{{d.coefficient(), d.add(step{op: oneOf(d, []string{"relu", "abs"}, "side"), args: []arg{d.centred(node)}})}})
		}
		d.r.out = [][]term{append(append(d.r.out[0], d.r.out[1]...), term{d.coefficient(), y})}
		return d.r
	})
}

// mostDegree bounds the degree of the polynomials that products make.
const mostDegree = 4

// degree returns that of a node in the inputs.
func (r *recipe) degree(node int) int {
	if node < len(r.x) {
		return 1
	}
	s, most, all := &r.steps[node-len(r.x)], 0, 0
	for _, a := range s.args {
		n := r.degree(a.node)
		most, all = max(most, n), all+n
	}
	if s.op == "product" {
		return all
	}
	return most
}

// below draws one of 0, …, n−1, each about as likely, bit by bit: generators of
// ranges favour small numbers.
func (d *drawing) below(n int, label string) int {
	v, size := 0, 1
	for ; size < 4*n; size *= 2 {
		v *= 2
		if rapid.Bool().Draw(d.t, label) {
			v++
		}
	}
	return v * n / size
}

// oneOf draws one of a list, each about as likely.
func oneOf[T any](d *drawing, list []T, label string) T { return list[d.below(len(list), label)] }

func (d *drawing) coefficient() *big.Rat {
	all := []*big.Rat{big.NewRat(1, 1), big.NewRat(-1, 1), big.NewRat(2, 1), big.NewRat(-1, 2), big.NewRat(1, 3)}
	if d.c.dyadic {
		all = all[:4]
	}
	return oneOf(d, all, "coefficient")
}

func (d *drawing) coefficients(n int) []*big.Rat {
	out := make([]*big.Rat, n)
	for i := range out {
		out[i] = d.coefficient()
	}
	return out
}

// args draws nodes, with shifts to round values.
func (d *drawing) args(n int) []arg {
	v := d.r.nodes(d.r.x)
	out := make([]arg, n)
	for i := range out {
		k := d.below(len(v), "argument")
		to := oneOf(d, []int64{0, 0, 0, 0, 0, 0, 1, -1}, "value")
		out[i] = arg{len(v) - 1 - k, minus(big.NewRat(to, 1), v[len(v)-1-k])}
	}
	return out
}

func (d *drawing) step() step {
	op := oneOf(d, d.c.ops, "op")
	s := step{op: op}
	switch op {
	case "again": // one more occurrence of a step
		if len(d.r.steps) == 0 {
			return step{op: "relu", args: d.args(1)}
		}
		return d.r.steps[d.below(len(d.r.steps), "step")]
	case "linear":
		s.args = d.args(2)
		s.w = d.coefficients(2)
	case "product":
		s.args = d.args(2)
		if d.r.degree(s.args[0].node)+d.r.degree(s.args[1].node) > mostDegree {
			s.op, s.w = "linear", d.coefficients(2)
		}
	case "relu", "abs":
		s.args = d.args(1)
	case "leakyrelu", "pinball":
		s.args, s.w = d.args(1), []*big.Rat{big.NewRat(1, 4)}
	case "clamp":
		s.args = d.args(3)
	case "groupsort":
		s.args, s.k = d.args(4), 2
		s.w = d.coefficients(4)
	default:
		s.args = d.args(2 + d.below(2, "arguments"))
		s.k = 1 + d.below(len(s.args)-1, "k")
		s.w = d.coefficients(len(s.args))
	}
	return s
}

// output combines the last node with some others.
func (d *drawing) output() []term {
	nodes := len(d.r.x) + len(d.r.steps)
	out := []term{{d.coefficient(), nodes - 1}}
	for range 1 + d.below(4, "terms") {
		out = append(out, term{d.coefficient(), d.below(nodes, "node")})
	}
	return out
}

// GoString prints a recipe for failures.
func (r *recipe) GoString() string {
	var b strings.Builder
	name := func(i int) string {
		if i < len(r.x) {
			return fmt.Sprintf("x%d", i)
		}
		return fmt.Sprintf("v%d", i)
	}
	rats := func(w []*big.Rat) (s []string) {
		for _, x := range w {
			s = append(s, x.RatString())
		}
		return s
	}
	fmt.Fprintf(&b, "\nat x = %v", rats(r.x))
	for i := range r.steps {
		s := &r.steps[i]
		fmt.Fprintf(&b, "\n%s = %s k=%d w=%v (", name(len(r.x)+i), s.op, s.k, rats(s.w))
		for _, a := range s.args {
			fmt.Fprintf(&b, " %s%+s", name(a.node), a.shift.RatString())
		}
		b.WriteString(" )")
	}
	for _, o := range r.out {
		b.WriteString("\nout")
		for _, t := range o {
			fmt.Fprintf(&b, " + %s*%s", t.c.RatString(), name(t.node))
		}
	}
	return b.String() + "\n"
}
