package expr

import "fmt"

// convolution has the extents of the trilinear form ⟨y, x ∗ k⟩, whose three partial
// gradients are the ops of convolution: images x of shape [n, c·groups, h, w], a
// kernel k of shape [o·groups, c, …] and y of shape [n, o·groups, …]. Channels of x
// and y are in groups, and each group of y sees its own of x.
type convolution struct {
	Window
	groups, n, c, o int
	image, out      [2]int
}

// convolutionOf returns the extents that two of the tensors have; the zero shape
// stands for the third, of which extents gives the two last.
func convolutionOf(x, k, y Shape, extents [2]int, at Attr) (v convolution, err error) {
	groups := at.Int(8)
	if groups < 1 {
		return v, fmt.Errorf("%d groups; there must be at least 1", groups)
	}
	inputs, outputs := 0, 0
	size, image := extents, extents
	if x.Rank() > 0 {
		v.n, inputs, image = x.Dim(-4), x.Dim(-3), [2]int{x.Dim(-2), x.Dim(-1)}
	}
	if y.Rank() > 0 {
		v.n, outputs = y.Dim(-4), y.Dim(-3)
	}
	if k.Rank() > 0 {
		size = [2]int{k.Dim(-2), k.Dim(-1)}
		if x.Rank() > 0 && inputs != k.Dim(-3)*groups || y.Rank() > 0 && outputs != k.Dim(-4) {
			return v, fmt.Errorf("a kernel %v, channels out × channels in × rows × columns, and %d groups do not fit images of shape %v", k, groups, x.orElse(y))
		}
		inputs, outputs = k.Dim(-3)*groups, k.Dim(-4)
	}
	if x.Rank() > 0 && y.Rank() > 0 && x.Dim(-4) != y.Dim(-4) {
		return v, fmt.Errorf("%d and %d images; their numbers must agree", x.Dim(-4), y.Dim(-4))
	}
	if inputs%groups != 0 || outputs%groups != 0 {
		return v, fmt.Errorf("%d channels in and %d out are not in %d groups", inputs, outputs, groups)
	}
	v.Window, v.groups, v.c, v.o, v.image = windowOf(size, at), groups, inputs/groups, outputs/groups, image
	if v.out, err = v.places(image); err != nil {
		return v, err
	}
	if y.Rank() > 0 && v.out != [2]int{y.Dim(-2), y.Dim(-1)} {
		return v, fmt.Errorf("images of %v entries have %v results, not those of shape %v", image, v.out, y)
	}
	return v, nil
}

// orElse returns s, or t if s is the zero shape.
func (s Shape) orElse(t Shape) Shape {
	if s.Rank() == 0 {
		return t
	}
	return s
}

func (v *convolution) shapeX() []int { return []int{v.n, v.c * v.groups, v.image[0], v.image[1]} }
func (v *convolution) shapeK() []int { return []int{v.o * v.groups, v.c, v.Size[0], v.Size[1]} }
func (v *convolution) shapeY() []int { return []int{v.n, v.o * v.groups, v.out[0], v.out[1]} }

// terms is the number of products of which the form is the sum.
func (v *convolution) terms() int {
	seen := [2]int{}
	for axis, n := range v.image {
		for k := range v.Size[axis] {
			first, end := v.inside(axis, k, n, 0, v.out[axis])
			seen[axis] += end - first
		}
	}
	return v.n * v.groups * v.o * v.c * seen[0] * seen[1]
}

// eachTerm calls f with the flat positions of every product's factors.
func (v *convolution) eachTerm(f func(x, k, y int)) {
	area, size, image := v.out[0]*v.out[1], v.Size[0]*v.Size[1], v.image[0]*v.image[1]
	for q := range v.n * v.groups * v.o * v.c {
		c, o := q%v.c, q/v.c%v.o
		group, n := q/(v.c*v.o)%v.groups, q/(v.c*v.o*v.groups)
		x := ((n*v.groups+group)*v.c + c) * image
		k := ((group*v.o+o)*v.c + c) * size
		y := ((n*v.groups+group)*v.o + o) * area
		for p := range area * size {
			r, s := v.at(0, p%size/v.Size[1], p/size/v.out[1]), v.at(1, p%v.Size[1], p/size%v.out[1])
			if 0 <= r && r < v.image[0] && 0 <= s && s < v.image[1] {
				f(x+r*v.image[1]+s, k+p%size, y+p/size)
			}
		}
	}
}
