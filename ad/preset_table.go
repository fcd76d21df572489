package ad

import "github.com/tamegrad/tamegrad/expr"

// The tables of presets. A step's slot 1 means: the branch x ≥ 0 of relu,
// leakyrelu, elu and hinge, slope τ of pinball, derivative +1 of abs and the norms, the outer sloped
// branch of softthreshold, the first argument of max and min, x itself at the
// bounds of clamp.
//
// Sources are files of the framework's repository, issues (#) of it, or runs.
// "run" is PyTorch 1.13 on the CPU.

func step(v expr.Number, source string) Rule { return Rule{Choice: SlotValue(v), Source: source} }

func ties(c Choice, source string) Rule { return Rule{Choice: c, Source: source} }

func none(reason string) Rule { return Rule{Reason: reason} }

func (r Rule) provided(only func(s *expr.Slot) string) Rule {
	r.only = only
	return r
}

var (
	zero = expr.Num(0)
	half = expr.Ratio(1, 2)
	one  = expr.Num(1)
)

// PyTorch is github.com/pytorch/pytorch.
var PyTorch = Preset{
	Name: "PyTorch",
	Doc:  "relu, abs, leaky_relu, elu, softshrink, maximum and minimum for two, amax and amin over an axis, max_pool2d, clamp, median(), quantile, sort, topk, linalg.norm",
	rules: map[string]Rule{
		"relu.s":           step(zero, "#184572"),
		"abs.s":            step(half, "tools/autograd/derivatives.yaml, abs: sgn"),
		"leakyrelu.s":      step(zero, "run"),
		"elu.s":            step(zero, "aten/src/ATen/native/cpu/Activation.cpp, elu_backward: b <= 0 takes the exponential branch"),
		"pinball.s":        none("it has no pinball loss; write max(t*x, (t - 1)*x), which gives the mean of the two slopes"),
		"hinge.s":          none("relu(1 - x) gives 0 at the kink, clamp(1 - x, min=0) gives 1; write the one that is meant"),
		"softthreshold.hi": step(zero, "softshrink, run"),
		"softthreshold.lo": step(zero, "softshrink, run"),
		"max.s":            step(half, "tools/autograd/derivatives.yaml, maximum"),
		"min.s":            step(half, "tools/autograd/derivatives.yaml, minimum"),
		"clamp.lo":         step(one, "tools/autograd/derivatives.yaml, clamp; run"),
		"clamp.hi":         step(one, "tools/autograd/derivatives.yaml, clamp; run"),
		"amax.w":           ties(EvenTied, "#43519"),
		"amin.w":           ties(EvenTied, "#43519"),
		"maxpool.w":        ties(FirstTied, "max_pool2d, run"),
		"median.w":         ties(EvenTied, "#43519; run").provided(oddCount),
		"quantile.w":       ties(InOrder, "aten/src/ATen/native/Sorting.cpp, quantile: sort, gather and lerp; run on the CPU, where the sort is stable (#185543: not everywhere)"),
		"quantile.pair":    ties(InOrder, "aten/src/ATen/native/Sorting.cpp, quantile: sort, gather and lerp; run on the CPU, where the sort is stable (#185543: not everywhere)"),
		"topksum.w":        ties(FirstTied, "topk, run"),
		"sort.p":           ties(FirstTied, "run: stable"),
		"topk.p":           ties(FirstTied, "run"),
		"groupsort.p":      ties(FirstTied, "sort of x.unflatten(-1, (-1, k)), run: stable"),
		"norm1.s":          step(half, "torch/csrc/autograd/FunctionsManual.cpp, norm_backward: sgn"),
		"norminf.s":        step(half, "torch/csrc/autograd/FunctionsManual.cpp, norm_backward; run"),
		"norminf.w":        ties(EvenTied, "torch/csrc/autograd/FunctionsManual.cpp, norm_backward"),
		"norm2.u":          step(zero, "torch/csrc/autograd/FunctionsManual.cpp, norm_backward: masked"),
	},
}

