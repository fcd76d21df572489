package critical

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/dataset"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// howZero says which zeros are meant, and how they are met.
type howZero int

const (
	counted     howZero = iota // in an emulated format, counted
	anyOfRows                  // likewise, at least one in a minibatch
	windowed                   // in a native format, near −s
	onceRounded                // of sums in float32 that are rounded once
)

// zeroKind is one kind of zeros whose frequency is measured.
type zeroKind struct {
	arithmetic
	name, what string
	how        howZero
}

var zeroKinds = []zeroKind{
	{bfloat16, "bfloat16", "pre-activations that are 0 in bfloat16", counted},
	{float16, "float16", "pre-activations that are 0 in float16", counted},
	{float16, "float16-minibatch", "minibatches in which one is 0 in float16", anyOfRows},
	{float32s, "float32", "pre-activations that are 0 in float32", windowed},
	{float64s, "float64", "pre-activations that are 0 in float64", windowed},
	{float16, "float16-once", "pre-activations that are 0 once they are rounded to float16", onceRounded},
}

// zeroLayer is a layer of random units on images.
type zeroLayer struct {
	set    *dataset.Set
	units  int
	bound  float64 // of weights
	spread float64 // biases are drawn in this multiple of it
}

const (
	zeroUnits = 256
	zeroBatch = 16 // rows of a minibatch
	// windowUlps is the width of the windows of biases in units in the last place of s: what is rounded to −s lies within
	// one unit of it.
	windowUlps = 4
	// halfLeast is half of the smallest positive float16, which is rounded to 0.
	halfLeast = 0x1p-25
)

func newZeroLayer(set *dataset.Set, spread float64) *zeroLayer {
	return &zeroLayer{set: set, units: zeroUnits, bound: 1 / math.Sqrt(float64(set.D)), spread: spread}
}

// probability predicts the mean frequency over all rows.
func (l *zeroLayer) probability(k zeroKind) float64 {
	sum := 0.0
	for i := range l.set.N {
		sum += l.rowProbability(k, l.sigma(l.set.Row(i)))
	}
	p := sum / float64(l.set.N)
	if k.how == anyOfRows {
		return -math.Expm1(-p * zeroBatch * float64(l.units))
	}
	return p
}

// sigma is the standard deviation of the product of a row with random weights.
func (l *zeroLayer) sigma(row []float64) float64 {
	sum := 0.0
	for _, x := range row {
		sum += float64(x * x)
	}
	return l.bound * math.Sqrt(sum/3)
}

func (l *zeroLayer) rowProbability(k zeroKind, sigma float64) float64 {
	if k.how == onceRounded {
		zero := l.rowProbability(zeroKind{arithmetic: float32s}, sigma)
		return zero + 2*halfLeast*normalWithin(l.bound, sigma)/(2*l.bound)
	}
	sum := 0.0
	for lo := math.Ldexp(1, -60); lo < l.bound; lo *= 2 { // what is smaller has no weight
		share := normalWithin(min(2*lo, l.bound), sigma) - normalWithin(lo, sigma)
		sum += float64(share * lo * k.spacing())
	}
	return sum / (2 * l.bound)
}

// ulp is the spacing of the numbers at x.
func (a arithmetic) ulp(x float64) float64 {
	_, e := math.Frexp(x)
	return math.Ldexp(1, e-a.bits)
}

