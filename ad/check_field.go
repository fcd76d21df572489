package ad

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// checker holds one question of Check.
type checker struct {
	ctx     context.Context // of the one call that the checker lives for
	f       *expr.Func
	o       CheckOptions
	claimed []float64
	x       [][]float64
	rng     *rand.Rand

	open   *expr.Func // the gradient
	along  *expr.Func // its pairing with a direction, and slot gradients
	grad   *vm.Program
	slopes *vm.Program
	kinks  []Kink
	unsure bool // rounding decides which kinks are active
	blocks []choiceBlock
	middle []float64 // the gradient with all choices in the middle of their sets
	summed float64   // its largest entry if nothing cancelled, see Magnitudes
	spent  int       // runs of the gradient

	vertices [][]float64 // all gradients at extreme points, if few
	rational *exactPairing
}

// choiceBlock is one active kink: its entries in a slot, and the extreme points of
// their set, or a ball.
type choiceBlock struct {
	slot     int
	entries  []int
	vertices [][]float64
	ball     bool
	partial  bool // not all extreme points are listed
}

// maxBlock bounds the extreme points of one kink that are listed.
const maxBlock = 1024

func newChecker(ctx context.Context, f *expr.Func, claimed []float64, x [][]float64, o CheckOptions) (*checker, error) {
	c := &checker{ctx: ctx, f: f, o: o, claimed: claimed, x: x, rng: rand.New(rand.NewPCG(1, 2))}
	if want := total(f.Wrt()); len(claimed) != want {
		return nil, fmt.Errorf("ad: the claimed gradient has %d entries; the inputs to differentiate have %d", len(claimed), want)
	}
	if err := checkPoint(f, x, isFinite); err != nil {
		return nil, err
	}
	var err error
	if c.open, err = Gradient(f); err != nil {
		return nil, err
	}
	if c.along, err = SlotGradient(f); err != nil {
		return nil, err
	}
	if c.grad, err = vm.Compile(c.open, vm.Options{}); err != nil {
		return nil, err
	}
	if c.slopes, err = vm.Compile(c.along, vm.Options{}); err != nil {
		return nil, err
	}
	if c.kinks, err = c.active(); err != nil {
		return nil, err
	}
	slot := map[expr.Node]int{}
	for i, n := range c.open.Slots() {
		slot[n] = i
	}
	for i := range c.kinks {
		c.blocks = append(c.blocks, blockOf(&c.kinks[i], slot[c.kinks[i].Slot.Node]))
	}
	return c, nil
}

// active finds the kinks in float64, and in rationals too if the keys are.
func (c *checker) active() ([]Kink, error) {
	finder, err := NewFinder(c.open)
	if err != nil {
		return nil, err
	}
	kinks, err := finder.At(c.x...)
	if err != nil {
		return nil, err
	}
	if exactly, err := finder.AtExact(ratsOf(c.x)...); err == nil {
		c.unsure = !slices.EqualFunc(kinks, exactly, sameKink)
	}
	return kinks, nil
}

func sameKink(a, b Kink) bool { return a.Slot == b.Slot && slices.Equal(a.Entries, b.Entries) }

func blockOf(k *Kink, slot int) choiceBlock {
	b := choiceBlock{slot: slot, entries: k.Entries}
	if b.ball = k.Pieces == 0; b.ball {
		return b
	}
	for v := range k.Vertices() {
		if len(b.vertices) == maxBlock {
			b.partial = true
			break
		}
		point := make([]float64, len(v))
		for i, w := range v {
			point[i] = float64(w)
		}
		b.vertices = append(b.vertices, point)
	}
	return b
}

// slots returns values for all slots, those of active kinks from a rule.
func (c *checker) slots(rule func(c *checker, b *choiceBlock) []float64) [][]float64 {
	out := buffersFor(c.open.Slots())
	for i := range c.blocks {
		b := &c.blocks[i]
		b.put(out, rule(c, b))
	}
	return out
}

func (b *choiceBlock) put(slots [][]float64, value []float64) {
	for i, e := range b.entries {
		slots[b.slot][e] = value[i]
	}
}

func (b *choiceBlock) get(slots [][]float64) []float64 {
	out := make([]float64, len(b.entries))
	for i, e := range b.entries {
		out[i] = slots[b.slot][e]
	}
	return out
}

// middleOf is the mean of the extreme points.
func middleOf(_ *checker, b *choiceBlock) []float64 {
	out := make([]float64, len(b.entries))
	for _, v := range b.vertices {
		for i, w := range v {
			out[i] += w / float64(len(b.vertices))
		}
	}
	return out
}

// randomIn is a random element of the block's set, in general position.
func randomIn(c *checker, b *choiceBlock) []float64 {
	out, sum := make([]float64, len(b.entries)), 0.0
	if b.ball {
		random.Ball(out, 1, c.rng)
		return out
	}
	for _, v := range b.vertices {
		weight := -kernel.Log(1 - c.rng.Float64())
		sum += weight
		for i, w := range v {
			out[i] += float64(weight * w)
		}
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}

// gradient runs g(x, λ).
func (c *checker) gradient(slots [][]float64) ([]float64, error) {
	if err := c.ctx.Err(); err != nil {
		return nil, err
	}
	c.spent++
	out := buffersFor(c.open.Out())
	err := c.grad.Run(out, append(append([][]float64{}, c.x...), slots...)...)
	return join(out[1:]), err
}

// slotGradient runs the derivative of ⟨g(x, λ), d⟩ in the slots.
func (c *checker) slotGradient(d []float64, slots [][]float64) ([][]float64, error) {
	if err := c.ctx.Err(); err != nil {
		return nil, err
	}
	c.spent++
	out := buffersFor(c.along.Out())
	err := c.slopes.Run(out, append(append(append([][]float64{}, c.x...), c.split(d)...), slots...)...)
	return out[1:], err
}

// split cuts a direction by the inputs.
func (c *checker) split(d []float64) [][]float64 {
	var out [][]float64
	for _, n := range c.f.Wrt() {
		size := n.Shape().Size()
		out, d = append(out, d[:size]), d[size:]
	}
	return out
}

// exactPairing computes ⟨g, d⟩ in rationals, if the program is rational.
func (c *checker) exactPairing() (*exact.Program, bool) {
	if c.rational == nil {
		p, err := exact.Compile(c.along)
		c.rational = &exactPairing{p, err == nil}
	}
	return c.rational.program, c.rational.ok
}

type exactPairing struct {
	program *exact.Program
	ok      bool
}
