package vm

import (
	"math"

	"github.com/tamegrad/tamegrad/expr"
	simd "github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// stepOfReLU lets step(z, 0) look at relu(z), which has the same sign if it is not
// 0, and then both steps are 0. So z is often read no more.
func (r *rewriter) stepOfReLU(i int32) {
	args := r.operands(i)
	switch r.op(i).Code {
	case simd.CodeReLU:
		r.relus[args[0]] = i
	case simd.CodeStep:
		relu, ok := r.relus[args[0]]
		slot, uniform := r.node(args[len(args)-1]).Uniform()
		if ok && uniform && len(args) == 2 && r.region[relu] == r.region[args[0]] && math.Float64bits(slot.Float()) == 0 {
			r.setOperands(i, relu, args[1])
		}
	}
}

// ofStep gates by a step, or by what an affine op makes of one: a cotangent meets a
// kink. A step is made again for each of its readers, which costs less than to keep it.
func (r *rewriter) ofStep(i int32) bool {
	step, x := r.operands(i)[0], r.operands(i)[1]
	at, shape := expr.Attr{expr.Num(1), expr.Num(0)}, r.shape(i)
	if r.op(step).Code == simd.CodeAffine && r.along(step, i) && r.shape(step) == shape {
		at, step = r.attr(step), r.operands(step)[0]
	}
	if r.op(step).Code != simd.CodeStep || len(r.operands(step)) != 2 || !r.along(step, i) {
		return false
	}
	z, slot := r.operands(step)[0], r.operands(step)[1]
	if r.shape(step) != shape || r.shape(z) != shape || r.shape(slot) != shape || r.shape(x) != shape {
		return false
	}
	r.fuse(i, operation{r.op(i).OfStep, at, r.id(step)}, z, slot, x)
	r.looked[step] = true
	return true
}

// ofOneStep adds up affine functions of one step with a constant slot, as the weights of both operands of a maximum: the sum
// is an affine function of it too, if that has the same bits for all that the step can be.
func (r *rewriter) ofOneStep(i int32) bool {
	step, a, b := r.affineOfStep(r.operands(i)[0])
	other, c, d := r.affineOfStep(r.operands(i)[1])
	if step < 0 || step != other || !r.along(step, i) || r.shape(step) != r.shape(i) {
		return false
	}
	same := r.eachStep(step, func(s float64) bool {
		x, y := float64(a*s)+b, float64(c*s)+d
		whole := float64((a+c)*s) + (b + d)
		return sameBits(x+y, whole) && sameBits(float64(float32(x)+float32(y)), float64(float32(whole)))
	})
	if same {
		r.fuse(i, operation{affine, expr.Attr{expr.Num(a + c), expr.Num(b + d)}, r.id(i)}, step)
	}
	return same
}

// affineOfStep returns a, b and the step of which value i is a·step + b, −1 if it is not.
func (r *rewriter) affineOfStep(i int32) (step int32, a, b float64) {
	step, a = i, 1
	if r.op(i).Code == simd.CodeAffine {
		at := r.attr(i)
		step, a, b = r.operands(i)[0], at[0].Float(), at[1].Float()
	}
	if r.op(step).Code != simd.CodeStep || r.shape(step) != r.shape(i) {
		return -1, 0, 0
	}
	return step, a, b
}

// withConstant adds or subtracts c instead of 0·s + c for a step s, whose switch a gate looks at too. The slot of the step is
// constant, since it might be ∞, and c a float32, since an affine op does not round it.
func (r *rewriter) withConstant(i int32) {
	code := r.op(i).Code
	if code != simd.CodeAdd && code != simd.CodeSub {
		return
	}
	for k, other := range r.operands(i) {
		x := r.operands(i)[1-k]
		step, a, c := r.affineOfStep(other)
		if step < 0 || a != 0 || c == 0 || float64(float32(c)) != c || !r.looked[step] {
			continue
		}
		if !r.along(other, i) || r.shape(other) != r.shape(i) || r.shape(x) != r.shape(i) {
			continue
		}
		if !r.eachStep(step, func(s float64) bool { return sameBits(float64(a*s)+c, c) }) {
			continue
		}
		if code == simd.CodeSub {
			if c = -c; k == 0 {
				continue
			}
		}
		r.fuse(i, operation{affine, expr.Attr{expr.Num(1), expr.Num(c)}, r.id(i)}, x)
		return
	}
}

// withGate adds up cotangents as they pass a gate.
func (r *rewriter) withGate(i int32) bool {
	for k, a := range r.operands(i) {
		y := r.operands(i)[1-k]
		if r.op(a).Code == simd.CodeGate && r.single(a, i) && r.shape(a) == r.shape(i) && r.shape(y) == r.shape(i) {
			s, x := r.operands(a)[0], r.operands(a)[1]
			if r.shape(s) == r.shape(i) && r.shape(x) == r.shape(i) {
				r.fuse(i, operation{r.op(a).Added, nil, r.id(i)}, s, x, y)
				return true
			}
		}
	}
	return false
}
