package tame

import (
	"fmt"
	"slices"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// certified is a program and the class that it is predicted to be in.
type certified struct {
	name, text string
	shapes     map[string][]int
	kind       expr.Kind
}

// losses are pieces of losses in use, on one sample.
var losses = []certified{
	{"relu, square", "(v*relu(w*x + b) - y)^2/2", nil, expr.PiecewisePolynomial},
	{"leaky relu, absolute", "abs(v*leakyrelu(w*x + b, 0.01) - y)", nil, expr.PiecewisePolynomial},
	{"hinge", "hinge(y*(w*x + b))", nil, expr.PiecewisePolynomial},
	{"huber", "huber(w*x - y, 1)", nil, expr.PiecewisePolynomial},
	{"quantile", "pinball(w*x - y, 0.9)", nil, expr.PiecewisePolynomial},
	{"max pooling", "(max([u*x, v*x, w*x]) - y)^2", nil, expr.PiecewisePolynomial},
	{"sorting", "let s = sort([v*x, w*x]); (s[0] - y)^2", nil, expr.PiecewisePolynomial},
	{"lasso", "sum((matvec(a, w, 0) - y)^2) + norm1(w)", map[string][]int{"a": {3, 2}, "w": {2}, "y": {3}}, expr.PiecewisePolynomial},
	{"group lasso", "sum((matvec(a, w, 0) - y)^2) + norm2(w)", map[string][]int{"a": {3, 2}, "w": {2}, "y": {3}}, expr.Semialgebraic},
	{"normalisation", "w*x/sqrt((w*x)^2 + 1/1000)", nil, expr.Semialgebraic},
	{"logistic", "softplus(-y*(w*x + b))", nil, expr.DefinableExp},
	{"tanh, square", "(v*tanh(w*x + b) - y)^2", nil, expr.DefinableExp},
	{"sigmoid", "sigmoid(w*x)", nil, expr.DefinableExp},
	{"elu", "elu(w*x, 1)", nil, expr.DefinableExp},
	{"attention", "sum(softmax(matvec(k, q, 0))*v)", map[string][]int{"k": {3, 2}, "q": {2}, "v": {3}}, expr.DefinableExp},
	{"gelu", "w*x*(1 + erf(w*x))/2", nil, expr.Pfaffian},
	{"bounded sine", "sin(tanh(w*x))", nil, expr.DefinableAnExp},
}

// refusals are programs that must not be certified.
var refusals = []certified{
	{name: "sine", text: "sin(w*x)"},
	{name: "sine of 1/x", text: "sin(1/x)"},
	{name: "x sin(1/x)", text: "x*sin(1/x)"},
	{name: "cosine of a network", text: "cos(v*relu(w*x))"},
	{name: "rounding", text: "floor(w*x)"},
	{name: "exponential of a floor", text: "exp(floor(x))"},
	{name: "sign", text: "w*sign(x)"},
	{name: "square root", text: "sqrt(w^2)"},
	{name: "nearest neighbours", text: "sum(gatherrows(knn(p, q, 1), p))", shapes: map[string][]int{"p": {3, 2}, "q": {1, 2}}},
	{name: "farthest points", text: "sum(gatherrows(farthest(p, 2), p))", shapes: map[string][]int{"p": {3, 2}}},
}

// notDefinable are the ops with infinitely many pieces or zeros.
var notDefinable = []string{"cos", "floor", "sin"}

func (p certified) class() (expr.Class, error) {
	f, err := parse.Parse(p.text, parse.Shapes(p.shapes))
	if err != nil {
		return expr.Class{}, fmt.Errorf("%s: %w", p.name, err)
	}
	return f.Class(), nil
}

// certificateChecks asks the class analysis about all of them.
func certificateChecks() ([]claim.Check, jsonnum.Object, error) {
	table := jsonnum.Object{}
	right := 0
	for _, p := range losses {
		class, err := p.class()
		if err != nil {
			return nil, nil, err
		}
		table[p.name] = class.String()
		if class.Kind == p.kind && class.Certified() {
			right++
		}
	}
	refused := 0
	for _, p := range refusals {
		class, err := p.class()
		if err != nil {
			return nil, nil, err
		}
		table[p.name] = class.Refused()
		if !class.Certified() && class.Refused() != "" {
			refused++
		}
	}
	whole, err := network.Dense(2, 3, 2).Objective(4)
	if err != nil {
		return nil, nil, err
	}
	crossEntropy := 0.0
	if class := whole.Class(); class.Kind == expr.DefinableExp && class.Certified() {
		crossEntropy = 1
	}
	return []claim.Check{
		{Label: "certified", Sentence: "Losses that are certified in the class predicted.", Predicted: claim.Exact(float64(len(losses))), Measured: claim.Measured(float64(right))},
		{Label: "cross-entropy", Sentence: "A classifier with cross-entropy is definable in ℝ_exp.", Predicted: claim.Exact(1), Measured: claim.Measured(crossEntropy)},
		{Label: "refused", Sentence: "Programs that are refused, with a reason.", Predicted: claim.Exact(float64(len(refusals))), Measured: claim.Measured(float64(refused))},
		{Label: "dictionary", Sentence: "Ops that are definable and should not be, or the other way round.", Predicted: claim.Exact(0), Measured: claim.Measured(float64(dictionaryErrors(expr.Ops())))},
	}, table, nil
}

// dictionaryErrors counts ops whose class is not as predicted.
func dictionaryErrors(ops []*expr.Op) int {
	count := 0
	for _, op := range ops {
		if (op.Class == expr.NotDefinable) != slices.Contains(notDefinable, op.Name) || op.Class == expr.Undeclared {
			count++
		}
	}
	return count
}