// JAX is github.com/jax-ml/jax.
var JAX = Preset{
	Name: "JAX",
	Doc:  "nn.relu, nn.leaky_relu, nn.elu, jnp.abs, jnp.maximum and jnp.minimum, jnp.max and jnp.min over an axis, lax.clamp, jnp.median, jnp.quantile, jnp.sort, lax.top_k, jnp.linalg.norm",
	rules: map[string]Rule{
		"relu.s":           step(zero, "jax/_src/nn/functions.py, relu, which cites Bertoin et al. 2021"),
		"abs.s":            step(one, "jax/_src/lax/lax.py, _abs_jvp_rule; #37820"),
		"leakyrelu.s":      step(one, "jax/_src/nn/functions.py, leaky_relu: where(x >= 0, …)"),
		"elu.s":            step(zero, "jax/_src/nn/functions.py, elu: where(x > 0, …)"),
		"pinball.s":        none("it has no pinball loss; write max(t*x, (t - 1)*x), which gives the mean of the two slopes"),
		"hinge.s":          none("nn.relu(1 - x) gives 0 at the kink, jnp.maximum(1 - x, 0) gives 1/2; write the one that is meant"),
		"softthreshold.hi": none("it has no soft threshold; write relu(x - t) - relu(-x - t)"),
		"softthreshold.lo": none("it has no soft threshold; write relu(x - t) - relu(-x - t)"),
		"max.s":            step(half, "jax/_src/lax/lax.py, _balanced_eq"),
		"min.s":            step(half, "jax/_src/lax/lax.py, _balanced_eq"),
		"clamp.lo":         step(zero, "jax/_src/lax/lax.py, clamp_p: lo < x < hi").provided(constantBounds),
		"clamp.hi":         step(zero, "jax/_src/lax/lax.py, clamp_p: lo < x < hi").provided(constantBounds),
		"amax.w":           ties(EvenTied, "jax/_src/lax/lax.py, _reduce_chooser_jvp_rule"),
		"amin.w":           ties(EvenTied, "jax/_src/lax/lax.py, _reduce_chooser_jvp_rule"),
		"maxpool.w":        ties(FirstTied, "jax/_src/lax/windowed_reductions.py, _reduce_window_max: select and scatter with ≥"),
		"median.w":         ties(InOrder, "jax/_src/numpy/reductions.py, _quantile: lax.sort, which is stable, and gather"),
		"quantile.w":       ties(InOrder, "jax/_src/numpy/reductions.py, _quantile: lax.sort, which is stable, and gather"),
		"quantile.pair":    ties(InOrder, "jax/_src/numpy/reductions.py, _quantile: lax.sort, which is stable, and gather"),
		"topksum.w":        ties(FirstTied, "documentation of lax.top_k"),
		"sort.p":           ties(FirstTied, "documentation of lax.sort: stable"),
		"topk.p":           ties(FirstTied, "documentation of lax.top_k"),
		"groupsort.p":      ties(FirstTied, "documentation of lax.sort: stable; sort of x.reshape(…, k)"),
		"norm1.s":          step(one, "jax/_src/numpy/linalg.py, norm: sum of abs"),
		"norminf.s":        step(one, "jax/_src/numpy/linalg.py, norm: max of abs"),
		"norminf.w":        ties(EvenTied, "jax/_src/numpy/linalg.py, norm: max of abs"),
		"norm2.u":          ties(NotANumber, "#21723"),
	},
}

// TensorFlow is github.com/tensorflow/tensorflow.
var TensorFlow = Preset{
	Name: "TensorFlow",
	Doc:  "nn.relu, nn.leaky_relu, keras.activations.elu, abs, maximum and minimum, reduce_max and reduce_min, clip_by_value, sort, math.top_k, norm",
	rules: map[string]Rule{
		"relu.s":           step(zero, "Bolte and Pauwels 2020, arXiv 2006.02080"),
		"abs.s":            step(half, "python/ops/math_grad.py, _AbsGrad: sign"),
		"leakyrelu.s":      step(zero, "core/kernels/relu_op_functor.h, LeakyReluGrad: features > 0"),
		"elu.s":            step(zero, "keras/src/backend/tensorflow/nn.py, elu: where(x > 0, …); nn.elu has a = 1, which is no kink"),
		"pinball.s":        none("it has no pinball loss; write max(t*x, (t - 1)*x), which gives t"),
		"hinge.s":          none("nn.relu(1 - x) gives 0 at the kink, maximum(1 - x, 0) gives 1; write the one that is meant"),
		"softthreshold.hi": none("it has no soft threshold; write relu(x - t) - relu(-x - t)"),
		"softthreshold.lo": none("it has no soft threshold; write relu(x - t) - relu(-x - t)"),
		"max.s":            step(one, "python/ops/math_grad.py, _MaximumGrad: greater_equal"),
		"min.s":            step(one, "python/ops/math_grad.py, _MinimumGrad: less_equal"),
		"clamp.lo":         step(one, "python/ops/clip_ops.py, _clip_by_value_grad"),
		"clamp.hi":         step(one, "python/ops/clip_ops.py, _clip_by_value_grad"),
		"amax.w":           ties(EvenTied, "python/ops/math_grad.py, _MinOrMaxGrad"),
		"amin.w":           ties(EvenTied, "python/ops/math_grad.py, _MinOrMaxGrad"),
		"maxpool.w":        ties(FirstTied, "nn.max_pool2d on the CPU, core/kernels/maxpooling_op.cc: the entry that the index of the maximum names; cuDNN varies"),
		"median.w":         none("it has no median"),
		"quantile.w":       none("it has no quantile"),
		"quantile.pair":    none("it has no quantile"),
		"topksum.w":        ties(FirstTied, "documentation of TopKV2: the lower index first"),
		"sort.p":           ties(FirstTied, "python/ops/sort_ops.py, _ascending_sort: top_k of −x"),
		"topk.p":           ties(FirstTied, "documentation of TopKV2: the lower index first"),
		"groupsort.p":      ties(FirstTied, "python/ops/sort_ops.py, _ascending_sort: top_k of −x; sort of reshape(x, …)"),
		"norm1.s":          step(half, "python/ops/linalg_ops.py, norm: sum of abs"),
		"norminf.s":        step(half, "python/ops/linalg_ops.py, norm: max of abs"),
		"norminf.w":        ties(EvenTied, "python/ops/linalg_ops.py, norm: max of abs"),
		"norm2.u":          ties(NotANumber, "#12071"),
	},
}

