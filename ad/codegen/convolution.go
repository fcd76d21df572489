package codegen

import (
	"fmt"
	"strings"

	"github.com/tamegrad/tamegrad/expr"
)

// filter has the extents of a convolution, ⟨y, x ∗ k⟩ as in package expr: images x of n × groups·c channels, a kernel k of
// groups·o × c, and results y of n × groups·o.
type filter struct {
	n, groups, c, o           int
	size, image, places       [2]int
	stride, dilation, outside [2]int
	rows, columns             int // of a block of places, by which sums are ordered
}

// filterOf reads the shapes of x, k and y from those of the operands and the result.
func filterOf(v *value, x, k, y expr.Shape) filter {
	at := func(i int) int { return int(v.attr[i]) }
	f := filter{
		n: x.Dim(-4), groups: at(8), c: k.Dim(-3), o: k.Dim(-4) / at(8),
		size: [2]int{k.Dim(-2), k.Dim(-1)}, image: [2]int{x.Dim(-2), x.Dim(-1)}, places: [2]int{y.Dim(-2), y.Dim(-1)},
		stride: [2]int{at(0), at(1)}, dilation: [2]int{at(2), at(3)}, outside: [2]int{at(4), at(5)},
	}
	f.rows, f.columns = expr.PatchBlocks(f.c*f.size[0]*f.size[1], f.places)
	return f
}

// nested writes loops from 0, the outermost first, around a body.
func nested(body string, names string, extents ...int) string {
	list := strings.Fields(names)
	for i := len(list) - 1; i >= 0; i-- {
		if extents[i] > 1 {
			body = fmt.Sprintf("for %s := range %d {\n%s}\n", list[i], extents[i], body)
		} else {
			body = "{\n" + list[i] + " := 0\n" + body + "}\n"
		}
	}
	return body
}

// blocks writes the loops over blocks of places around a body, and those over the places of one.
func (f *filter) blocks(body string) string {
	return fmt.Sprintf("for top := 0; top < %d; top += %d {\nfor left := 0; left < %d; left += %d {\n%s}\n}\n",
		f.places[0], f.rows, f.places[1], f.columns, body)
}

func (f *filter) inBlock(body string) string {
	return fmt.Sprintf("for r := top; r < min(top+%d, %d); r++ {\nfor s := left; s < min(left+%d, %d); s++ {\n%s}\n}\n",
		f.rows, f.places[0], f.columns, f.places[1], body)
}

// The places of an entry of y, of k and of x, which is inside of the image under a condition.
func (f *filter) y() string {
	return fmt.Sprintf("((n*%d+g*%d+o)*%d+r)*%d+s", f.groups*f.o, f.o, f.places[0], f.places[1])
}

func (f *filter) k() string {
	return fmt.Sprintf("(((g*%d+o)*%d+c)*%d+i)*%d+j", f.o, f.c, f.size[0], f.size[1])
}

func (f *filter) x() (declared, inside, place string) {
	at := func(axis int, place, entry string) string {
		return fmt.Sprintf("%s*%d+%s*%d-%d", place, f.stride[axis], entry, f.dilation[axis], f.outside[axis])
	}
	return fmt.Sprintf("u, v := %s, %s\n", at(0, "r", "i"), at(1, "s", "j")),
		fmt.Sprintf("0 <= u && u < %d && 0 <= v && v < %d", f.image[0], f.image[1]),
		fmt.Sprintf("((n*%d+g*%d+c)*%d+u)*%d+v", f.groups*f.c, f.c, f.image[0], f.image[1])
}

// padded declares what x has at a place, 0 outside.
func (f *filter) padded(x string) string {
	declared, inside, place := f.x()
	return fmt.Sprintf("%sp := 0.0\nif %s {\np = %s[%s]\n}\n", declared, inside, x, place)
}

// lanes writes a body for each position of the leading axes, with the slices of both operands and of the result.
func (g *generator) lanes(v *value, body func(a, b, out string) string) {
	own := v.node.Shape().Trail(4).Size()
	g.each(v.size/own, func(l string) {
		a, b, out := g.rowIn(v, 0, l, v.args[0].shape.Trail(4).Size()), g.rowIn(v, 1, l, v.args[1].shape.Trail(4).Size()), row(v.slice, l, own, v.size)
		fmt.Fprintf(&g.body, "{\nin, by, out := %s, %s, %s\n%s}\n", a, b, out, body("in", "by", "out"))
	})
}

// convolution sums over the entries of the window, channel by channel.
func convolution(g *generator, v *value) {
	f := filterOf(v, v.args[0].shape, v.args[1].shape, v.node.Shape())
	g.lanes(v, func(x, k, y string) string {
		term := f.padded(x) + fmt.Sprintf("sum = math.FMA(%s[%s], p, sum)\n", k, f.k())
		sum := "sum := 0.0\n" + nested(term, "c i j", f.c, f.size[0], f.size[1]) + fmt.Sprintf("%s[%s] = sum\n", y, f.y())
		return nested(sum, "n g o r s", f.n, f.groups, f.o, f.places[0], f.places[1])
	})
}

// convolutionImages adds what each patch gets of y, a sum over the channels, to the entries of the image.
func convolutionImages(g *generator, v *value) {
	f := filterOf(v, v.node.Shape(), v.args[0].shape, v.args[1].shape)
	g.lanes(v, func(k, y, x string) string {
		term := fmt.Sprintf("sum = math.FMA(%s[%s], %s[%s], sum)\n", k, f.k(), y, f.y())
		declared, inside, place := f.x()
		sum := declared + "if " + inside + " {\nsum := 0.0\n" + nested(term, "o", f.o) + fmt.Sprintf("%s[%s] += sum\n}\n", x, place)
		image := f.blocks(nested(f.inBlock(sum), "c i j", f.c, f.size[0], f.size[1]))
		return fmt.Sprintf("clear(%s)\n", x) + nested(image, "n g", f.n, f.groups)
	})
}

// convolutionKernel adds sums over the places of each block.
func convolutionKernel(g *generator, v *value) {
	f := filterOf(v, v.args[0].shape, v.node.Shape(), v.args[1].shape)
	g.lanes(v, func(x, y, k string) string {
		term := f.padded(x) + fmt.Sprintf("sum = math.FMA(%s[%s], p, sum)\n", y, f.y())
		sum := "sum := 0.0\n" + f.inBlock(term) + fmt.Sprintf("%s[%s] += sum\n", k, f.k())
		image := nested(sum, "n g o c i j", f.n, f.groups, f.o, f.c, f.size[0], f.size[1])
		return fmt.Sprintf("clear(%s)\n", k) + f.blocks(image)
	})
}
