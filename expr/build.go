package expr

// broadcastAll stretches nodes to their common shape under numpy's rule.
func broadcastAll(args []Node) ([]Node, error) {
	target := args[0].Shape()
	alike := true
	for _, a := range args[1:] {
		s := a.Shape()
		alike = alike && s == target
		var err error
		if target, err = Broadcast(target, s); err != nil {
			return nil, err
		}
	}
	if alike {
		return args, nil
	}
	out := make([]Node, len(args))
	for i, a := range args {
		out[i] = stretch(a, target)
	}
	return out, nil
}

func stretch(a Node, target Shape) Node {
	if a.Shape() == target {
		return a
	}
	return opBroadcast.Apply(append(Ints(a.Shape().Rank()), Ints(target.Dims()...)...), a)
}

// Arithmetic is elementwise, with numpy's broadcasting.

// Add returns x + y.
func Add(x, y Node) Node { return opAdd.Apply(nil, x, y) }

// Sub returns x − y.
func Sub(x, y Node) Node { return opSub.Apply(nil, x, y) }

// Mul returns x·y, entry by entry.
func Mul(x, y Node) Node { return opMul.Apply(nil, x, y) }

// Div returns x/y.
func Div(x, y Node) Node { return opDiv.Apply(nil, x, y) }

// Neg returns −x.
func Neg(x Node) Node { return opNeg.Apply(nil, x) }

// Scale returns a·x.
func Scale(a float64, x Node) Node { return ScaleNumber(Num(a), x) }

// Shift returns x + b.
func Shift(x Node, b float64) Node { return AffineOf(x, 1, b) }

// AffineOf returns a·x + b.
func AffineOf(x Node, a, b float64) Node { return affineNumbers(x, Num(a), Num(b)) }

// ScaleNumber returns a·x with an exact constant.
func ScaleNumber(a Number, x Node) Node { return affineNumbers(x, a, Number{}) }

func affineNumbers(x Node, a, b Number) Node { return opAffine.Apply(Attr{a, b}, x) }

// Pow returns x^p for a constant p; 0^0 is 1.
func Pow(x Node, p float64) Node { return PowNumber(x, Num(p)) }

// PowNumber returns x^p for an exact constant p.
func PowNumber(x Node, p Number) Node { return opPow.Apply(Attr{p}, x) }

// Power returns x^y for x > 0.
func Power(x, y Node) Node { return opPower.Apply(nil, x, y) }

// Exp returns eˣ.
func Exp(x Node) Node { return opExp.Apply(nil, x) }

// Log returns the natural logarithm.
func Log(x Node) Node { return opLog.Apply(nil, x) }

// Log1p returns log(1 + x).
func Log1p(x Node) Node { return opLog1p.Apply(nil, x) }

// Expm1 returns eˣ − 1.
func Expm1(x Node) Node { return opExpm1.Apply(nil, x) }

// Sqrt returns √x.
func Sqrt(x Node) Node { return opSqrt.Apply(nil, x) }

// Sin returns the sine.
func Sin(x Node) Node { return opSin.Apply(nil, x) }

// Cos returns the cosine.
func Cos(x Node) Node { return opCos.Apply(nil, x) }

// Tanh returns the hyperbolic tangent.
func Tanh(x Node) Node { return opTanh.Apply(nil, x) }

// Sigmoid returns 1/(1 + e⁻ˣ).
func Sigmoid(x Node) Node { return opSigmoid.Apply(nil, x) }

// Softplus returns log(1 + eˣ).
func Softplus(x Node) Node { return opSoftplus.Apply(nil, x) }

// Erf returns the error function.
func Erf(x Node) Node { return opErf.Apply(nil, x) }

// ReLU returns max(x, 0).
func ReLU(x Node) Node { return opReLU.Apply(nil, x) }

// LeakyReLU returns x for x ≥ 0 and a·x for x < 0.
func LeakyReLU(x Node, a float64) Node { return opLeakyReLU.Apply(Attr{Num(a)}, x) }

// Abs returns |x|.
func Abs(x Node) Node { return opAbs.Apply(nil, x) }

// Hinge returns max(1 − x, 0).
func Hinge(x Node) Node { return opHinge.Apply(nil, x) }

// ELU returns x for x ≥ 0 and a·(eˣ − 1) for x < 0, with a > 0: the exponential
// linear unit of Clevert, Unterthiner and Hochreiter (ICLR 2016). It has a kink
// at 0 unless a = 1.
func ELU(x Node, a float64) Node { return opELU.Apply(Attr{Num(a)}, x) }

// Huber returns x²/2 for |x| ≤ delta and delta·(|x| − delta/2) beyond, with
// delta > 0 (Huber, Annals of Mathematical Statistics 35, 1964). It is
// continuously differentiable; its slope clamp(x, −delta, delta) has the kinks.
func Huber(x Node, delta float64) Node { return opHuber.Apply(Attr{Num(delta)}, x) }

// Pinball returns max(tau·x, (tau − 1)·x) with 0 < tau < 1, the loss of quantile
// regression: the mean of pinball(y − c) is least where c is a quantile tau of
// the y (Koenker and Bassett, Econometrica 46, 1978).
func Pinball(x Node, tau float64) Node { return opPinball.Apply(Attr{Num(tau)}, x) }

// SoftThreshold returns relu(x − t) − relu(−x − t) for t > 0.
func SoftThreshold(x Node, t float64) Node { return opSoftThreshold.Apply(Attr{Num(t)}, x) }

// Clamp returns min(max(x, lo), hi).
func Clamp(x, lo, hi Node) Node { return opClamp.Apply(nil, x, lo, hi) }

// Sign returns −1, 0 or 1. It jumps at 0.
func Sign(x Node) Node { return opSign.Apply(nil, x) }

// Floor returns the largest integer ≤ x. It jumps at integers.
func Floor(x Node) Node { return opFloor.Apply(nil, x) }

// Where returns x where z compares true with 0, and y elsewhere. It is a
// branch, not a kink: at z = 0 its derivative is that of the branch taken.
func Where(z Node, how Comparison, x, y Node) Node {
	return opWhere.Apply(Ints(int(how)), z, x, y)
}

// Gate returns s·x, and 0 where s = 0 whatever x is.
func Gate(s, x Node) Node { return opGate.Apply(nil, s, x) }

// Max returns the largest of its arguments: of two, a Step selects; of three
// or more, or of the entries of one tensor's last axis, a Rank.
func Max(x ...Node) Node { return extremumOf(opMax, opAMax, x) }

// Min returns the smallest of its arguments, see Max.
func Min(x ...Node) Node { return extremumOf(opMin, opAMin, x) }

func extremumOf(two, many *Op, x []Node) Node {
	switch len(x) {
	case 1:
		return many.Apply(nil, x...)
	case 2:
		return two.Apply(nil, x...)
	}
	return many.Apply(nil, Stack(x...))
}