// Autograd is github.com/HIPS/autograd.
var Autograd = Preset{
	Name: "Autograd",
	Doc:  "np.abs, np.maximum and np.minimum, np.max and np.min over an axis, np.clip, np.linalg.norm",
	rules: map[string]Rule{
		"relu.s":           none("it has no relu; write max(x, 0), which gives 1/2"),
		"abs.s":            step(half, "autograd/numpy/numpy_vjps.py, abs: replace_zero"),
		"leakyrelu.s":      none("it has no leaky relu; write max(x, a*x)"),
		"elu.s":            none("it has no elu"),
		"pinball.s":        none("it has no pinball loss; write max(t*x, (t - 1)*x), which gives the mean of the two slopes"),
		"hinge.s":          none("it has no hinge; write max(1 - x, 0), which gives 1/2"),
		"softthreshold.hi": none("it has no soft threshold; write max(x - t, 0) - max(-x - t, 0)"),
		"softthreshold.lo": none("it has no soft threshold; write max(x - t, 0) - max(-x - t, 0)"),
		"max.s":            step(half, "autograd/numpy/numpy_vjps.py, balanced_eq"),
		"min.s":            step(half, "autograd/numpy/numpy_vjps.py, balanced_eq"),
		"clamp.lo":         step(zero, "autograd/numpy/numpy_vjps.py, clip: ans != a_min").provided(constantBounds),
		"clamp.hi":         step(zero, "autograd/numpy/numpy_vjps.py, clip: ans != a_max").provided(constantBounds),
		"amax.w":           ties(EvenTied, "autograd/numpy/numpy_vjps.py, grad_chooser"),
		"amin.w":           ties(EvenTied, "autograd/numpy/numpy_vjps.py, grad_chooser"),
		"maxpool.w":        none("it has no pooling"),
		"median.w":         none("np.median has no gradient"),
		"quantile.w":       none("np.quantile has no gradient"),
		"quantile.pair":    none("np.quantile has no gradient"),
		"topksum.w":        none("it has no top-k"),
		"sort.p":           none("np.argsort leaves the order of tied entries open unless a stable kind is asked for"),
		"topk.p":           none("it has no top-k"),
		"groupsort.p":      none("np.argsort leaves the order of tied entries open unless a stable kind is asked for"),
		"norm1.s":          none("np.linalg.norm has a gradient for orders above 1 only; write sum(abs(x))"),
		"norminf.s":        none("the gradient of np.linalg.norm for a general order is no number at ∞; write max(abs(x))"),
		"norminf.w":        none("the gradient of np.linalg.norm for a general order is no number at ∞; write max(abs(x))"),
		"norm2.u":          ties(NotANumber, "autograd/numpy/linalg.py, norm_vjp: g/ans·x"),
	},
}

