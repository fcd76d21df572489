package expr

import (
	"fmt"
	"math/rand/v2"
)

// Convolution is one trilinear form, ⟨y, x ∗ k⟩ of images x, a kernel k and results y
// (V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning",
// 2016). Its gradients by the three factors are three ops, and the derivatives of each
// are the two others. As in all frameworks the kernel is not reversed.

var (
	opConv = new(Op)
	_      = define(opConv, convolutionRecord(byY,
		"conv2d", "convolution of images [n, c, h, w] with a kernel [o, c/groups, k, l]",
		windowAttrs+" groups", 9, func(v *convolution) []int { return v.shapeY() },
		func(r *Rule, ct Node) []Node {
			x, k, at := r.In(0), r.In(1), r.Attr()
			dx := convolved(opConvX, at, x.Shape(), k, ct)
			return []Node{dx, kernelGradient(at, k.Shape(), x, ct)}
		}))

	opConvX = new(Op)
	_       = define(opConvX, convolutionRecord(byX,
		"conv2dimages", "the adjoint of conv2d in the images, for a kernel and results",
		windowAttrs+" groups extents×2", 11, func(v *convolution) []int { return v.shapeX() },
		func(r *Rule, ct Node) []Node {
			k, y, at := r.In(0), r.In(1), r.Attr()[:9]
			return []Node{kernelGradient(at, k.Shape(), ct, y), collapse(opConv.Apply(at, ct, k), y.Shape())}
		}))

	opConvK = new(Op)
	_       = define(opConvK, convolutionRecord(byK,
		"conv2dkernel", "the adjoint of conv2d in the kernel, for images and results",
		windowAttrs+" groups extents×2", 11, func(v *convolution) []int { return v.shapeK() },
		func(r *Rule, ct Node) []Node {
			x, y, at := r.In(0), r.In(1), r.Attr()[:9]
			dx := convolved(opConvX, at, x.Shape(), ct, y)
			return []Node{dx, collapse(opConv.Apply(at, x, ct), y.Shape())}
		}))
)

func convolutionRecord(by gradient, name, doc, attrs string, count int, own func(v *convolution) []int, vjp func(r *Rule, ct Node) []Node) Op {
	op := Op{
		Name: name, Doc: doc, MinArgs: 2, MaxArgs: 2, Shares: []int{4, 4},
		Attrs: AttrSpec{Names: attrs, Min: count, Max: count, Integer: true},
		Shape: func(in []Shape, at Attr) (Shape, error) {
			lead, err := commonLead(in, 4, 4)
			if err != nil {
				return lead, err
			}
			v, err := convolutionFor(by, in, at)
			if err != nil {
				return lead, err
			}
			return lead.Append(own(&v)...)
		},
		Class: Affine, Degree: sumDegrees,
		Eval: convolve[float64](by), Eval32: convolve[float32](by), Exact: convolveExact(by),
		Scratch: func(in []Shape, at Attr) int {
			v := mustConvolution(by, in, at)
			return v.scratch(by, v.c*v.Size[0]*v.Size[1])
		},
		Flops: func(in []Shape, out Shape, at Attr) int {
			v := mustConvolution(by, in, at)
			return max(2*v.terms()*out.Lead(4).Size()-out.Size(), 0)
		},
		JVP: bilinear, VJP: vjp,
		Sample: sampleConvolution(by),
	}
	if by == byY {
		op.Attrs.Default = func([]Shape) Attr { return append(Window{}.attr(), Num(1)) }
	}
	return op
}

// convolutionFor returns the extents of an op's call.
func convolutionFor(by gradient, in []Shape, at Attr) (convolution, error) {
	a, b := in[0].Trail(4), in[1].Trail(4)
	switch by {
	case byY:
		return convolutionOf(a, b, Shape{}, [2]int{}, at)
	case byX:
		return convolutionOf(Shape{}, a, b, [2]int{at.Int(9), at.Int(10)}, at)
	}
	return convolutionOf(a, Shape{}, b, [2]int{at.Int(9), at.Int(10)}, at)
}

// mustConvolution is convolutionFor of what Shape has accepted.
func mustConvolution(by gradient, in []Shape, at Attr) convolution {
	v, err := convolutionFor(by, in, at)
	if err != nil {
		panic(fmt.Errorf("expr: a convolution that has been built: %w", err))
	}
	return v
}

// convolved applies an adjoint whose result is to have the given shape.
func convolved(op *Op, at Attr, own Shape, a, b Node) Node {
	extents := Ints(own.Dim(-2), own.Dim(-1))
	return collapse(op.Apply(append(append(Attr{}, at...), extents...), a, b), own)
}

// kernelGradient is the gradient by a kernel, which images of all leading axes may share.
func kernelGradient(at Attr, own Shape, x, y Node) Node {
	if own.Rank() == 4 && x.Shape().Rank() > 4 && y.Shape().Rank() > 4 {
		x, y = asImages(x), asImages(y)
	}
	return convolved(opConvK, at, own, x, y)
}

// asImages joins the leading axes of images into one.
func asImages(x Node) Node {
	s := x.Shape()
	n := s.Size() / s.Trail(3).Size()
	return opReshape.Apply(Ints(s.Rank(), n, s.Dim(-3), s.Dim(-2), s.Dim(-1)), x)
}

// sampledConvolutions have strides, dilation, places outside and groups; at one place a
// window meets the image nowhere.
var sampledConvolutions = []convolution{
	{Window: Window{Size: [2]int{2, 2}}, n: 1, groups: 1, c: 1, o: 1, image: [2]int{2, 3}},
	{Window: Square(3, 1, 1), n: 2, groups: 1, c: 2, o: 1, image: [2]int{2, 3}},
	{Window: Square(2, 2, 0), n: 1, groups: 2, c: 1, o: 1, image: [2]int{4, 3}},
	{
		Window: Window{Size: [2]int{1, 2}, Stride: [2]int{1, 2}, Dilation: [2]int{1, 2}, Before: [2]int{1, 1}, After: [2]int{0, 2}},
		n:      1, groups: 1, c: 1, o: 2, image: [2]int{1, 3},
	},
}

func sampleConvolution(by gradient) func(r *rand.Rand) Example {
	return func(r *rand.Rand) Example {
		v := sampledConvolutions[r.IntN(len(sampledConvolutions))]
		v.Window = v.whole()
		v.out, _ = v.places(v.image)
		return v.example(by)(r)
	}
}

func (v *convolution) example(by gradient) func(r *rand.Rand) Example {
	at := append(v.attr(), Num(float64(v.groups)))
	switch by {
	case byY:
		return sampleShaped(at, dyadic, v.shapeX(), v.shapeK())
	case byX:
		return sampleShaped(append(at, Ints(v.image[:]...)...), dyadic, v.shapeK(), v.shapeY())
	}
	return sampleShaped(append(at, Ints(v.Size[:]...)...), dyadic, v.shapeX(), v.shapeY())
}
