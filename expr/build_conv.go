package expr

import "fmt"

// Conv2D returns the convolution of images of shape [n, c, h, w], or of one of shape
// [c, h, w], with a kernel of shape [o, c, rows, columns], as frameworks have it: entry
// (o, r, s) is Σ kernel[o, c, i, j]·x[c, r·Stride + i·Dilation − Before, …], with zeros
// outside the image. The extents of the kernel are the window's Size, which may be left
// out. Further leading axes of x are a batch.
func Conv2D(x, kernel Node, w Window) Node { return GroupedConv2D(x, kernel, 1, w) }

// GroupedConv2D is Conv2D of groups of channels one by one: the kernel has the shape
// [o, c/groups, rows, columns], and the first o/groups results are those of the first
// c/groups channels, and so on.
func GroupedConv2D(x, kernel Node, groups int, w Window) Node {
	s, k := x.Shape(), kernel.Shape()
	if k.Rank() >= 2 && w.Size != [2]int{} && w.Size != [2]int{k.Dim(-2), k.Dim(-1)} {
		return failed("conv2d", fmt.Errorf("the window has size %v, the kernel shape %v; they must agree", w.Size, k), x, kernel)
	}
	at := append(w.attr(), Num(float64(groups)))
	if x.Valid() && s.Rank() == 3 {
		y := opConv.Apply(at, Reshape(x, append([]int{1}, s.Dims()...)...), kernel)
		if !y.Valid() {
			return y
		}
		return Reshape(y, y.Shape().Trail(3).Dims()...)
	}
	return opConv.Apply(at, x, kernel)
}

// Conv1D is Conv2D of signals of shape [n, c, length], or of one of shape [c, length],
// with a kernel of shape [o, c, size]; of the window only what is along the columns
// counts.
func Conv1D(x, kernel Node, w Window) Node {
	s, k := x.Shape(), kernel.Shape()
	if s.Rank() < 2 || k.Rank() != 3 {
		return opConv.Apply(append(w.attr(), Num(1)), x, kernel) // says what does not fit
	}
	w.Size, w.Stride[0], w.Dilation[0], w.Before[0], w.After[0] = [2]int{}, 1, 1, 0, 0
	rows := func(s Shape, kept int) []int {
		return append(s.Lead(kept).Dims(), append([]int{1}, s.Trail(kept).Dims()...)...)
	}
	y := Conv2D(Reshape(x, rows(s, 1)...), Reshape(kernel, rows(k, 1)...), w)
	if !y.Valid() {
		return y
	}
	t := y.Shape()
	return Reshape(y, append(t.Lead(2).Dims(), t.Dim(-1))...)
}

// MaxPool2D returns the largest entry of each window over images, the two trailing axes.
// Places outside the image do not count. Each window is one kink, of the entries that
// tie in it.
func MaxPool2D(x Node, w Window) Node {
	return pool(x, w, func(rows Node) Node { return opMaxPool.Apply(nil, rows) })
}

// AveragePool2D returns the mean of each window over images, the two trailing axes.
// Places outside the image count as zeros, or do not count.
func AveragePool2D(x Node, w Window, countOutside bool) Node {
	if countOutside && x.Shape().Rank() >= 2 {
		for i := range 2 {
			if w.Before[i] > 0 || w.After[i] > 0 {
				x = Pad(x, 2-i, w.Before[i], w.After[i])
			}
		}
		w.Before, w.After = [2]int{}, [2]int{}
	}
	return pool(x, w, meanLast)
}

func meanLast(x Node) Node { return opMean.Apply(Ints(1), x) }

// pool reduces every window. Those that have the same entries inside the image are
// reduced together.
func pool(x Node, w Window, reduce func(Node) Node) Node {
	s := x.Shape()
	w = w.whole()
	if !x.Valid() || s.Rank() < 2 {
		return opWindows.Apply(w.inner(), x) // says what does not fit
	}
	image := [2]int{s.Dim(-2), s.Dim(-1)}
	places, err := w.places(image)
	if err != nil {
		return failed("pooling", err, x)
	}
	columns := w.reaches(1, image[1], places[1])
	bands := make([]Node, 0, 3)
	for _, r := range w.reaches(0, image[0], places[0]) {
		pieces := make([]Node, 0, 3)
		for _, c := range columns {
			if r.entries == 0 || c.entries == 0 {
				return failed("pooling", fmt.Errorf("a window of size %v with %v places before and %v after the image lies wholly outside it", w.Size, w.Before, w.After), x)
			}
			part := w
			part.Size = [2]int{r.entries, c.entries}
			rows := reduce(opWindows.Apply(part.inner(), c.slice(1, r.slice(2, x))))
			pieces = append(pieces, Reshape(rows, append(s.Lead(2).Dims(), r.places, c.places)...))
		}
		bands = append(bands, joined(1, pieces))
	}
	return joined(2, bands)
}

// reach is a run of places at which a window has the same entries inside an image, so
// many of them, with the first and the end of what they meet.
type reach struct{ places, entries, first, end int }

// reaches cuts the places along an axis up.
func (w *Window) reaches(axis, n, places int) (out []reach) {
	last := [2]int{-1, -1}
	for p := range places {
		from, to := w.Size[axis], 0
		for k := range w.Size[axis] {
			if at := w.at(axis, k, p); 0 <= at && at < n {
				from, to = min(from, k), k+1
			}
		}
		if now := [2]int{from, to}; now != last {
			last = now
			out = append(out, reach{entries: max(0, to-from), first: w.at(axis, from, p)})
		}
		q := &out[len(out)-1]
		q.places++
		q.end = w.at(axis, to-1, p) + 1
	}
	return out
}

// slice returns what a reach meets along an axis counted from the last, 1.
func (q reach) slice(axis int, x Node) Node {
	if q.first == 0 && q.end == x.Shape().Dim(-axis) {
		return x
	}
	return opSlice.Apply(Ints(axis, q.first, q.end, 1), x)
}

// joined concatenates parts along an axis counted from the last, 1.
func joined(axis int, parts []Node) Node {
	if len(parts) == 1 {
		return parts[0]
	}
	return opConcat.Apply(Ints(axis), parts...)
}

// inner are the attributes of windows inside the image.
func (w Window) inner() Attr {
	return Ints(w.Size[0], w.Size[1], w.Stride[0], w.Stride[1], w.Dilation[0], w.Dilation[1])
}

// failed makes a failed node of a mistake.
func failed(op string, err error, args ...Node) Node {
	if g := graphOf(args); g != nil {
		return g.fail(op, args, err)
	}
	return Node{}
}
