package expr

import "fmt"

// Window says how a rectangle of entries moves over images, the two trailing axes of
// a tensor: in each field first the extent along the rows' axis, then along the
// columns'. The window at (r, s) meets entry (r·Stride + i·Dilation − Before) of each
// axis for i < Size. A stride or dilation of 0 stands for 1.
type Window struct {
	Size, Stride, Dilation [2]int
	// Before and After are how many places there are before the first and after the
	// last entry of an axis. A convolution has zeros there; a maximum does not see them.
	Before, After [2]int
}

// Square returns the window of size×size entries that moves by stride, with so many
// places on all four sides.
func Square(size, stride, padding int) Window {
	return Window{
		Size: [2]int{size, size}, Stride: [2]int{stride, stride},
		Before: [2]int{padding, padding}, After: [2]int{padding, padding},
	}
}

// whole replaces strides and dilations that were left out.
func (w Window) whole() Window {
	for i := range 2 {
		w.Stride[i], w.Dilation[i] = defaultTo1(w.Stride[i]), defaultTo1(w.Dilation[i])
	}
	return w
}

func defaultTo1(n int) int {
	if n == 0 {
		return 1
	}
	return n
}

// windowAttrs are the attributes of all fields but the size.
const windowAttrs = "stride×2 dilation×2 before×2 after×2"

func (w Window) attr() Attr {
	w = w.whole()
	return Ints(w.Stride[0], w.Stride[1], w.Dilation[0], w.Dilation[1], w.Before[0], w.Before[1], w.After[0], w.After[1])
}

func windowOf(size [2]int, at Attr) Window {
	return Window{
		Size: size, Stride: [2]int{at.Int(0), at.Int(1)}, Dilation: [2]int{at.Int(2), at.Int(3)},
		Before: [2]int{at.Int(4), at.Int(5)}, After: [2]int{at.Int(6), at.Int(7)},
	}
}

// places returns at how many places the window is along each axis of an image.
func (w Window) places(image [2]int) (out [2]int, err error) {
	for i, n := range image {
		switch reach := (w.Size[i]-1)*w.Dilation[i] + 1; {
		case w.Size[i] < 1 || w.Stride[i] < 1 || w.Dilation[i] < 1:
			return out, fmt.Errorf("a window of size %v, stride %v and dilation %v; all must be at least 1", w.Size, w.Stride, w.Dilation)
		case w.Before[i] < 0 || w.After[i] < 0:
			return out, fmt.Errorf("%v places before and %v after the image; both must be at least 0", w.Before, w.After)
		case reach > n+w.Before[i]+w.After[i]:
			return out, fmt.Errorf("a window of size %v and dilation %v does not fit into images of %v entries with %v places before and %v after", w.Size, w.Dilation, image, w.Before, w.After)
		default:
			out[i] = (n+w.Before[i]+w.After[i]-reach)/w.Stride[i] + 1
		}
	}
	return out, nil
}

// inside returns which places from lo up to hi, along an axis of extent n, have
// entry k of the window inside the image.
func (w *Window) inside(axis, k, n, lo, hi int) (first, end int) {
	shift, stride := k*w.Dilation[axis]-w.Before[axis], w.Stride[axis]
	if shift < 0 {
		lo = max(lo, (stride-1-shift)/stride)
	}
	if last := n - 1 - shift; last < 0 {
		hi = lo
	} else {
		hi = min(hi, last/stride+1)
	}
	return lo, max(lo, hi)
}

// at returns the entry of the image that entry k of the window at a place meets.
func (w *Window) at(axis, k, place int) int {
	return place*w.Stride[axis] + k*w.Dilation[axis] - w.Before[axis]
}
