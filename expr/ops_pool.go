package expr

import (
	"fmt"
	"math/big"
)

// Pooling reduces the rows of windows; the adjoint of windows adds them up.

const windowsAttrs = "size×2 stride×2 dilation×2"

var (
	opWindows = new(Op)
	_         = define(opWindows, Op{
		Name: "windows", Doc: "the entries of every window of images, which are the two trailing axes, in rows", MinArgs: 1, MaxArgs: 1,
		Attrs: AttrSpec{Names: windowsAttrs, Min: 6, Max: 6, Integer: true}, Structural: true, Selects: true,
		Shape: func(in []Shape, at Attr) (Shape, error) {
			w, out, err := windowsOf(in[0], at)
			if err != nil {
				return in[0], err
			}
			return in[0].Lead(2).Append(out[0]*out[1], w.Size[0]*w.Size[1])
		},
		Class: Affine, Range: firstRange,
		Index: func(in []Shape, out Shape, at Attr) []int32 {
			one, size := windowsIndex(in[0], at), in[0].Trail(2).Size()
			idx := make([]int32, out.Size())
			for i := range idx {
				idx[i] = one[i%len(one)] + int32(i/len(one)*size)
			}
			return idx
		},
		Eval: pick[float64], Eval32: pick[float32], Exact: pick[*big.Rat],
		Transpose: func(r *Rule, ct Node) []Node {
			s := r.In(0).Shape()
			return []Node{opUnwindows.Apply(append(append(Attr{}, r.Attr()...), Ints(s.Dim(-2), s.Dim(-1))...), ct)}
		},
		Sample: sampleShaped(Ints(2, 2, 1, 1, 1, 1), dyadic, []int{2, 3}),
	})

	opUnwindows = new(Op)
	_           = define(opUnwindows, Op{
		Name: "unwindows", Doc: "the adjoint of windows", MinArgs: 1, MaxArgs: 1,
		Attrs: AttrSpec{Names: windowsAttrs + " extents×2", Min: 8, Max: 8, Integer: true},
		Shape: func(in []Shape, at Attr) (Shape, error) {
			if in[0].Rank() < 2 {
				return in[0], fmt.Errorf("shape %v has no rows of windows", in[0])
			}
			image, err := NewShape(at.Int(6), at.Int(7))
			if err != nil {
				return image, err
			}
			w, out, err := windowsOf(image, at)
			if err == nil && (in[0].Dim(-2) != out[0]*out[1] || in[0].Dim(-1) != w.Size[0]*w.Size[1]) {
				err = fmt.Errorf("shape %v is not that of the windows of images %v, %d×%d", in[0], image, out[0]*out[1], w.Size[0]*w.Size[1])
			}
			if err != nil {
				return image, err
			}
			return in[0].Lead(2).Join(image)
		},
		Class: Affine,
		Index: func(in []Shape, out Shape, at Attr) []int32 { return windowsIndex(out, at) },
		Flops: inputSize,
		Eval:  unwindowsBy(addWindows[float64]), Eval32: unwindowsBy(addWindows[float32]), Exact: unwindows(rats),
		Transpose: func(r *Rule, ct Node) []Node { return []Node{opWindows.Apply(r.Attr()[:6], ct)} },
		Sample:    sampleShaped(Ints(2, 2, 1, 1, 1, 1, 2, 3), dyadic, []int{2, 4}),
	})
)

// windowsOf returns a window and its places inside an image.
func windowsOf(s Shape, at Attr) (w Window, out [2]int, err error) {
	if s.Rank() < 2 {
		return w, out, fmt.Errorf("shape %v has no two axes of an image", s)
	}
	w = Window{
		Size: [2]int{at.Int(0), at.Int(1)}, Stride: [2]int{at.Int(2), at.Int(3)}, Dilation: [2]int{at.Int(4), at.Int(5)},
	}
	out, err = w.places([2]int{s.Dim(-2), s.Dim(-1)})
	return w, out, err
}

// windowsIndex lists the positions, in one image, of the entries of its windows.
func windowsIndex(s Shape, at Attr) []int32 {
	w, out, err := windowsOf(s, at)
	if err != nil {
		panic(err) // Shape has accepted the same attributes
	}
	size := w.Size[0] * w.Size[1]
	idx := make([]int32, 0, out[0]*out[1]*size)
	for p := range out[0] * out[1] {
		for k := range size {
			r, c := w.at(0, k/w.Size[1], p/out[1]), w.at(1, k%w.Size[1], p%out[1])
			idx = append(idx, int32(r*s.Dim(-1)+c))
		}
	}
	return idx
}

func unwindows[T any](a arith[T]) func(*Call[T]) {
	return unwindowsBy(func(out, x []T, index []int32) {
		for i := range out {
			out[i] = a.zero
		}
		for i, j := range index {
			out[j] = a.add(out[j], x[i])
		}
	})
}

// addWindows is what unwindows does to an image of floats.
func addWindows[T Real](out, x []T, index []int32) {
	clear(out)
	x = x[:len(index)]
	for i, j := range index {
		out[j] += x[i]
	}
}

func unwindowsBy[T any](one func(out, x []T, index []int32)) func(*Call[T]) {
	return func(c *Call[T]) {
		size, count := c.Shape.Trail(2).Size(), len(c.Index)
		for image := range len(c.Out) / size {
			one(c.Out[image*size:(image+1)*size], c.In[0][image*count:(image+1)*count], c.Index)
		}
	}
}
