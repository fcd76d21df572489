package expr

import (
	"math/big"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// Convolutions are products of matrices. The patches of an image are a matrix with a
// row for every entry of the window, channel by channel, and a column for every place
// of it, with zeros where it is outside. With k as a matrix of rows of channels out
//
//	y = k·patches(x),  patches(∂x) = kᵀ·y,  ∂k = Σ y·patches(x)ᵀ,
//
// where x collects its entries from the patches. They are made block by block of
// places, so that one stays in the cache. Blocks, and the order in which their sums are
// added, depend on shapes only.

// gradient says by which factor of the form ⟨y, x ∗ k⟩ to differentiate.
type gradient int

const (
	byY gradient = iota // the convolution
	byX
	byK
)

// patchSize is about how many entries a block of patches has.
const patchSize = 1 << 16

// block is a rectangle of places: whole rows of them, or a part of one.
type block struct{ row, rows, column, columns int }

func (b *block) places() int { return b.rows * b.columns }

// PatchBlocks returns how many rows and columns of places a block of patches has, for patches of so many entries at so
// many places. Sums over places add up block by block, and so do those of an image's entry over the patches it is in.
func PatchBlocks(entries int, places [2]int) (rows, columns int) {
	rows, columns = max(1, patchSize/(entries*places[1])), places[1]
	if entries*columns > patchSize {
		columns = max(32, patchSize/entries)
	}
	return rows, columns
}

// blocks cuts the places up.
func (v *convolution) blocks() (out []block) {
	rows, columns := PatchBlocks(v.c*v.Size[0]*v.Size[1], v.out)
	for r := 0; r < v.out[0]; r += rows {
		for s := 0; s < v.out[1]; s += columns {
			out = append(out, block{r, min(rows, v.out[0]-r), s, min(columns, v.out[1]-s)})
		}
	}
	return out
}

// product says which product a block needs, for one group of one image, with so many
// entries of a patch.
func (v *convolution) product(by gradient, entries, places int) kernel.Product {
	area, whole := v.out[0]*v.out[1], v.c*v.Size[0]*v.Size[1]
	switch by {
	case byY:
		return kernel.Product{M: v.o, N: places, K: whole, RowA: whole, ColA: 1, RowB: places, ColB: 1, RowC: area, Count: 1}
	case byX:
		return kernel.Product{M: whole, N: places, K: v.o, RowA: 1, ColA: whole, RowB: area, ColB: 1, RowC: places, Count: 1}
	}
	return kernel.Product{M: v.o, N: entries, K: places, RowA: area, ColA: 1, RowB: 1, ColB: places, RowC: entries, Count: 1}
}

// met is what one entry of the window meets of an image: rows of n entries, and where they begin in the patches and in the
// image.
type met struct{ patch, image, n, rows int }

// meets lists what a block of patches, of channels from on up to to, meets inside the image.
func (v *convolution) meets(b *block, from, to int) (out []met) {
	size, first := v.Size[0]*v.Size[1], 0
	for entry := from * size; entry < to*size; entry++ {
		i, j := entry%size/v.Size[1], entry%v.Size[1]
		r0, r1 := v.inside(0, i, v.image[0], b.row, b.row+b.rows)
		s0, s1 := v.inside(1, j, v.image[1], b.column, b.column+b.columns)
		u := met{
			patch: first + (r0-b.row)*b.columns + s0 - b.column,
			image: (entry/size*v.image[0]+v.at(0, i, r0))*v.image[1] + v.at(1, j, s0),
			n:     s1 - s0, rows: r1 - r0,
		}
		if u.n > 0 && u.rows > 0 {
			out = append(out, u)
		}
		first += b.places()
	}
	return out
}

// clearBorders clears what is between rows of which the first begins all and each has so many columns.
func clearBorders[T Real](u *met, all []T, columns int) {
	if u.n == columns {
		return
	}
	for end := columns; end < len(all); end += columns {
		clear(all[end-columns+u.n : end])
	}
}

// spans reports whether rows of the patches are as far apart as those of the image: then rows are one run with what is
// between them, borders that are outside of the image.
func (v *convolution) spans(b *block) bool {
	return v.Stride == [2]int{1, 1} && b.columns == v.image[1]
}

// convolutions is what a call keeps: how it works, and the parts of a large one.
type convolutions[T Real] struct {
	convolution
	by      gradient
	parts   []convolutionPart[T]
	x, k, y []T
	add     func(dst, x, y []T)
	run     func(part int)
}

// convolutionPart does some of the images, those of a lane after those of the one
// before, for some of the channels of each group.
type convolutionPart[T Real] struct {
	images, channels [2]int
	entries          int // of a patch
	blocks           []blockProduct[T]
	scratch          []T
}

type blockProduct[T Real] struct {
	block
	meets      []met
	spans      bool
	multiplier *kernel.Multiplier[T]
}

// convolve computes the gradient of the form by one of its factors.
func convolve[T Real](by gradient) func(*Call[T]) {
	return func(c *Call[T]) {
		v, _ := c.memo.(*convolutions[T])
		if v == nil {
			v = newConvolutions[T](c, by)
			c.memo = v
		}
		switch by {
		case byY:
			v.x, v.k, v.y = c.In[0], c.In[1], c.Out
		case byX:
			v.x, v.k, v.y = c.Out, c.In[0], c.In[1]
		case byK:
			v.x, v.k, v.y = c.In[0], c.Out, c.In[1]
		}
		if len(v.parts) == 1 {
			v.parts[0].scratch = c.Scratch
			v.part(0)
			return
		}
		c.Team.Do(len(v.parts), v.run)
	}
}

func newConvolutions[T Real](c *Call[T], by gradient) *convolutions[T] {
	v := &convolutions[T]{convolution: mustConvolution(by, c.Shapes, c.Attr), by: by, add: kernel.Of[T]().Add}
	lanes, most := c.Shape.Lead(4).Size(), 1
	if c.Team != nil {
		most = max(1, min(c.Team.Size(), lanes*v.terms()>>21)) // less takes longer to share than to do
	}
	v.share(lanes, most)
	for i := range v.parts {
		q := &v.parts[i]
		q.entries = (q.channels[1] - q.channels[0]) * v.Size[0] * v.Size[1]
		for _, b := range v.blocks() {
			q.blocks = append(q.blocks, blockProduct[T]{
				b, v.meets(&b, q.channels[0], q.channels[1]), v.spans(&b), kernel.NewMultiplier[T](v.product(by, q.entries, b.places())),
			})
		}
		if len(v.parts) > 1 {
			q.scratch = make([]T, v.scratch(by, q.entries))
		}
	}
	v.run = v.part
	return v
}

// share cuts the work into at most so many parts that write to different entries.
func (v *convolutions[T]) share(lanes, most int) {
	cut := func(extent, unit int, set func(q *convolutionPart[T], from, to int)) {
		step := (extent + most - 1) / most
		for from := 0; from < extent; from += step {
			q := convolutionPart[T]{images: [2]int{0, lanes * v.n}, channels: [2]int{0, v.c}}
			set(&q, from*unit, min(from+step, extent)*unit)
			v.parts = append(v.parts, q)
		}
	}
	images := func(q *convolutionPart[T], from, to int) { q.images = [2]int{from, to} }
	switch {
	case v.by != byK:
		cut(lanes*v.n, 1, images)
	case lanes > 1:
		cut(lanes, v.n, images)
	default:
		cut(v.c, 1, func(q *convolutionPart[T], from, to int) { q.channels = [2]int{from, to} })
	}
}

// scratch is how many numbers the work on so many entries of a patch needs: a block of
// patches, what its product needs, and that product itself if it is added to others.
func (v *convolution) scratch(by gradient, entries int) (n int) {
	for _, b := range v.blocks() {
		p := v.product(by, entries, b.places())
		n = max(n, entries*b.places()+p.Scratch())
	}
	if by == byK {
		n += v.o * entries
	}
	return n
}

// part does a part of the call. What is outside the image is 0 in the patches of all
// images.
func (v *convolutions[T]) part(i int) {
	q := &v.parts[i]
	v.clear(q)
	for j := range q.blocks {
		b := &q.blocks[j]
		patches, room := q.scratch[:q.entries*b.places()], q.scratch[q.entries*b.places():]
		clear(patches)
		for image := q.images[0]; image < q.images[1]; image++ {
			for group := range v.groups {
				v.one(q, b, image, group, patches, room)
			}
		}
	}
}

// clear sets what a part adds to to 0.
func (v *convolutions[T]) clear(q *convolutionPart[T]) {
	switch v.by {
	case byX:
		size := v.c * v.groups * v.image[0] * v.image[1]
		clear(v.x[q.images[0]*size : q.images[1]*size])
	case byK:
		all, first := v.c*v.Size[0]*v.Size[1], q.channels[0]*v.Size[0]*v.Size[1]
		for row := q.images[0] / v.n * v.o * v.groups; row < q.images[1]/v.n*v.o*v.groups; row++ {
			clear(v.k[row*all+first:][:q.entries])
		}
	}
}

// one does one block of one group of one image.
func (v *convolutions[T]) one(q *convolutionPart[T], b *blockProduct[T], image, group int, patches, room []T) {
	area, all := v.out[0]*v.out[1], v.c*v.Size[0]*v.Size[1]
	x := v.imageOf(v.x, image, group, v.c*v.image[0]*v.image[1])
	y := v.imageOf(v.y, image, group, v.o*area)[b.row*v.out[1]+b.column:]
	k := v.k[group*v.o*all:]
	if len(v.k) > v.groups*v.o*all {
		k = k[image/v.n*v.groups*v.o*all:]
	}
	switch v.by {
	case byY:
		v.gather(b, patches, x)
		b.multiplier.Multiply(y, k, patches, nil, room)
	case byX:
		b.multiplier.Multiply(patches, k, y, nil, room)
		v.scatter(b, x, patches)
	case byK:
		v.gather(b, patches, x)
		product, room := room[:v.o*q.entries], room[v.o*q.entries:]
		b.multiplier.Multiply(product, y, patches, nil, room)
		for o := range v.o {
			row := k[o*all+q.channels[0]*v.Size[0]*v.Size[1]:][:q.entries]
			v.add(row, row, product[o*q.entries:][:q.entries])
		}
	}
}

// gather copies what is inside the image into a block of patches.
func (v *convolutions[T]) gather(b *blockProduct[T], patches, x []T) {
	for i := range b.meets {
		u := &b.meets[i]
		if b.spans {
			all := patches[u.patch:][:(u.rows-1)*b.columns+u.n]
			copy(all, x[u.image:])
			clearBorders(u, all, b.columns)
			continue
		}
		to, at := u.patch, u.image
		for range u.rows {
			spaced(patches[to:to+u.n], x[at:], v.Stride[1])
			to += b.columns
			at += v.Stride[0] * v.image[1]
		}
	}
}

// scatter adds a block of patches to the image.
func (v *convolutions[T]) scatter(b *blockProduct[T], x, patches []T) {
	for i := range b.meets {
		u := &b.meets[i]
		if b.spans {
			all := patches[u.patch:][:(u.rows-1)*b.columns+u.n]
			clearBorders(u, all, b.columns)
			v.addSpaced(x[u.image:], all)
			continue
		}
		from, at := u.patch, u.image
		for range u.rows {
			v.addSpaced(x[at:], patches[from:from+u.n])
			from += b.columns
			at += v.Stride[0] * v.image[1]
		}
	}
}

// imageOf returns what a tensor has of an image from a group on, which has so many
// entries; lanes may share it.
func (v *convolutions[T]) imageOf(t []T, image, group, size int) []T {
	if len(t) == v.n*v.groups*size {
		image %= v.n
	}
	return t[(image*v.groups+group)*size:]
}

// spaced copies the entries of x that are so far apart.
func spaced[T Real](dst, x []T, stride int) {
	if stride == 1 {
		copy(dst, x)
		return
	}
	for i := range dst {
		dst[i] = x[i*stride]
	}
}

// addSpaced adds to entries of an image that are a stride apart.
func (v *convolutions[T]) addSpaced(x, by []T) {
	if stride := v.Stride[1]; stride > 1 || len(by) < 8 { // the kernel's call costs more
		for i, u := range by {
			x[i*stride] += u
		}
		return
	}
	v.add(x[:len(by)], x[:len(by)], by)
}

// convolveExact is convolve in rationals, term by term.
func convolveExact(by gradient) func(*Call[*big.Rat]) {
	return func(c *Call[*big.Rat]) {
		v := mustConvolution(by, c.Shapes, c.Attr)
		for i := range c.Out {
			c.Out[i] = new(big.Rat)
		}
		own := c.Shape.Trail(4).Size()
		for lane := range c.rows(own) {
			out := c.Out[lane*own : (lane+1)*own]
			a, b := c.row(0, lane, c.Shapes[0].Trail(4).Size()), c.row(1, lane, c.Shapes[1].Trail(4).Size())
			v.eachTerm(func(x, k, y int) {
				p, q, r := by.places(x, k, y)
				if u, w := a[p], b[q]; u.Sign() != 0 && w.Sign() != 0 {
					out[r].Add(out[r], new(big.Rat).Mul(u, w))
				}
			})
		}
	}
}

// places sorts the positions of x, k and y into those of both operands and the result.
func (by gradient) places(x, k, y int) (first, second, result int) {
	switch by {
	case byY:
		return x, k, y
	case byX:
		return k, y, x
	}
	return x, y, k
}
