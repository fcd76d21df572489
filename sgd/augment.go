package sgd

import (
	"cmp"
	"fmt"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// Augmentation changes rows of data at random, each time they are used.
type Augmentation interface {
	// Augment writes a row to dst, of the length of src, which it only reads. It is a
	// function of src and the state of rng, and allocates nothing.
	Augment(dst, src []float64, rng *rand.Rand)
	// Check returns an error if rows of this many entries cannot be augmented.
	Check(width int) error
}

// Images rotates, scales and shifts images: rows of Channels planes of Height rows of
// Width pixels, the first row on top. The angle, clockwise, is uniform in [−Rotate, Rotate],
// the logarithm of the scale
// in [−log(1 + Scale), log(1 + Scale)], and the shifts in [−Shift, Shift], independent
// for each image and equal for its channels. Rotation and scale leave the centre where
// it is; the shift comes last.
//
// A pixel of the result is the bilinear interpolation of the image where it came from,
// and 0 outside. With all ranges 0 rows are copied.
type Images struct {
	Channels, Height, Width int
	Rotate                  float64 // in radians, at least 0
	Scale                   float64 // at least 0: 0.1 for sizes between 1/1.1 and 1.1
	Shift                   float64 // in pixels, at least 0
}

// Check implements [Augmentation].
func (m Images) Check(width int) error {
	if m.Channels < 1 || m.Height < 1 || m.Width < 1 || m.Channels*m.Height*m.Width != width {
		return fmt.Errorf("sgd: images of %d × %d × %d do not make rows of %d numbers", m.Channels, m.Height, m.Width, width)
	}
	return cmp.Or(
		nonnegative("Images", "Rotate", m.Rotate),
		nonnegative("Images", "Scale", m.Scale),
		nonnegative("Images", "Shift", m.Shift),
	)
}

// Augment implements [Augmentation].
func (m Images) Augment(dst, src []float64, rng *rand.Rand) {
	symmetric := func(most float64) float64 { return float64(most * (float64(2*float64(rng.Float64())) - 1)) }
	angle := symmetric(m.Rotate)
	size := kernel.Exp(symmetric(kernel.Log(1 + m.Scale)))
	down, right := symmetric(m.Shift), symmetric(m.Shift)
	w := newWarp(angle, size, down, right, m.Height, m.Width)
	plane := m.Height * m.Width
	for c := 0; c < len(src); c += plane {
		w.apply(dst[c:c+plane], src[c:c+plane])
	}
}

// warp says where pixels come from.
type warp struct {
	height, width int
	cos, sin      float64 // of the angle, over the size
	down, right   float64
}

func newWarp(angle, size, down, right float64, height, width int) warp {
	return warp{height, width, kernel.Cos(angle) / size, kernel.Sin(angle) / size, down, right}
}

// apply writes the image that src becomes.
func (w warp) apply(dst, src []float64) {
	middle, centre := float64(float64(w.height-1)/2), float64(float64(w.width-1)/2)
	for i := range w.height {
		y := float64(i) - middle - w.down
		for j := range w.width {
			x := float64(j) - centre - w.right
			fromY := middle + (float64(w.cos*y) - float64(w.sin*x))
			fromX := centre + (float64(w.sin*y) + float64(w.cos*x))
			dst[i*w.width+j] = w.between(src, fromY, fromX)
		}
	}
}

// between interpolates an image that is 0 outside.
func (w warp) between(src []float64, y, x float64) float64 {
	if !(y > -1 && y < float64(w.height) && x > -1 && x < float64(w.width)) {
		return 0
	}
	i, j := int(y+1)-1, int(x+1)-1 // rounds down
	v, u := y-float64(i), x-float64(j)
	top := float64((1-u)*w.pixel(src, i, j)) + float64(u*w.pixel(src, i, j+1))
	bottom := float64((1-u)*w.pixel(src, i+1, j)) + float64(u*w.pixel(src, i+1, j+1))
	return float64((1-v)*top) + float64(v*bottom)
}

func (w warp) pixel(src []float64, i, j int) float64 {
	if i < 0 || i >= w.height || j < 0 || j >= w.width {
		return 0
	}
	return src[i*w.width+j]
}