// measure returns the frequencies for each start.
func (l *zeroLayer) measure(ctx context.Context, c *claim.Context) (map[zeroKind][]float64, error) {
	out := map[zeroKind][]float64{}
	for _, k := range zeroKinds {
		out[k] = make([]float64, c.Int("starts"))
	}
	native := map[int]*layerPrograms{}
	for _, p := range nativeFormats {
		programs, err := l.compile(p)
		if err != nil {
			return nil, err
		}
		native[p.bits] = programs
	}
	err := c.Each(ctx, c.Int("starts"), func(_ context.Context, i int) error {
		rng := c.Rand(claim.At("stream", "layers"), claim.At("start", i))
		for _, p := range nativeFormats {
			s, err := l.start(native[p.bits], rng)
			if err != nil {
				return err
			}
			for _, k := range zeroKinds {
				if k.runsIn() != p.bits {
					continue
				}
				if out[k][i], err = s.frequency(k, rng); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return out, err
}

// runsIn is how many bits the executor's format has with which a kind is measured.
func (k zeroKind) runsIn() int {
	if k.bits == float64s.bits {
		return k.bits
	}
	return float32s.bits
}

// layerPrograms compute products, and pre-activations, of as many rows as there are units.
type layerPrograms struct{ product, sum *vm.Program }

func (l *zeroLayer) compile(p nativeFormat) (*layerPrograms, error) {
	g := expr.NewGraph()
	w, b, x := g.Param("W", l.set.D, l.units), g.Param("b", l.units), g.Data("x", l.units, l.set.D)
	s := expr.MatMul(x, w)
	product, err := g.Func(expr.In(w, x), expr.Out(s))
	if err != nil {
		return nil, err
	}
	sum, err := g.Func(expr.In(w, x, b), expr.Out(expr.Add(s, b)))
	if err != nil {
		return nil, err
	}
	o := vm.Options{Precision: p.precision, Workers: 1}
	out := &layerPrograms{}
	if out.product, err = vm.Compile(product, o); err != nil {
		return nil, err
	}
	out.sum, err = vm.Compile(sum, o)
	return out, err
}

// layerStart is random weights with their products with random rows; row u is the own one of unit u.
type layerStart struct {
	*zeroLayer
	sum *vm.Workspace
	s   []float64
}

func (l *zeroLayer) start(p *layerPrograms, rng *rand.Rand) (*layerStart, error) {
	product := p.product.NewWorkspace()
	w, x := product.In(0), product.In(1)
	for i := range w {
		w[i] = uniform(rng, -l.bound, l.bound)
	}
	for u := range l.units {
		copy(x[u*l.set.D:], l.set.Row(rng.IntN(l.set.N)))
	}
	s := &layerStart{zeroLayer: l, sum: p.sum.NewWorkspace()}
	copy(s.sum.In(0), w)
	copy(s.sum.In(1), x)
	err := product.Run()
	s.s = product.Out(0)
	return s, err
}

func (s *layerStart) frequency(k zeroKind, rng *rand.Rand) (float64, error) {
	switch k.how {
	case counted, anyOfRows:
		return s.count(k, rng), nil
	case onceRounded:
		return s.windows(rng, func(float64) float64 { return 4 * halfLeast }, func(z float64) bool { return math.Abs(z) <= halfLeast })
	}
	return s.windows(rng, func(s float64) float64 { return windowUlps * k.ulp(s) }, func(z float64) bool { return z == 0 })
}

// count counts zeros in an emulated format, or minibatches that have one.
func (s *layerStart) count(k zeroKind, rng *rand.Rand) float64 {
	b := make([]float64, s.units)
	for u := range b {
		b[u] = -k.round(s.spread * uniform(rng, -s.bound, s.bound))
	}
	zeros, batches, inBatch := 0, 0, false
	for r := range s.units {
		for u, p := range s.s[r*s.units : (r+1)*s.units] {
			if k.round(p) == b[u] {
				zeros++
				inBatch = true
			}
		}
		if (r+1)%zeroBatch == 0 {
			if inBatch {
				batches++
			}
			inBatch = false
		}
	}
	if k.how == anyOfRows {
		return float64(batches*zeroBatch) / float64(s.units)
	}
	return float64(zeros) / float64(s.units*s.units)
}

// windows draws the bias of each unit from a window around −s for its own row, and returns the probability of zeros.
func (s *layerStart) windows(rng *rand.Rand, width func(s float64) float64, isZero func(z float64) bool) (float64, error) {
	bound, b := s.spread*s.bound, s.sum.In(2)
	for u := range b {
		own := s.s[u*s.units+u]
		b[u] = -own + uniform(rng, -width(own)/2, width(own)/2)
	}
	if err := s.sum.Run(); err != nil {
		return 0, err
	}
	sum := 0.0
	for u := range b {
		if own := s.s[u*s.units+u]; math.Abs(own) < bound && isZero(s.sum.Out(0)[u*s.units+u]) {
			sum += width(own) / (2 * bound)
		}
	}
	return sum / float64(s.units), nil
}