// Gorgonia is github.com/gorgonia/gorgonia.
var Gorgonia = Preset{
	Name: "Gorgonia",
	Doc:  "Rectify, LeakyRelu, Abs, Max along an axis",
	rules: map[string]Rule{
		"relu.s":           step(one, "nn.go, Rectify: x·(x ≥ 0)"),
		"abs.s":            step(half, "operatorPointwise_unary.go: Sign"),
		"leakyrelu.s":      step(one, "nn.go, LeakyRelu: x·(x ≥ 0) + α·x·(x < 0)"),
		"elu.s":            none("it has no elu"),
		"pinball.s":        none("it has no pinball loss"),
		"hinge.s":          none("it has no hinge; write relu(1 - x), which gives 1"),
		"softthreshold.hi": none("it has no soft threshold; write relu(x - t) - relu(-x - t)"),
		"softthreshold.lo": none("it has no soft threshold; write relu(x - t) - relu(-x - t)"),
		"max.s":            none("it has no differentiable maximum of two; write max([x, y])"),
		"min.s":            none("it has no differentiable minimum of two; write -max([-x, -y])"),
		"clamp.lo":         none("it has no clamp"),
		"clamp.hi":         none("it has no clamp"),
		"amax.w":           ties(AllTied, "op_reduction.go, maxOp.SymDiff"),
		"amin.w":           none("it has no minimum over an axis; write -max(-x)"),
		"maxpool.w":        none("its rule for ties in a window is not known to us"),
		"median.w":         none("it has no median"),
		"quantile.w":       none("it has no quantile"),
		"quantile.pair":    none("it has no quantile"),
		"topksum.w":        none("it has no top-k"),
		"sort.p":           none("it has no differentiable sort"),
		"topk.p":           none("it has no top-k"),
		"groupsort.p":      none("it has no differentiable sort"),
		"norm1.s":          none("its gradient of the norm of order 1 is not known to us; write sum(abs(x))"),
		"norminf.s":        none("its gradient of the norm of order ∞ is not known to us; write max(abs(x))"),
		"norminf.w":        none("its gradient of the norm of order ∞ is not known to us; write max(abs(x))"),
		"norm2.u":          none("its gradient of the norm at 0 is not known to us"),
	},
}

// GoMLX is github.com/gomlx/gomlx.
var GoMLX = Preset{
	Name: "GoMLX",
	Doc:  "activations.Relu, activations.LeakyReluWithAlpha, Abs, Max and Min of two, ReduceMax and ReduceMin, Clip, L1Norm",
	rules: map[string]Rule{
		"relu.s":           step(one, "ml/layers/activations: Max(x, 0); graph/rev_autodiff.go, minMaxVJP"),
		"abs.s":            step(one, "graph/rev_autodiff.go, absVJP"),
		"leakyrelu.s":      step(one, "ml/layers/activations: Where(x ≥ 0, …)"),
		"elu.s":            none("it has selu, but no elu with a parameter"),
		"pinball.s":        none("it has no pinball loss; write max(t*x, (t - 1)*x), which gives t"),
		"hinge.s":          none("it has no hinge; write relu(1 - x), which gives 1"),
		"softthreshold.hi": none("it has no soft threshold; write relu(x - t) - relu(-x - t)"),
		"softthreshold.lo": none("it has no soft threshold; write relu(x - t) - relu(-x - t)"),
		"max.s":            step(one, "graph/rev_autodiff.go, minMaxVJP"),
		"min.s":            step(zero, "graph/rev_autodiff.go, minMaxVJP: the indicators of max, swapped"),
		"clamp.lo":         step(one, "graph, Clip: Min(hi, Max(x, lo)); minMaxVJP"),
		"clamp.hi":         step(one, "graph, Clip: Min(hi, Max(x, lo)); minMaxVJP"),
		"amax.w":           ties(AllTied, "graph/rev_autodiff.go, reduceMaxVJP"),
		"amin.w":           ties(AllTied, "graph/rev_autodiff.go, reduceMinVJP"),
		"maxpool.w":        none("its rule for ties in a window is not known to us"),
		"median.w":         none("its rule at ties is not known to us"),
		"quantile.w":       none("its rule at ties is not known to us"),
		"quantile.pair":    none("its rule at ties is not known to us"),
		"topksum.w":        none("its rule at ties is not known to us"),
		"sort.p":           none("its rule at ties is not known to us"),
		"topk.p":           none("its rule at ties is not known to us"),
		"groupsort.p":      none("its rule at ties is not known to us"),
		"norm1.s":          step(one, "graph, L1Norm: sum of Abs"),
		"norminf.s":        none("it has no norm of order ∞; write max(abs(x))"),
		"norminf.w":        none("it has no norm of order ∞; write max(abs(x))"),
		"norm2.u":          none("its gradient of the norm at 0 is not known to us"),
	},
}
